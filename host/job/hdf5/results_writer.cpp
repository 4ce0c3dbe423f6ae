/// HDF5 by its C interface. Every chunk has its place in the file from the beginning, uncompressed: a tile is written
/// there as into any file, which a call of the library for each tile and matrix would take as long as spectral
/// distances do.
#include "host/job/hdf5/results_writer.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/job/matrix_writer.hpp"

#ifdef KINDRED_HAVE_HDF5
#include "host/io/formats/hdf5/library.hpp"
#endif

#include <algorithm>
#include <utility>
#include <vector>

namespace kindred::host {

#ifdef KINDRED_HAVE_HDF5

namespace {

constexpr index_t chunk_side = 256;

using io::hdf5::Handle;
using io::hdf5::Session;

/// A file that is written, with its messages.
class OpenFile {
 public:
  explicit OpenFile(const io::AtomicFile& file) : shown_(printable(file.path().string())), file_(create(file)) {}

  [[nodiscard]] hid_t get() const { return file_.get(); }
  [[nodiscard]] bool close() { return file_.close(); }

  [[noreturn]] void fail_write() const { fail(ErrorCode::io, shown_, ": cannot be written: ", io::hdf5::last_error()); }
  Handle checked(hid_t id, Handle::Close end) const {
    if (id < 0) fail_write();
    return {id, end};
  }
  void check(herr_t result) const {
    if (result < 0) fail_write();
  }

