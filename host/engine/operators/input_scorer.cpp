#include "host/engine/operators/input_scorer.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/nuclear_scorer.hpp"

#include <kindred/error.hpp>

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// out = op(a) b for a of r x r and b of r x n.
std::vector<double> product(const std::vector<double>& a, bool transposed, const std::vector<double>& b, index_t r) {
  const index_t n = std::ssize(b) / r;
  std::vector<double> out(b.size());
  cblas_dgemm(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, static_cast<int>(r),
              static_cast<int>(n), static_cast<int>(r), 1.0, a.data(), static_cast<int>(r), b.data(),
              static_cast<int>(n), 0.0, out.data(), static_cast<int>(n));
  return out;
}

bool all_finite(std::span<const double> v) {
  return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); });
}

double norm(std::span<const double> v) { return v.empty() ? 0 : cblas_dnrm2(static_cast<int>(v.size()), v.data(), 1); }

/// What is compared of a collection, as recordings that lie here.
struct Side {
  std::vector<std::vector<double>> values;
  std::vector<TrajectorySet> sets;
};

void require_alike(const Operator& op, const Operator& reference) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::invalid_data, what); };
  if (op.inputs == 0) {
    refuse("system '" + op.name +
           "' has no inputs; comparisons of inputs need them (TrajectorySet::inputs); dsa needs none");
  }
  if (op.size == reference.size && op.inputs == reference.inputs) return;
  const auto of = [](const Operator& o) {
    return std::to_string(o.size) + " states and " + std::to_string(o.inputs) + " inputs";
  };
  refuse("system '" + op.name + "' has " + of(op) + ", expected " + of(reference) + " as in system '" + reference.name +
         "' (Dmd::rank gives all systems one number of states)");
}

