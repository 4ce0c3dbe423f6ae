#pragma once
/// One number of each pair on its way into a matrix on disk: tiles become rectangles of values, in either triangle of a
/// symmetric matrix, or stretches of a condensed one.
#include <kindred/job.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace kindred::host {

/// Numbers as a file holds them.
class Encoder {
 public:
  enum class Type { float64, float32, byte };

  explicit Encoder(Type type) : type_(type) {}
  [[nodiscard]] std::size_t bytes() const;  ///< of one number
  /// The bytes of these numbers, each rounded to the nearest; until the next call.
  [[nodiscard]] const char* operator()(std::span<const double> values);

 private:
  Type type_;
  std::vector<char> buffer_;
};

class MatrixWriter : public PairSink {
 public:
  /// Throws Error{invalid_argument} if `form` wants two collections condensed.
  MatrixWriter(const PairSet& pairs, const MatrixForm& form);

  void put(const Tile& tile, std::span<const PairResult> results) final;
  void put_self(index_t i, const PairResult& result) final;

  /// Throws Error{invalid_argument} unless every pair has come: a matrix with holes is none.
  void require_complete() const;

 protected:
  /// Rows and columns of what is written; a condensed matrix is one row.
  [[nodiscard]] index_t rows() const { return form_.condensed ? 1 : pairs_.rows(); }
  [[nodiscard]] index_t columns() const;
  [[nodiscard]] const MatrixForm& form() const { return form_; }

  /// Writes the values of a rectangle of it, row-major.
  virtual void write(const Tile& place, std::span<const double> values) = 0;

 private:
  [[nodiscard]] double value_of(const PairResult& result) const;
  void put_rows(const Tile& tile, std::span<const PairResult> results);
  void put_mirrored(const Tile& tile, std::span<const PairResult> results);

  PairSet pairs_;
  MatrixForm form_;
  index_t count_ = 0;  ///< pairs that came
  std::vector<double> values_;
};

}  // namespace kindred::host