 private:
  Handle create(const io::AtomicFile& file) const {
    const Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    // AtomicFile has locked the file already; a lock of the library's own would find it taken.
    check(H5Pset_file_locking(access.get(), false, true));
    return checked(H5Fcreate(file.temporary().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  }

  std::string shown_;
  Handle file_;
};

/// Strings of one length, each ended by a zero; a single one as a scalar. They are said to be ASCII where they are,
/// which GNU Octave reads, and UTF-8 elsewhere.
void write_strings(const OpenFile& file, const char* name, const std::vector<std::string>& texts, bool scalar = false) {
  std::size_t width = 1;
  bool ascii = true;
  for (const std::string& text : texts) {
    width = std::max(width, text.size() + 1);
    for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 128;
  }
  std::string bytes(std::max<std::size_t>(texts.size(), 1) * width, '\0');
  for (std::size_t k = 0; k < texts.size(); ++k) texts[k].copy(bytes.data() + k * width, width - 1);
  const Handle type = file.checked(H5Tcopy(H5T_C_S1), H5Tclose);
  file.check(H5Tset_size(type.get(), width));
  file.check(H5Tset_cset(type.get(), ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8));
  const hsize_t size = texts.size();
  const Handle space = file.checked(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, nullptr), H5Sclose);
  const Handle set = file.checked(
      H5Dcreate2(file.get(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
  if (!texts.empty()) file.check(H5Dwrite(set.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()));
}

/// One number of each pair, as a dataset.
class Dataset final : public MatrixWriter {
 public:
  Dataset(io::AtomicFile& bytes, const OpenFile& file, hid_t group, const char* name, const PairSet& pairs,
          const MatrixForm& form)
      : MatrixWriter(pairs, form), bytes_(bytes), encode_(type_of(form)) {
    const index_t side = form.condensed ? chunk_side * chunk_side : chunk_side;
    chunk_rows_ = std::min(side, rows());
    chunk_columns_ = std::min(side, columns());
    const Handle set = create(file, group, name);
    for (index_t row = 0; row < rows(); row += chunk_rows_) {
      for (index_t column = 0; column < columns(); column += chunk_columns_) {
        const hsize_t first[] = {static_cast<hsize_t>(row), static_cast<hsize_t>(column)};
        haddr_t place = 0;
        unsigned filters = 0;
        hsize_t size = 0;
        file.check(H5Dget_chunk_info_by_coord(set.get(), first + skipped(), &filters, &place, &size));
        if (place == HADDR_UNDEF) file.fail_write();
        places_.push_back(place);
      }
    }
  }

 protected:
  void write(const Tile& place, std::span<const double> values) override {
    const char* data = encode_(values);
    const index_t right = place.column + place.columns, chunks = (columns() + chunk_columns_ - 1) / chunk_columns_;
    for (index_t i = place.row; i < place.row + place.rows; ++i) {
      for (index_t j = place.column; j < right;) {
        const index_t count = std::min(right, (j / chunk_columns_ + 1) * chunk_columns_) - j;
        const auto chunk = at(i / chunk_rows_ * chunks + j / chunk_columns_);
        const auto inside = at(i % chunk_rows_ * chunk_columns_ + j % chunk_columns_);
        const std::size_t length = at(count) * encode_.bytes();
        bytes_.write_at(places_[chunk] + inside * encode_.bytes(), data, length);
        data += length;
        j += count;
      }
    }
  }

 private:
  static Encoder::Type type_of(const MatrixForm& form) {
    return form.value == PairValue::status ? Encoder::Type::byte
           : form.float32                  ? Encoder::Type::float32
                                           : Encoder::Type::float64;
  }
  /// Axes that a condensed matrix does not have.
  [[nodiscard]] int skipped() const { return form().condensed ? 1 : 0; }

  [[nodiscard]] Handle create(const OpenFile& file, hid_t group, const char* name) const {
    const hid_t type = form().value == PairValue::status ? H5T_NATIVE_UCHAR
                       : form().float32                  ? H5T_NATIVE_FLOAT
                                                         : H5T_NATIVE_DOUBLE;
    const hsize_t square[] = {static_cast<hsize_t>(rows()), static_cast<hsize_t>(columns())};
    const Handle space = file.checked(H5Screate_simple(2 - skipped(), square + skipped(), nullptr), H5Sclose);
    const Handle layout = file.checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (rows() > 0 && columns() > 0) {
      const hsize_t chunk[] = {static_cast<hsize_t>(chunk_rows_), static_cast<hsize_t>(chunk_columns_)};
      file.check(H5Pset_chunk(layout.get(), 2 - skipped(), chunk + skipped()));
    }
    file.check(H5Pset_alloc_time(layout.get(), H5D_ALLOC_TIME_EARLY));
    file.check(H5Pset_fill_time(layout.get(), H5D_FILL_TIME_NEVER));
    return file.checked(H5Dcreate2(group, name, type, space.get(), H5P_DEFAULT, layout.get(), H5P_DEFAULT), H5Dclose);
  }

  io::AtomicFile& bytes_;
  Encoder encode_;
  index_t chunk_rows_ = 0, chunk_columns_ = 0;
  std::vector<haddr_t> places_;  ///< of the chunks in the file, row by row
};

/// The three matrices of one metric.
struct Results {
  Dataset distances, lower_bounds, statuses;
  Tee all;

  Results(io::AtomicFile& bytes, const OpenFile& file, hid_t group, const ResultsLayout& layout)
      : distances(bytes, file, group, "distances", layout.pairs, form(layout, PairValue::distance)),
        lower_bounds(bytes, file, group, "lower_bounds", layout.pairs, form(layout, PairValue::lower_bound)),
        statuses(bytes, file, group, "statuses", layout.pairs, form(layout, PairValue::status)),
        all({&distances, &lower_bounds, &statuses}) {}

  static MatrixForm form(const ResultsLayout& layout, PairValue value) {
    return {value, layout.condensed, layout.float32};
  }
};

/// Room for the texts of a file: names, and a configuration that tells of each system.
std::size_t text_bytes(const ResultsLayout& layout) {
  return (std::size_t{1} << 20) + 1024 * (layout.row_names.size() + layout.column_names.size());
}

/// All that a file comes to.
std::size_t file_bytes(const ResultsLayout& layout) {
  const PairSet& pairs = layout.pairs;
  const index_t numbers = layout.condensed ? pairs.count() : pairs.rows() * pairs.columns();
  const std::size_t each = 2 * (layout.float32 ? sizeof(float) : sizeof(double)) + 1;
  return layout.metrics.size() * at(numbers) * each + text_bytes(layout);
}

class Hdf5Results final : public ResultsWriter {
 public:
  Hdf5Results(io::AtomicFile& file, const ResultsLayout& layout) : out_(file) {
    const bool one = layout.metrics.size() == 1;
    for (const std::string& metric : layout.metrics) {
      const Handle group =
          out_.checked(one ? H5Gopen2(out_.get(), "/", H5P_DEFAULT)
                           : H5Gcreate2(out_.get(), metric.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Gclose);
      results_.push_back(std::make_unique<Results>(file, out_, group.get(), layout));
    }
    const bool symmetric = layout.pairs.symmetric();
    write_strings(out_, symmetric ? "names" : "row_names", layout.row_names);
    write_strings(out_, symmetric ? "labels" : "row_labels", layout.row_labels);
    if (!symmetric) {
      write_strings(out_, "column_names", layout.column_names);
      write_strings(out_, "column_labels", layout.column_labels);
    }
    write_strings(out_, "metrics", layout.metrics);
    out_.check(H5Fflush(out_.get(), H5F_SCOPE_GLOBAL));
    hsize_t bytes = 0;
    out_.check(H5Fget_filesize(out_.get(), &bytes));
    file.allocate(bytes + text_bytes(layout));  // which its end, as the library closes it, cuts off again
  }
  ~Hdf5Results() override {
    const Session session;
    (void)out_.close();
  }

  [[nodiscard]] PairSink& sink(std::size_t k) override { return results_[k]->all; }

  void finish(const std::string& configuration) override {
    const Session session;
    for (const auto& results : results_) results->distances.require_complete();
    write_strings(out_, "configuration", {configuration}, /*scalar=*/true);
    if (!out_.close()) out_.fail_write();
  }

 private:
  OpenFile out_;
  std::vector<std::unique_ptr<Results>> results_;
};

}  // namespace

bool writes_hdf5() { return true; }

std::unique_ptr<ResultsWriter> make_results_writer(io::AtomicFile& file, const ResultsLayout& layout) {
  // A disk without room is found out here: the library does not come through a write that fails while it closes a file.
  file.allocate(file_bytes(layout));
  const Session session;
  return std::make_unique<Hdf5Results>(file, layout);
}

#else

bool writes_hdf5() { return false; }

std::unique_ptr<ResultsWriter> make_results_writer(io::AtomicFile& file, const ResultsLayout& /*layout*/) {
  fail(ErrorCode::invalid_argument, printable(file.path().string()),
       ": this build of kindred writes no HDF5; write a .npy, or build it where the HDF5 library is");
}

#endif

}  // namespace kindred::host
