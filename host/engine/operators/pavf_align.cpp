#include "host/engine/operators/pavf_align.hpp"

#include "host/engine/operators/pavf_distance.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <kindred/error.hpp>

#include <Eigen/Dense>

#include <algorithm>

namespace kindred::host {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<double> as_vector(const Matrix& x) { return {x.data(), x.data() + x.size()}; }

}  // namespace

PavfAlignment pavf_align(Backend& backend, const Operator& a, const Operator& b, const Dsa& config) {
  const Operator* const both[] = {&a, &b};
  check_comparable(both, config);
  if (config.effort == Effort::bound) {
    throw Error(ErrorCode::invalid_argument, "Dsa::effort = bound aligns nothing; take fast, standard or thorough");
  }
  const index_t r = std::max(a.size, b.size), ld = kernels::pavf_padded(r);
  PavfAlignment out;
  out.result = failed();
  const std::vector<double> left = embedded(a, r), right = embedded(b, r);
  Matrix c = Matrix::Identity(r, r);
  if (a.size > 0 && b.size > 0) {
    const double* const values[] = {left.data(), right.data()};
    PreparedOperators operators(backend, values, r, config);
    const PavfSystem &x = operators.system(0), &y = operators.system(1);
    const bool search = pavf_needs_alignment(x, y);
    kernels::PavfOutcome outcome{};
    if (search) {
      const kernels::PavfPair pair{0, 1};
      std::vector<double> prepared;
      operators.align({&pair, 1}, {&outcome, 1}, &prepared);
      const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> inner(prepared.data(), r, r, Eigen::OuterStride<>(ld));
      const Eigen::Map<const Matrix> qa(x.basis.data(), r, r), qb(y.basis.data(), r, r);
      c = qa * inner * qb.transpose();
    }
    out.result = pavf_result_of(x, y, r, config, search ? &outcome : nullptr);
  }
  out.transform = as_vector(c);
  out.aligned = as_vector(c * Eigen::Map<const Matrix>(right.data(), r, r) * c.transpose());
  return out;
}

}  // namespace kindred::host
