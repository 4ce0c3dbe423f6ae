#include "host/job/matrix_writer.hpp"

#include "host/base/text.hpp"

#include <algorithm>
#include <cstring>

namespace kindred::host {
namespace {

template <class T>
void convert(std::span<const double> values, std::vector<char>& out) {
  out.resize(values.size() * sizeof(T));
  char* next = out.data();
  for (const double value : values) {
    const T converted = static_cast<T>(value);
    std::memcpy(next, &converted, sizeof(T));
    next += sizeof(T);
  }
}

}  // namespace

std::size_t Encoder::bytes() const {
  return type_ == Type::float64 ? sizeof(double) : type_ == Type::float32 ? sizeof(float) : 1;
}

const char* Encoder::operator()(std::span<const double> values) {
  if (type_ == Type::float64) return reinterpret_cast<const char*>(values.data());
  if (type_ == Type::float32) {
    convert<float>(values, buffer_);
  } else {
    convert<unsigned char>(values, buffer_);
  }
  return buffer_.data();
}

MatrixWriter::MatrixWriter(const PairSet& pairs, const MatrixForm& form) : pairs_(pairs.whole()), form_(form) {
  if (form.condensed && !pairs.symmetric()) {
    fail(ErrorCode::invalid_argument,
         "a condensed matrix (MatrixForm::condensed) holds the pairs of one collection, not of two");
  }
}

index_t MatrixWriter::columns() const { return form_.condensed ? pairs_.count() : pairs_.columns(); }

double MatrixWriter::value_of(const PairResult& result) const {
  switch (form_.value) {
    case PairValue::lower_bound:
      return result.lower_bound;
    case PairValue::status:
      return static_cast<double>(result.status);
    case PairValue::distance:
      break;
  }
  return result.distance;
}

void MatrixWriter::put(const Tile& tile, std::span<const PairResult> results) {
  if (tile.rows == 0 || tile.columns == 0) return;
  count_ += pairs_.count(tile);
  const bool above = tile.column >= tile.row + tile.rows;  // the diagonal, which the tile does not meet
  if (form_.condensed || (pairs_.symmetric() && !above)) {
    put_rows(tile, results);
  } else {
    values_.clear();
    for (const PairResult& result : results) values_.push_back(value_of(result));
    write(tile, values_);
  }
  if (pairs_.symmetric() && !form_.condensed) put_mirrored(tile, results);
}

/// The pairs i < j of each row.
void MatrixWriter::put_rows(const Tile& tile, std::span<const PairResult> results) {
  const index_t n = pairs_.rows(), end = tile.column + tile.columns;
  for (index_t i = tile.row; i < tile.row + tile.rows; ++i) {
    const index_t first = std::max(tile.column, i + 1);
    if (first >= end) continue;
    values_.clear();
    for (index_t j = first; j < end; ++j) {
      values_.push_back(value_of(results[(i - tile.row) * tile.columns + (j - tile.column)]));
    }
    // Of a condensed matrix, rows of n - 1, n - 2, ... pairs are before this one's.
    const Tile place = form_.condensed ? Tile{0, i * (n - 1) - i * (i - 1) / 2 + (first - i - 1), 1, end - first}
                                       : Tile{i, first, 1, end - first};
    write(place, values_);
  }
}

/// The same pairs below the diagonal.
void MatrixWriter::put_mirrored(const Tile& tile, std::span<const PairResult> results) {
  const auto add_row = [&](index_t j, index_t rows) {
    for (index_t i = 0; i < rows; ++i) values_.push_back(value_of(results[i * tile.columns + (j - tile.column)]));
  };
  if (tile.column >= tile.row + tile.rows) {
    values_.clear();
    for (index_t j = tile.column; j < tile.column + tile.columns; ++j) add_row(j, tile.rows);
    write({tile.column, tile.row, tile.columns, tile.rows}, values_);
    return;
  }
  for (index_t j = std::max(tile.column, tile.row + 1); j < tile.column + tile.columns; ++j) {
    const index_t rows = std::min(tile.rows, j - tile.row);
    values_.clear();
    add_row(j, rows);
    write({j, tile.row, 1, rows}, values_);
  }
}

void MatrixWriter::put_self(index_t i, const PairResult& result) {
  if (form_.condensed) return;
  const double value = value_of(result);
  write({i, i, 1, 1}, {&value, 1});
}

void MatrixWriter::require_complete() const {
  if (count_ == pairs_.count()) return;
  fail(ErrorCode::invalid_argument, "of the ", pairs_.count(), " pairs of this matrix ", count_,
       " have come; score the others into it, too, before it is finished");
}

}  // namespace kindred::host
