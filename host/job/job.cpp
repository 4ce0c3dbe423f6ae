#include <kindred/job.hpp>

#include "host/job/hdf5/results_writer.hpp"
#include "host/job/npy_matrix.hpp"

#include <utility>

namespace kindred {

struct MatrixFile::Impl {
  io::AtomicFile file;
  host::NpyMatrix matrix;

  Impl(std::filesystem::path path, const PairSet& pairs, const MatrixForm& form)
      : file(std::move(path)), matrix(file, pairs, form) {}
};

MatrixFile::MatrixFile(std::filesystem::path path, const PairSet& pairs, const MatrixForm& form)
    : impl_(std::make_unique<Impl>(std::move(path), pairs, form)) {}
MatrixFile::~MatrixFile() = default;

void MatrixFile::put(const Tile& tile, std::span<const PairResult> results) { impl_->matrix.put(tile, results); }
void MatrixFile::put_self(index_t i, const PairResult& result) { impl_->matrix.put_self(i, result); }

void MatrixFile::commit() {
  impl_->matrix.require_complete();
  impl_->file.commit();
}

struct ResultsFile::Impl {
  io::AtomicFile file;
  std::unique_ptr<host::ResultsWriter> writer;

  Impl(std::filesystem::path path, const ResultsLayout& layout)
      : file(std::move(path)), writer(host::make_results_writer(file, layout)) {}
};

ResultsFile::ResultsFile(std::filesystem::path path, const ResultsLayout& layout)
    : impl_(std::make_unique<Impl>(std::move(path), layout)) {}
ResultsFile::~ResultsFile() = default;

PairSink& ResultsFile::sink(std::size_t k) { return impl_->writer->sink(k); }

void ResultsFile::commit(const std::string& configuration) {
  impl_->writer->finish(configuration);
  impl_->file.commit();
}

}  // namespace kindred
