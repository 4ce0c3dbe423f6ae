#include "host/engine/operators/pavf_align.hpp"

#include "host/base/index.hpp"
#include "host/engine/operators/pavf_distance.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <kindred/error.hpp>

#include <cblas.h>

#include <algorithm>

namespace kindred::host {
namespace {

/// X Y, or X Y^T: r x r, row-major.
std::vector<double> product(index_t r, const std::vector<double>& x, const std::vector<double>& y,
                            CBLAS_TRANSPOSE op = CblasNoTrans) {
  const auto n = static_cast<blasint>(r);
  std::vector<double> out(at(r * r));
  if (r == 0) return out;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, op, n, n, n, 1, x.data(), n, y.data(), n, 0, out.data(), n);
  return out;
}

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
  std::vector<double>& c = out.transform;  // the identity where there is nothing to search for
  c.assign(at(r * r), 0.0);
  for (index_t i = 0; i < r; ++i) c[at(i * (r + 1))] = 1;
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
      // C between the prepared bases is between the operators' own Q_A C Q_B^T.
      std::vector<double> inner(at(r * r));
      for (index_t i = 0; i < r; ++i) std::copy_n(&prepared[at(i * ld)], r, &inner[at(i * r)]);
      c = product(r, product(r, x.basis, inner), y.basis, CblasTrans);
    }
    out.result = pavf_result_of(x, y, r, config, search ? &outcome : nullptr);
  }
  out.aligned = product(r, product(r, c, right), c, CblasTrans);
  return out;
}

}  // namespace kindred::host
