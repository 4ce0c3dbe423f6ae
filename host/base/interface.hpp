#pragma once
/// The base of classes that are used through references to their bases.

namespace kindred::host {

/// Destroyed as what it is, never copied.
class Interface {
 public:
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;
  virtual ~Interface() = default;

 protected:
  Interface() = default;
};

}  // namespace kindred::host
