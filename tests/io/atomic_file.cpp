#include "host/io/atomic_file.hpp"

#include <kindred/kindred.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <utility>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;

TEST_CASE("a file appears when it is complete", "[io]") {
  const files::Folder folder;
  folder.write("out", "old");
  {
    io::AtomicFile file(folder / "out");
    file.write("new ");
    file.write("content");
    CHECK(file.bytes_written() == 11);
    CHECK(files::read(folder / "out") == "old");
    file.commit();
    CHECK(files::read(folder / "out") == "new content");
  }
  CHECK(files::read(folder / "out") == "new content");
  {
    io::AtomicFile file(folder / "out");
    file.write("abandoned");
  }
  CHECK(files::read(folder / "out") == "new content");
  CHECK(folder.names() == std::vector<std::string>{"out"});
}

TEST_CASE("what a killed process left is removed by the next write to the same place", "[io]") {
  const files::Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    io::AtomicFile file(folder / "out");
    file.write("half");
    ::raise(SIGKILL);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(folder.names().size() == 1);
  REQUIRE(folder.names().front().starts_with(".out." + std::to_string(child)));
  // Not those of other targets, of living processes, or of other makes.
  const std::vector<std::string> kept{".out." + std::to_string(::getpid()) + "-7.tmp", ".out.x.tmp", ".out2.1-0.tmp"};
  for (const auto& name : kept) folder.write(name, "");
  io::write_file(folder / "out", "whole");
  auto expected = kept;
  expected.emplace_back("out");
  std::sort(expected.begin(), expected.end());
  CHECK(folder.names() == expected);
  CHECK(files::read(folder / "out") == "whole");
}

TEST_CASE("a temporary that another machine still writes is left alone", "[io]") {
  // Its process is none of this machine's: what tells is the lock that it holds.
  const files::Folder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  const std::string name = ".out." + std::to_string(child) + "-0.tmp";
  folder.write(name, "half");
  const int fd = ::open((folder / name).c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(::flock(fd, LOCK_EX) == 0);
  io::write_file(folder / "out", "whole");
  CHECK(folder.names() == std::vector<std::string>{name, "out"});
  ::close(fd);
  io::write_file(folder / "out", "again");
  CHECK(folder.names() == std::vector<std::string>{"out"});
}

TEST_CASE("a full disk leaves the old file and no temporary", "[io]") {
  const files::Folder folder;
  folder.write("out.npy", "old");
  folder.write("out.npz", "old");
  const std::vector<double> values(5000);
  const auto check = [&](const auto& save) {
    ErrorCode code{};
    std::string message;
    {
      const files::SmallDisk disk(10000);
      message = error_of(save, &code);
    }
    CHECK(code == ErrorCode::io);
    CHECK_THAT(message, Contains("cannot be written") && Contains("after 10000 bytes"));
    CHECK(folder.names() == std::vector<std::string>{"out.npy", "out.npz"});
  };
  check([&] { save_npy(folder / "out.npy", {50, 100}, values.data()); });
  check([&] { save_npz(folder / "out.npz", {{"a", {50, 100}, values.data()}}); });
  CHECK((files::read(folder / "out.npy") == "old" && files::read(folder / "out.npz") == "old"));
}

TEST_CASE("files of a group appear together or not at all", "[io]") {
  const files::Folder folder;
  folder.write("b", "old");
  const auto write = [&](std::size_t bytes) {
    io::AtomicFiles group;
    group.add(folder / "a").write("new");
    group.add(folder / "b").write(std::string(bytes, 'x'));
    group.add(folder / "c").write("new");
    CHECK(files::read(folder / "b") == "old");
    group.commit();
  };
  {
    const files::SmallDisk disk(1000);
    CHECK_THAT(error_of([&] { write(1001); }), Contains("/b: cannot be written"));
  }
  CHECK(folder.names() == std::vector<std::string>{"b"});
  CHECK(files::read(folder / "b") == "old");
  write(1001);
  CHECK(folder.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(files::read(folder / "b").size() == 1001);
}

TEST_CASE("files of a group appear one after the other, in the order in which they were added", "[io]") {
  const files::Folder folder;
  io::AtomicFiles group;
  for (const char* name : {"a", "b", "c"}) group.add(folder / name).write("new");
  folder.write("b/occupied", "");  // a folder that is not empty cannot be replaced
  CHECK_THAT(error_of([&] { group.commit(); }), Contains("/b: cannot be written"));
  CHECK(std::filesystem::exists(folder / "a"));
  CHECK_FALSE(std::filesystem::exists(folder / "c"));
}

TEST_CASE("a device is written to and never replaced", "[io]") {
  const double zeros[4] = {};
  ErrorCode code{};
  CHECK_THAT(error_of(
                 [&] {
                   save_npy("/dev/full", {2, 2}, zeros);
                 },
                 &code),
             Contains("/dev/full") && Contains("No space left"));
  CHECK(code == ErrorCode::io);
  save_npy("/dev/null", {2, 2}, zeros);
  CHECK(std::filesystem::is_character_file("/dev/full"));
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("to ask whether a pipe can be written waits for nobody and opens nothing", "[io]") {
  const files::Folder folder;
  const std::string path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  io::require_writable(path);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  io::require_writable(path);
  io::write_file(path, "text");
  char buffer[8] = {};
  CHECK(::read(reader, buffer, sizeof buffer) == 4);
  CHECK(std::string(buffer) == "text");
  ::close(reader);
}

TEST_CASE("an output that cannot be written is refused before any work", "[io]") {
  const files::Folder folder;
  folder.write("file", "content");
  for (const std::string& path :
       {folder / "no/such/out", folder / "file/out", folder / ".", folder / "file/", std::string()}) {
    CAPTURE(path);
    CHECK_THAT(error_of([&] { io::require_writable(path); }), Contains("cannot be written"));
  }
  io::require_writable(folder / "new");
  io::require_writable(folder / "file");
  CHECK(files::read(folder / "file") == "content");
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("links are followed and permissions kept", "[io]") {
  const files::Folder folder;
  folder.write("data/real", "old");
  ::chmod((folder / "data/real").c_str(), 0640);
  std::filesystem::create_symlink("data/real", folder / "link");
  io::write_file(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(files::read(folder / "data/real") == "new");
  CHECK(std::filesystem::status(folder / "data/real").permissions() == std::filesystem::perms(0640));
  io::write_file(std::string(folder / std::string(250, 'n')), "a name as long as they come");
  CHECK(folder.names().size() == 3);
}
