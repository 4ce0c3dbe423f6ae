// The cache of translated and compiled kernels.
//
// Files are named by the content from which they were made:
//   m-KEY.idx  what translator/ptx2cpp.py says about a module; KEY: its PTX, the translator, and what k-KEY depends on
//   k-KEY.cpp  a translated kernel that has not been compiled yet
//   k-KEY.so   a compiled kernel; KEY: its C++ text, the headers in kernel/, compiler and flags
// Every file is written under another name and renamed; .idx and .so end with a checksum. So processes may share the
// folder, any file may be deleted at any time, and one that was damaged is made again. Locks only save repeated work.
#include "tests/cuda_on_cpu/runtime/module.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <thread>

namespace ccpu {
namespace {

const time_t DAY = 24 * 3600;
const time_t MAX_AGE = 30 * DAY;    // since the last use
const u64 MAX_BYTES = 1ull << 30;   // of the folder
const size_t CHECKSUM_LENGTH = 34;  // "\n#" and 32 digits

std::string read_file(const std::string& path) {
  std::ifstream f(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(f), {}};
}

bool exists(const std::string& path) { return access(path.c_str(), R_OK) == 0; }

u64 fnv(const std::string& s, u64 h) {
  for (unsigned char c : s) h = (h ^ c) * 1099511628211ull;
  return h;
}

/// 128 bits of a text as 32 digits.
std::string hash(const std::string& s) {
  char name[40];
  snprintf(name, sizeof name, "%016llx%016llx", static_cast<unsigned long long>(fnv(s, 14695981039346656037ull)),
           static_cast<unsigned long long>(fnv(s, 0x9e3779b97f4a7c15ull)));
  return name;
}

/// Writes a file with its checksum at the end, so that readers see all of it or nothing.
bool write_sealed(const std::string& path, const std::string& content) {
  const std::string tmp = path + "." + std::to_string(getpid()) + ".tmp";
  std::ofstream f(tmp, std::ios::binary);
  f << content << "\n#" << hash(content);
  f.close();
  if (f && rename(tmp.c_str(), path.c_str()) == 0) return true;
  unlink(tmp.c_str());
  return false;
}

/// The content of a file that write_sealed wrote; empty if it is not there or damaged (then it is removed). A file in
/// use is kept from being pruned.
std::string read_sealed(const std::string& path) {
  std::string s = read_file(path);
  if (s.empty()) return s;
  if (s.size() > CHECKSUM_LENGTH) {
    const std::string sum = s.substr(s.size() - CHECKSUM_LENGTH + 2);
    s.resize(s.size() - CHECKSUM_LENGTH);
    if (hash(s) == sum) {
      struct stat st;
      if (stat(path.c_str(), &st) == 0 && st.st_mtime < time(nullptr) - DAY)
        utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
      return s;
    }
  }
  say("%s is damaged and is made again", path.c_str());
  unlink(path.c_str());
  return "";
}

/// An exclusive lock, against other processes, on whatever concerns a key.
struct Lock {
  int fd;
  explicit Lock(const std::string& key) {
    const std::string path = options().cache + "/lock-" + key.substr(0, 2);
    fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (fd >= 0) flock(fd, LOCK_EX);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    if (fd >= 0) close(fd);
  }
};

std::string flags() {
  std::string f = options().cxxflags + " -std=c++17 -ffp-contract=off -fno-strict-aliasing";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) f += " -mfma";
#endif
  return f + (options().race ? " -DCCPU_RACE=1" : "");
}

/// Tells one compiler from another: the file that the command stands for, its size and time.
std::string compiler() {
  const char* path = getenv("PATH");
  std::istringstream list(options().cxx.find('/') != std::string::npos ? "" : path ? path : "");
  std::string folder, file = options().cxx;
  while (std::getline(list, folder, ':'))
    if (access((folder + "/" + options().cxx).c_str(), X_OK) == 0) {
      file = folder + "/" + options().cxx;
      break;
    }
  char* real = realpath(file.c_str(), nullptr);
  std::string r = real ? real : file;
  free(real);
  struct stat st;
  if (stat(r.c_str(), &st) == 0) r += " " + std::to_string(st.st_size) + " " + std::to_string(st.st_mtime);
  return r;
}

/// What a compiled kernel depends on besides its own text.
const std::string& kernel_salt() {
  static const std::string* s =
      new std::string(hash(read_file(options().home + "/kernel/context.hpp") +
                           read_file(options().home + "/kernel/arithmetic.hpp") + compiler() + flags()));
  return *s;
}

/// What a translated module depends on besides its PTX.
const std::string& module_salt() {
  static const std::string* s = [] {
    const std::string folder = options().home + "/translator";
    std::vector<std::string> names;
    if (DIR* d = opendir(folder.c_str())) {
      while (dirent* e = readdir(d)) names.emplace_back(e->d_name);
      closedir(d);
    }
    std::sort(names.begin(), names.end());
    std::string all = kernel_salt();
    for (const std::string& n : names)
      if (n.size() > 3 && n.compare(n.size() - 3, 3, ".py") == 0) all += n + read_file(folder + "/" + n);
    return new std::string(hash(all));
  }();
  return *s;
}

std::string quote(const std::string& s) {
  std::string r = "'";
  for (char c : s) r += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return r + "'";
}

/// Runs a shell command; returns its exit status and the beginning of its output.
int shell(const std::string& command, std::string* output) {
  if (options().verbose) say("%s", command.c_str());
  FILE* p = popen(("unset LD_PRELOAD LD_LIBRARY_PATH; " + command + " 2>&1").c_str(), "r");
  if (!p) return -1;
  char line[1024];
  while (fgets(line, sizeof line, p))
    if (output->size() < 3000) *output += line;
  return pclose(p);
}

/// Once a day: removes what was not used for long, and the oldest files while there are too many bytes.
void prune() {
  static std::once_flag once;
  std::call_once(once, [] {
    const std::string stamp = options().cache + "/pruned";
    struct stat st;
    const time_t now = time(nullptr);
    if (stat(stamp.c_str(), &st) == 0 && st.st_mtime > now - DAY) return;
    std::ofstream(stamp) << "";
    struct File {
      time_t used;
      u64 bytes;
      std::string path;
    };
    std::vector<File> files;
    u64 total = 0;
    if (DIR* d = opendir(options().cache.c_str())) {
      while (dirent* e = readdir(d)) {
        const std::string name = e->d_name, path = options().cache + "/" + name;
        if (name.compare(0, 2, "m-") != 0 && name.compare(0, 2, "k-") != 0) continue;
        if (stat(path.c_str(), &st) != 0) continue;
        files.push_back({st.st_mtime, static_cast<u64>(st.st_size), path});
        total += files.back().bytes;
      }
      closedir(d);
    }
    std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
    for (const File& f : files) {
      if (f.used > now - MAX_AGE && total <= MAX_BYTES) break;
      unlink(f.path.c_str());
      total -= f.bytes;
    }
  });
}

/// Runs the translator on a module: writes the C++ of its kernels and returns its index, empty with a message: failed.
std::string run_translator(const Module& m) {
  prune();
  const std::string base = options().cache + "/m-" + m.key + "." + std::to_string(getpid());
  std::ofstream(base + ".ptx") << unpack(m);
  std::string out;
  const int failed = shell("python3 -B " + quote(options().home + "/translator/ptx2cpp.py") + " " +
                               quote(base + ".ptx") + " " + quote(options().cache) + " " + kernel_salt(),
                           &out);
  std::string index = failed ? "" : read_file(base + ".idx");
  unlink((base + ".ptx").c_str());
  unlink((base + ".idx").c_str());
  if (index.empty())
    say("cannot translate the PTX of %s (cache folder %s): %s", m.file.c_str(), options().cache.c_str(), out.c_str());
  return index;
}

void parse_index(const std::string& index, Module* m) {
  std::istringstream f(index);
  std::string line, word;
  while (std::getline(f, line)) {
    std::istringstream s(line);
    std::string n;
    s >> word >> n;
    if (word == "kernel") {
      KernelEntry& k = m->kernels[n];
      s >> k.key >> k.shared >> k.local >> k.threads;
    } else if (word == "broken") {
      std::getline(s, m->kernels[n].broken);
    } else if (word == "global") {
      GlobalEntry& e = m->globals[n];
      s >> e.align >> e.size >> e.data >> e.relocations;
    }
  }
}

/// Compiles a kernel into the cache unless it is there. False with a message: failed.
bool compile(const Module& m, const std::string& name, const KernelEntry& k) {
  const std::string base = options().cache + "/k-" + k.key, object = base + ".so", source = base + ".cpp";
  std::string out;
  for (int attempt = 0; attempt < 2; attempt++) {
    {
      const Lock lock(k.key);
      if (!read_sealed(object).empty()) return true;
      if (exists(source)) {
        prune();
        const std::string tmp = base + "." + std::to_string(getpid()) + ".o.tmp";
        Dl_info here;
        dladdr(reinterpret_cast<void*>(&options), &here);
        const int failed = shell(options().cxx + " " + flags() + " -w -fPIC -shared -fvisibility=hidden -I" +
                                     quote(options().home + "/kernel") + " " + quote(source) + " " +
                                     quote(here.dli_fname) + " -o " + quote(tmp),
                                 &out);
        const bool done = !failed && write_sealed(object, read_file(tmp));
        unlink(tmp.c_str());
        if (done) {
          unlink(source.c_str());
          return true;
        }
        if (attempt == 0) unlink(source.c_str());  // it may be damaged
      }
    }
    if (attempt == 0 && run_translator(m).empty()) return false;
  }
  say("cannot compile kernel %s (%s): %s", demangle(name.c_str()).c_str(), source.c_str(), out.c_str());
  return false;
}

}  // namespace

