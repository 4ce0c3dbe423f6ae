#pragma once
/// Matrices of results: what `pairwise` wrote, or another program.
#include <kindred/types.hpp>

#include <string>
#include <vector>

namespace kindred::io {

/// A square array of a file, as float64 in C order.
struct Matrix {
  std::string name;  ///< the array's in a .npz, else the file's without its ending
  index_t size = 0;
  std::vector<double> values;  ///< size x size
};

/// The arrays of a .npy or .npz, or the one of "x.npz:array", in the order they are stored. Throws Error{io} for other
/// files, Error{invalid_data} unless every array is float32 or float64 and n x n.
[[nodiscard]] std::vector<Matrix> read_matrices(const std::string& path);

}  // namespace kindred::io
