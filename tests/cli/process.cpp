#include "tests/cli/process.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

namespace kindred::test {
namespace {

namespace fs = std::filesystem;

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
};

/// Reads both pipes to their ends; calls `first_word` when the second has given its first bytes.
void drain(int out, int err, Finished& result, const std::function<void()>& first_word) {
  std::array<pollfd, 2> files = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&result.out, &result.err};
  while (files[0].fd >= 0 || files[1].fd >= 0) {
    if (::poll(files.data(), files.size(), -1) < 0) continue;
    for (std::size_t k = 0; k < files.size(); ++k) {
      if (files[k].fd < 0 || files[k].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t n = ::read(files[k].fd, buffer.data(), buffer.size());
      if (n <= 0) {
        ::close(files[k].fd);
        files[k].fd = -1;
        continue;
      }
      if (k == 1 && result.err.empty()) first_word();
      texts[k]->append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
}

void limit(int resource, std::uint64_t bytes) {
  if (bytes == 0) return;
  const rlimit both{bytes, bytes};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

Finished run_words(const fs::path& folder, std::vector<std::string> words, int signal,
                   const Folder::Conditions& conditions, bool limited) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  Pipe out, err;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(out.ends[1], STDOUT_FILENO);
    ::dup2(err.ends[1], STDERR_FILENO);
    for (const int fd : {out.ends[0], out.ends[1], err.ends[0], err.ends[1]}) ::close(fd);
    ::alarm(limited ? 60 : 0);
    limit(RLIMIT_AS, conditions.address_space);
    limit(RLIMIT_STACK, conditions.stack);
    if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  Finished result;
  if (conditions.meanwhile) conditions.meanwhile(child);
  drain(out.ends[0], err.ends[0], result, [child, signal] {
    if (signal != 0) ::kill(child, signal);
  });
  int status = 0;
  ::waitpid(child, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

Finished run(const fs::path& folder, const std::vector<std::string>& arguments, int signal,
             const Folder::Conditions& conditions = {}) {
  std::vector<std::string> words = {KINDRED_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const bool limited = conditions.meanwhile || conditions.address_space + conditions.stack > 0;
  return run_words(folder, std::move(words), signal, conditions, limited);
}

}  // namespace

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "kindred-test-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}
Folder::~Folder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

Finished Folder::kindred(const std::vector<std::string>& arguments) const { return run(path_, arguments, 0); }
Finished Folder::kindred_interrupted(const std::vector<std::string>& arguments, int signal) const {
  return run(path_, arguments, signal);
}

Finished Folder::kindred_under(const Conditions& conditions, const std::vector<std::string>& arguments) const {
  return run(path_, arguments, 0, conditions);
}

Finished Folder::other_program(const Conditions& conditions, std::vector<std::string> words) const {
  std::replace(words.begin() + 1, words.end(), std::string("kindred"), std::string(KINDRED_PROGRAM));
  return run_words(path_, std::move(words), 0, conditions, /*limited=*/true);
}

std::string Folder::read(const std::string& name) const {
  std::ifstream file(path_ / name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Folder::write(const std::string& name, const std::string& content) const {
  std::ofstream(path_ / name, std::ios::binary) << content;
}

std::vector<std::string> Folder::list() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void Folder::write_npy(const std::string& name, const std::vector<std::int64_t>& shape,
                       const std::vector<double>& values) const {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  for (const auto n : shape) header += std::to_string(n) + ",";
  header += "), }";
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  std::string file = "\x93NUMPY\x01";
  file.push_back('\0');
  file.push_back(static_cast<char>(header.size() & 0xffU));
  file.push_back(static_cast<char>(header.size() >> 8U));
  file += header;
  file.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  write(name, file);
}

Folder::Npy Folder::read_npy(const std::string& name) const {
  const std::string file = read(name);
  REQUIRE(file.size() > 10);
  REQUIRE(file.starts_with("\x93NUMPY\x01"));
  const std::size_t header = static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
  const std::string text = file.substr(10, header);
  const auto after = [&text](const std::string& key, char open, char close) {
    const auto start = text.find(open, text.find(key) + key.size());
    return text.substr(start, text.find(close, start + 1) - start + 1);
  };
  CHECK(text.find("'fortran_order': False") != std::string::npos);
  Npy npy{after("'descr':", '\'', '\''), after("'shape':", '(', ')'), {}};
  npy.values.resize((file.size() - 10 - header) / sizeof(double));
  std::memcpy(npy.values.data(), file.data() + 10 + header, npy.values.size() * sizeof(double));
  return npy;
}

}  // namespace kindred::test