bool translate(Module* m) {
  std::string ptx;
  for (const PackedPtx& p : m->ptx)
    if (p.arch == m->arch) ptx += p.data;
  m->key = hash(module_salt() + ptx);
  const std::string path = options().cache + "/m-" + m->key + ".idx";
  const Lock lock(m->key);
  std::string index = read_sealed(path);
  if (index.empty()) {
    index = run_translator(*m);
    if (index.empty()) return false;
    write_sealed(path, index);  // if that fails, the next process translates again
  }
  parse_index(index, m);
  return true;
}

const KernelDesc* load_kernel(const Module& m, const std::string& name) {
  const KernelEntry& k = m.kernels.at(name);
  const std::string object = options().cache + "/k-" + k.key + ".so";
  if (!compile(m, name, k)) return nullptr;
  void* dl = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!dl) {
    say("cannot load a translated kernel: %s", dlerror());
    return nullptr;
  }
  return static_cast<const KernelDesc*>(dlsym(dl, "ccpu_kernel"));
}

void compile_all(const Module& m) {
  std::vector<std::pair<std::string, const KernelEntry*>> todo;
  for (auto& k : m.kernels)
    if (k.second.broken.empty()) todo.push_back({k.first, &k.second});
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  const unsigned n = std::max(static_cast<unsigned>(options().jobs), std::thread::hardware_concurrency());
  for (unsigned i = 0; i < n; i++)
    threads.emplace_back([&] {
      for (size_t j; (j = next++) < todo.size();) compile(m, todo[j].first, *todo[j].second);
    });
  for (auto& x : threads) x.join();
}

}  // namespace ccpu