class InputScorer final : public PairScorer {
 public:
  InputScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns,
              const InputDsa& metric, const Progress& progress)
      : rows_(rows), columns_(columns), symmetric_(columns.empty()), metric_(metric) {
    const Operator* reference = nullptr;
    for (const auto side : {rows, columns}) {
      for (const Operator& op : side) {
        if (op.size == 0 || op.facts.status == FitStatus::failed) continue;  // there is nothing to compare
        if (reference == nullptr) reference = &op;
        require_alike(op, *reference);
      }
    }
    const index_t states = reference == nullptr ? 1 : reference->size,
                  inputs = reference == nullptr ? 1 : reference->inputs;
    const auto total = std::ssize(rows) + std::ssize(columns);
    tell_progress(progress, "prepare", 0, total);
    fill_side(backend, rows, states, inputs, row_side_);
    fill_side(backend, columns, states, inputs, column_side_);
    tell_progress(progress, "prepare", total, total);
    Factors factors(backend, {row_side_.sets, column_side_.sets, symmetric_}, false);
    if (!of_parts()) {
      const auto score = metric.score == DsaScore::angular ? ProcrustesScore::angular : ProcrustesScore::euclidean;
      whole_ = std::make_unique<NuclearScorer>(backend, std::move(factors), score, false, ProductPrecision::f64,
                                               product_of_norms);
      return;
    }
    factors_ = std::make_unique<Factors>(std::move(factors));
    parts_ = std::make_unique<BlockValues>(
        backend, *factors_, ProductPrecision::f64,
        [this](const Member& x, const Member& y, std::span<const double> m, bool) { return part(x, y, m); });
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return whole_ ? whole_->plan(pairs, limits) : parts_->plan(pairs, limits);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    if (whole_) {
      whole_->score(tile, out);
      return;
    }
    const std::vector<double> values = parts_->of(tile);
    fill(tile, symmetric_, out, [&](index_t i, index_t j, std::size_t k) {
      return factors_->same_recording(i, j) && factors_->row(i).usable ? 0.0 : values[k];
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    if (whole_) return whole_->self(i);
    return factors_->row(i).usable ? same() : failed();
  }

 private:
  [[nodiscard]] bool of_parts() const {
    return metric_.compare == InputComparison::joint_state || metric_.compare == InputComparison::joint_control;
  }

  void fill_side(const Backend& backend, std::span<const Operator> operators, index_t states, index_t inputs,
                 Side& side) const {
    const index_t horizon = metric_.compare == InputComparison::control ? 1
                            : metric_.horizon > 0                       ? metric_.horizon
                                                                        : states;
    const index_t count = inputs * (2 * horizon - 1);
    side.values.resize(operators.size());
    side.sets.resize(operators.size());
    for_each_on_host(backend, std::ssize(operators), [&](index_t i) {
      const Operator& op = operators[at(i)];
      std::vector<double>& values = side.values[at(i)];
      if (op.size > 0 && all_finite(op.values) && all_finite(op.input_matrix))
        values = controllability_rows(op, horizon);
      // Zeros cannot be compared: a failed pair.
      if (values.empty() || !all_finite(values)) values.assign(at(count * states), 0.0);
      side.sets[at(i)].name = op.name;
      side.sets[at(i)].trials = std::vector<TrialView<double>>{{values.data(), count, states, states, 1}};
    });
  }

  [[nodiscard]] const Operator& operator_of(const Member& x) const {
    return (x.of_columns ? columns_ : rows_)[at(x.index)];
  }

  /// The state's or the inputs' difference under the C of the joint comparison, from m = K_1 K_2^T.
  [[nodiscard]] double part(const Member& first, const Member& second, std::span<const double> m) const {
    const Operator &x = operator_of(first), &y = operator_of(second);
    const index_t r = x.size;
    const int n = static_cast<int>(r);
    std::vector<double> a(m.begin(), m.end()), s(at(r)), left(at(r * r)), right(at(r * r));
    if (LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'A', n, n, a.data(), n, s.data(), left.data(), n, right.data(), n) != 0) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    const std::vector<double> c = product(left, false, right, r);
    const bool state = metric_.compare == InputComparison::joint_state;
    const std::vector<double>& of_x = state ? x.values : x.input_matrix;
    std::vector<double> turned = product(c, false, state ? y.values : y.input_matrix, r);
    if (state) {
      std::vector<double> both(turned.size());  // (C A) C^T
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, n, 1.0, turned.data(), n, c.data(), n, 0.0,
                  both.data(), n);
      turned = std::move(both);
    }
    const bool angular = metric_.score == DsaScore::angular;
    const double p = angular ? norm(of_x) : 1, q = angular ? norm(turned) : 1;
    if (!(p > 0) || !(q > 0)) return p == q ? 0.0 : std::numeric_limits<double>::quiet_NaN();
    std::vector<double> difference(turned.size());
    for (std::size_t k = 0; k < turned.size(); ++k) difference[k] = of_x[k] / p - turned[k] / q;
    const double distance = norm(difference);
    return angular ? angle_of_chord(distance) : distance;
  }

  std::span<const Operator> rows_, columns_;
  bool symmetric_;
  InputDsa metric_;
  Side row_side_, column_side_;
  std::unique_ptr<PairScorer> whole_;  // joint and control
  std::unique_ptr<Factors> factors_;   // of the parts
  std::unique_ptr<BlockValues> parts_;
};

}  // namespace

std::vector<double> controllability_rows(const Operator& op, index_t horizon) {
  const index_t r = op.size, m = op.inputs;
  std::vector<double> out;
  out.reserve(at(r * m * (2 * horizon - 1)));
  const auto append = [&](const std::vector<double>& block) {  // its columns
    for (index_t j = 0; j < m; ++j) {
      for (index_t i = 0; i < r; ++i) out.push_back(block[at(i * m + j)]);
    }
  };
  std::vector<double> forward = op.input_matrix, back = op.input_matrix;
  append(forward);
  for (index_t h = 1; h < horizon; ++h) {
    forward = product(op.values, false, forward, r);
    back = product(op.values, true, back, r);
    append(forward);
    append(back);
  }
  return out;
}

std::unique_ptr<PairScorer> make_whole_scorer(Backend& backend, std::span<const Operator> rows,
                                              std::span<const Operator> columns, const InputDsa& metric,
                                              const Progress& progress) {
  if (metric.horizon < 0) {
    throw Error(ErrorCode::invalid_argument,
                "InputDsa::horizon is " + std::to_string(metric.horizon) + ", expected 0 or more");
  }
  return std::make_unique<InputScorer>(backend, rows, columns, metric, progress);
}

}  // namespace kindred::host
