#pragma once
#include <kindred/export.hpp>

#include <stdexcept>
#include <string>

namespace kindred {

/// What kind of thing went wrong; the command line maps each to an exit code.
enum class ErrorCode {
  invalid_argument,  ///< a parameter is out of range or contradicts another
  invalid_data,      ///< an array has the wrong shape, type or values (NaN, Inf, constant ...)
  io,                ///< a file is missing, truncated, malformed, or cannot be written
  device,            ///< a device is absent or failed
  out_of_memory,     ///< the host or device budget does not suffice
  cancelled,         ///< the caller's progress callback asked to stop
};

/// The one exception type of the library. `what()` names the file, array or system, the value found,
/// the value expected, and what to do about it.
class KINDRED_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace kindred
