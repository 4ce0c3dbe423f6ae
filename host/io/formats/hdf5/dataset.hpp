#pragma once
/// One dataset of an open file.
#include "host/io/formats/format.hpp"
#include "host/io/formats/hdf5/library.hpp"

#include <memory>
#include <string>

namespace kindred::io::hdf5 {

/// An open file, and what keeps it readable.
struct File {
  explicit File(const Bytes& image) : bytes(image) {}
  Bytes bytes;
  Handle handle;  // closed before the bytes go
  bool matlab = false;
};

/// What the dataset is and how it is read; nothing but its header is looked at. `reversed`: its axes are those of a
/// program that stores them in reversed order. What is wrong with it becomes its `problem`.
[[nodiscard]] std::shared_ptr<Stored> describe(const std::shared_ptr<const File>& file, Handle dataset,
                                               const std::string& origin, bool reversed);

/// The attribute MATLAB_class of a dataset or group ("double", "cell", "char"); empty if it has none.
[[nodiscard]] std::string matlab_class(hid_t object);

/// A string attribute or dataset of at most 63 characters; empty if it is none.
[[nodiscard]] std::string short_text(hid_t object, hid_t type, bool attribute);

/// The lengths of the axes of a dataset; none for a scalar. Throws Error{io} where one is longer than 2^63 - 1.
[[nodiscard]] std::vector<index_t> shape_of(hid_t dataset, const std::string& origin);

}  // namespace kindred::io::hdf5
