#pragma once
/// The HDF5 library, quiet and one thread at a time.
#define H5_USE_110_API  // the functions' forms of 1.10, which later libraries have too
#include <hdf5.h>

#include "host/io/file.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace kindred::io::hdf5 {

/// While one lives, its thread has the library for itself, and the library prints nothing.
class Session {
 public:
  Session() : alone_(mutex(), std::defer_lock) {
    if (!in_child()) alone_.lock();
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

  /// Whether this process is a child of hdf5::apart. It has one thread and takes no lock: the thread that forked it
  /// holds the lock, and is not there to give it back.
  static bool& in_child() {
    static bool child = false;
    return child;
  }

 private:
  static std::recursive_mutex& mutex() {
    static std::recursive_mutex one;
    return one;
  }

  std::unique_lock<std::recursive_mutex> alone_;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// Something that the library has opened, or failed to open.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close end) : id_(id), close_(end) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ < 0) return;
    const Session session;
    close_(id_);
  }

  explicit operator bool() const { return id_ >= 0; }
  [[nodiscard]] hid_t get() const { return id_; }
  /// False if what was still to be written could not be.
  [[nodiscard]] bool close() {
    const Session session;
    return id_ < 0 || close_(std::exchange(id_, -1)) >= 0;
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// What the library says of its last failure: the text of the innermost function, on one line.
[[nodiscard]] std::string last_error();

/// A file in memory, opened where it lies: nothing is copied, nothing is written. `bytes` must outlive it. No good if
/// the library refuses the file.
[[nodiscard]] Handle open_image(const Bytes& bytes);

}  // namespace kindred::io::hdf5
