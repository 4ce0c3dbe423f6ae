#pragma once
/// Results as an HDF5 file (ResultsFile in kindred/job.hpp), whose owner commits it.
#include "host/base/interface.hpp"
#include "host/io/atomic_file.hpp"

#include <kindred/job.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace kindred::host {

/// Whether this build writes HDF5.
[[nodiscard]] bool writes_hdf5();

class ResultsWriter : public Interface {
 public:
  /// Where results of the k-th metric go.
  [[nodiscard]] virtual PairSink& sink(std::size_t k) = 0;
  /// Adds the configuration and closes the file, which is then complete. Throws Error{invalid_argument} unless every
  /// pair has come.
  virtual void finish(const std::string& configuration) = 0;
};

/// Takes all the space that it needs in `file`, which must outlive it. Throws as the constructor of ResultsFile.
[[nodiscard]] std::unique_ptr<ResultsWriter> make_results_writer(io::AtomicFile& file, const ResultsLayout& layout);

}  // namespace kindred::host
