#pragma once
/// Runs the program as a user would, in a folder of its own.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace kindred::test {

struct Finished {
  int code = -1;  ///< exit code, or 128 + the signal that ended it
  std::string out, err;
};

/// A new empty folder, removed with its owner.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Runs `kindred ARGUMENTS` in the folder.
  [[nodiscard]] Finished kindred(const std::vector<std::string>& arguments) const;
  /// The same; sends `signal` as soon as something was written to standard error.
  [[nodiscard]] Finished kindred_interrupted(const std::vector<std::string>& arguments, int signal) const;

  /// How a run differs from a plain one.
  struct Conditions {
    std::function<void(int process)> meanwhile = {};  ///< called when the program has been started
    std::uint64_t address_space = 0;                  ///< bytes that it may map; 0: any
    std::uint64_t stack = 0;                          ///< bytes of its stack; 0: as here
  };
  /// The same; ends with SIGALRM (142) after 60 seconds.
  [[nodiscard]] Finished kindred_under(const Conditions& conditions, const std::vector<std::string>& arguments) const;

  /// Runs another program, found on the PATH, in the folder; ends with SIGALRM (142) after 60 seconds. The words
  /// "kindred" after the first are the program's path.
  [[nodiscard]] Finished other_program(const Conditions& conditions, std::vector<std::string> words) const;

  [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }
  [[nodiscard]] std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& content) const;
  /// Names of all files.
  [[nodiscard]] std::vector<std::string> list() const;

  /// A version 1.0 .npy of float64 in C order.
  void write_npy(const std::string& name, const std::vector<std::int64_t>& shape,
                 const std::vector<double>& values) const;

  /// A .npy as the format's specification has it; the shape as text, "(9, 9)".
  struct Npy {
    std::string dtype, shape;
    std::vector<double> values;
  };
  [[nodiscard]] Npy read_npy(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace kindred::test
