#include "host/engine/operators/pavf_scorer.hpp"

#include "host/base/progress.hpp"
#include "host/engine/operators/pavf_prepare.hpp"
#include "host/engine/pairs/pair_result.hpp"
#include "kernels/program/pavf.hpp"
#include "kernels/program/pavf_matching.hpp"

#include <kindred/error.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

using kernels::pavf_padded;
using kernels::pavf_pencils;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::size_t size_of(index_t n) { return static_cast<std::size_t>(n); }

/// Search effort: a refinement costs about 200 (r = 10) to 800 (r = 100) matrix products. Small operators have many
/// minima close together and are searched by kicks; large ones have long flat valleys, which only deep refinements
/// from good starts descend. bench/PAVF_NOTES.md has what each number was chosen from.
kernels::PavfLevel level_of(Effort effort, index_t r) {
  kernels::PavfLevel level{};
  const bool fast = effort == Effort::fast, thorough = effort == Effort::thorough;
  const double shrink = std::pow(24.0 / static_cast<double>(std::max<index_t>(r, 24)), 3.6);  // 1 up to r = 24
  const bool small = r <= 32, large = r > 64;
  level.pencils = fast || (large && !thorough) ? 3 : pavf_pencils;
  level.starts = fast ? 1 : large && !thorough ? 2 : pavf_pencils;
  level.draws = thorough ? 3 : 1;
  level.kicks = fast ? 0 : thorough ? 20 + std::lround(230 * shrink) : std::max(2L, std::lround(100 * shrink));
  level.hits = (small ? std::clamp<index_t>(r / 2 - 1, 4, 11) : 4) * (thorough ? 3 : 1);
  level.planes = std::min<index_t>(large ? 4 : 8, r);
  level.decrement = fast       ? (large ? 2e-4 : 1e-4)
                    : thorough ? (small ? 2e-5 : 5e-6)
                               : (small   ? 1.5e-4
                                  : large ? 8e-6
                                          : 1e-5);
  level.last = fast ? 0 : 1e-6;
  level.stop = 1e-7;
  level.same = 2e-3;
  level.stack = kernels::pavf_stack(r, level.pencils);
  return level;
}

/// Rotations of one refinement that a processor keeps until their product is asked for: 4 MiB of them, at most 128. A
/// GPU's shared memory has no room for them.
template <class T>
index_t rotation_slots(index_t r) {
  const index_t bytes = pavf_padded(r) * pavf_padded(r) * static_cast<index_t>(sizeof(T));
  return std::clamp<index_t>((index_t{4} << 20) / bytes, 1, 128);
}

/// The operators of one size r, prepared and on the device, in the precision of the search.
class Group {
 public:
  Group(Backend& backend, std::span<const double* const> operators, index_t r, const Dsa& config)
      : backend_(backend), r_(r), config_(config), systems_(pavf_prepare(backend, operators, r)) {
    if (config.precision == Precision::f64) {
      upload(pencils64_);
    } else {
      upload(pencils32_);
    }
    const index_t ld = pavf_padded(r);
    std::vector<kernels::PavfFacts> facts;
    for (PavfSystem& s : systems_) {
      facts.push_back({s.key, s.paired});
      s.pencils = {};
    }
    facts_ = Buffer<kernels::PavfFacts>(backend, std::span<const kernels::PavfFacts>(facts));
    operators64_ = device_copy<double>(&PavfSystem::op, ld * ld);
    normal_parts64_ = device_copy<double>(&PavfSystem::normal_part, 2 * ld);
    if (config.precision != Precision::f64) {
      operators32_ = device_copy<float>(&PavfSystem::op, ld * ld);
      normal_parts32_ = device_copy<float>(&PavfSystem::normal_part, 2 * ld);
    }
  }

  [[nodiscard]] const PavfSystem& system(index_t i) const { return systems_[size_of(i)]; }

  /// Aligns the pairs that need it; `alignments`, if not null, receives C in the prepared bases (r x ld with ld rows).
  void run(std::span<const kernels::PavfPair> pairs, std::span<kernels::PavfOutcome> outcomes,
           std::vector<double>* alignments = nullptr) {
    const index_t count = static_cast<index_t>(pairs.size()), ld = pavf_padded(r_);
    if (count == 0) return;
    const Buffer<kernels::PavfPair> d_pairs(backend_, pairs);
    const Buffer<kernels::PavfOutcome> d_outcomes(backend_, count);
    const Buffer<std::int32_t> d_matching(backend_, count * r_);
    backend_.launch<kernels::PavfMatching>(
        {r_, ld, facts_.data(), normal_parts64_.data(), d_pairs.data(), d_matching.data(), count,
         config_.group == kindred::Group::special_orthogonal},
        kernels::PavfMatching::items(count));
    Buffer<double> d_alignments;
    if (alignments != nullptr) d_alignments = Buffer<double>(backend_, count * ld * ld);
    if (config_.precision == Precision::f64) {
      launch<double>(operators64_.data(), normal_parts64_.data(), pencils64_.data(), d_pairs.data(), d_matching.data(),
                     d_outcomes.data(), d_alignments.data(), count);
    } else {
      launch<float>(operators32_.data(), normal_parts32_.data(), pencils32_.data(), d_pairs.data(), d_matching.data(),
                    d_outcomes.data(), d_alignments.data(), count);
    }
    d_outcomes.download(outcomes);
    if (alignments != nullptr) {
      alignments->resize(size_of(count * ld * ld));
      d_alignments.download(*alignments);
    }
    backend_.synchronize();
  }

 private:
  template <class T>
  [[nodiscard]] Buffer<T> device_copy(std::vector<double> PavfSystem::*member, index_t stride) const {
    std::vector<T> all(size_of(stride) * systems_.size(), T(0));
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      const std::vector<double>& x = systems_[i].*member;  // empty where there is nothing to align
      std::transform(x.begin(), x.end(), all.begin() + static_cast<std::ptrdiff_t>(i) * stride,
                     [](double v) { return static_cast<T>(v); });
    }
    return Buffer<T>(backend_, std::span<const T>(all));
  }

  template <class T>
  void upload(Buffer<T>& to) {
    const index_t ld = pavf_padded(r_);
    to = device_copy<T>(&PavfSystem::pencils, pavf_pencils * 4 * ld * ld);
  }

  template <class T>
  void launch(const T* operators, const T* normal_parts, const T* pencils, const kernels::PavfPair* pairs,
              const std::int32_t* matching, kernels::PavfOutcome* outcomes, double* alignments, index_t count) {
    typename kernels::Pavf<T>::Params p{};
    p.r = r_;
    p.facts = facts_.data();
    p.operators = operators;
    p.normal_parts = normal_parts;
    p.pencils = pencils;
    p.operators64 = operators64_.data();
    p.normal_parts64 = normal_parts64_.data();
    p.pairs = pairs;
    p.matching = matching;
    p.outcomes = outcomes;
    p.alignments = alignments;
    p.level = level_of(config_.effort, r_);
    p.level.slots = p.level.kicks > 0 && backend_.shares_host_memory() ? rotation_slots<T>(r_) : 1;
    p.seed = config_.seed;
    p.special = config_.group == kindred::Group::special_orthogonal;
    p.polish = config_.precision != Precision::f32;
    p.certify = config_.certify && p.polish;
    backend_.launch<kernels::Pavf<T>>(p, count);
  }

  Backend& backend_;
  index_t r_;
  Dsa config_;
  std::vector<PavfSystem> systems_;
  Buffer<kernels::PavfFacts> facts_;
  Buffer<double> operators64_, normal_parts64_, pencils64_;
  Buffer<float> operators32_, normal_parts32_, pencils32_;
};

/// One operator of a pair on the pair's common scale: A = mean I + norm A0.
struct Scaled {
  double mean, norm;
};

Scaled scaled(const PavfSystem& s, index_t r, bool unit_norm, double common) {
  const double unit = unit_norm ? std::sqrt(static_cast<double>(r) * s.mean * s.mean + s.norm * s.norm)
                                : (common > 0 ? common / s.scale : 1.0);
  return {s.mean / unit, s.norm / unit};
}

/// ||A - C B C^T||^2 = r (a - b)^2 + (|A0| - |B0|)^2 + |A0| |B0| x, x = ||A0/|A0| - C B0/|B0| C^T||^2.
double distance(const Scaled& a, const Scaled& b, index_t r, double x) {
  const double mean = a.mean - b.mean, norm = a.norm - b.norm;
  return std::sqrt(static_cast<double>(r) * mean * mean + norm * norm + a.norm * b.norm * x);
}

/// Lower bound of x from the certificate vectors. Eigenvalues of matrices of unit norm are good to a few r eps.
double certificate(const PavfSystem& a, const PavfSystem& b, index_t r) {
  double sum = 0;
  for (std::size_t k = 0; k < a.certificate.size(); ++k) {
    const double d = a.certificate[k] - b.certificate[k];
    sum += d * d;
  }
  const double margin = 32 * static_cast<double>(r) * std::numeric_limits<double>::epsilon();
  const double bound = std::max(0.0, std::sqrt(sum) - margin);
  return bound * bound;
}

/// Distance (of operators of unit norm) within which a minimum counts as proven global.
constexpr double proof_tolerance = 1e-6;

bool identical(const PavfSystem& a, const PavfSystem& b) {
  return a.key == b.key && a.scale == b.scale && a.mean == b.mean && a.norm == b.norm && a.op == b.op;
}

/// Result of a pair; `outcome` null where nothing was to be aligned.
PairResult result_of(const PavfSystem& a, const PavfSystem& b, index_t r, const Dsa& config,
                     const kernels::PavfOutcome* outcome) {
  PairResult out;
  const auto zero = [](const PavfSystem& s) { return !(s.scale > 0); };
  if (!a.finite || !b.finite || (config.unit_norm && (zero(a) || zero(b)))) {
    return failed();
  }
  if (identical(a, b)) return same();
  const double common = std::max(a.scale, b.scale);
  const Scaled x = scaled(a, r, config.unit_norm, common), y = scaled(b, r, config.unit_norm, common);
  const double unit = config.unit_norm ? 1.0 : common;
  if (outcome == nullptr) {
    out.distance = out.lower_bound = distance(x, y, r, 0.0);
  } else {
    out.distance = distance(x, y, r, 2 * outcome->energy);
    double proven = certificate(a, b, r);
    if (outcome->gap >= 0) proven = std::max(proven, 2 * (outcome->energy - outcome->gap));
    out.lower_bound = std::min(out.distance, distance(x, y, r, proven));
    out.refinements = outcome->refinements;
    out.status = outcome->converged != 0 ? PairStatus::converged : PairStatus::iteration_limit;
    if (outcome->gap >= 0 && out.distance - out.lower_bound <= proof_tolerance) out.status = PairStatus::certified;
  }
  if (config.score == DsaScore::angular) {
    const auto angle = [](double d) { return 2 * std::asin(std::min(1.0, d / 2)); };
    out.distance = angle(out.distance);
    out.lower_bound = angle(out.lower_bound);
  }
  out.distance *= unit;
  out.lower_bound *= unit;
  out.gap = out.distance - out.lower_bound;
  return out;
}

class PavfScorer final : public OperatorScorer {
 public:
  PavfScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns, const Dsa& config,
             const Progress& progress)
      : OperatorScorer(columns.empty()),
        backend_(backend),
        config_(config),
        column_offset_(columns.empty() ? 0 : static_cast<index_t>(rows.size())) {
    if (config.score == DsaScore::angular && !config.unit_norm) {
      throw Error(ErrorCode::invalid_argument,
                  "operators that are not scaled (Dsa::unit_norm = false) have no angle; take Dsa::score = euclidean");
    }
    for (const auto& list : {rows, columns}) {
      for (const Operator& o : list) operators_.push_back(&o);
    }
    check_sizes();
    prepare(progress);
    operators_.clear();
    operators_.shrink_to_fit();
  }

  void run(std::span<const PairIndex> pairs, std::span<PairResult> out) override {
    std::map<index_t, std::vector<std::size_t>> by_size;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      const auto [i, j] = ends(pairs[k]);
      by_size[std::max(sizes_[size_of(i)], sizes_[size_of(j)])].push_back(k);
    }
    for (const auto& [r, members] : by_size) run_size(r, members, pairs, out);
  }

  [[nodiscard]] const PavfWork& work() const { return work_; }

  /// Row 0 against column 0, with the change of basis.
  [[nodiscard]] PavfAlignment align() {
    const PairIndex pair{0, 0};
    const auto [i, j] = ends(pair);
    const index_t r = std::max(sizes_[size_of(i)], sizes_[size_of(j)]);
    PavfAlignment out;
    run({&pair, 1}, {&out.result, 1});
    Matrix c = Matrix::Identity(r, r);
    if (out.result.refinements > 0) {
      Ready& ready = groups_.at(r);
      const auto [a, b] = positions(ready, pair);
      const kernels::PavfPair aligned{static_cast<std::int32_t>(a), static_cast<std::int32_t>(b)};
      kernels::PavfOutcome outcome;
      std::vector<double> prepared;
      ready.group->run({&aligned, 1}, {&outcome, 1}, &prepared);
      const index_t ld = pavf_padded(r);
      const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> inner(prepared.data(), r, r, Eigen::OuterStride<>(ld));
      const Eigen::Map<const Matrix> qa(ready.group->system(a).basis.data(), r, r);
      const Eigen::Map<const Matrix> qb(ready.group->system(b).basis.data(), r, r);
      c = qa * inner * qb.transpose();
    }
    out.transform.assign(c.data(), c.data() + c.size());
    return out;
  }

  /// A pair takes up to seconds.
  [[nodiscard]] index_t stored_side() const override { return 4; }

  [[nodiscard]] index_t preferred_tile() const override { return std::max<index_t>(64, 32 * backend_.parallelism()); }

 private:
  struct Ready {
    std::unique_ptr<Group> group;
    std::vector<index_t> position;  // of each operator in the group; -1: too large for it
  };

  [[nodiscard]] std::pair<index_t, index_t> ends(const PairIndex& p) const { return {p.i, column_offset_ + p.j}; }

  void check_sizes() const {
    for (const Operator* o : operators_) {
      if (o->size != operators_.front()->size && !config_.zero_pad) {
        const Operator& first = *operators_.front();
        throw Error(ErrorCode::invalid_argument,
                    "operators of unequal size: '" + first.name + "' is " + std::to_string(first.size) + " x " +
                        std::to_string(first.size) + ", '" + o->name + "' is " + std::to_string(o->size) + " x " +
                        std::to_string(o->size) + "; fit with one rank, or embed the smaller (Dsa::zero_pad)");
      }
    }
  }

  /// A group for each size, with all operators that fit into it: a pair is compared at the larger of its sizes.
  void prepare(const Progress& progress) {
    for (const Operator* o : operators_) {
      sizes_.push_back(o->size);
      if (o->size > 0) groups_[o->size];
    }
    index_t done = 0;
    for (auto& [r, ready] : groups_) {
      std::vector<std::vector<double>> padded;
      std::vector<const double*> data;
      padded.reserve(operators_.size());
      for (const Operator* o : operators_) {
        if (o->size > r || o->size == 0) {
          ready.position.push_back(-1);
          continue;
        }
        ready.position.push_back(static_cast<index_t>(data.size()));
        if (o->size == r) {
          data.push_back(o->values.data());
        } else {
          std::vector<double>& p = padded.emplace_back(size_of(r * r), 0.0);
          for (index_t i = 0; i < o->size; ++i) std::copy_n(o->values.data() + i * o->size, o->size, p.data() + i * r);
          data.push_back(p.data());
        }
      }
      ready.group = std::make_unique<Group>(backend_, data, r, config_);
      tell_progress(progress, "prepare", ++done, static_cast<index_t>(groups_.size()));
    }
  }

  void run_size(index_t r, const std::vector<std::size_t>& members, std::span<const PairIndex> pairs,
                std::span<PairResult> out) {
    const auto found = groups_.find(r);
    if (found == groups_.end()) {
      for (std::size_t k : members) out[k] = failed();
      return;
    }
    Ready& ready = found->second;
    std::vector<kernels::PavfPair> list;
    std::vector<index_t> where(members.size(), -1);
    for (std::size_t q = 0; q < members.size(); ++q) {
      const auto [i, j] = positions(ready, pairs[members[q]]);
      if (i < 0 || j < 0) continue;
      const PavfSystem &a = ready.group->system(i), &b = ready.group->system(j);
      if (!a.finite || !b.finite || a.scalar || b.scalar || identical(a, b)) continue;
      where[q] = static_cast<index_t>(list.size());
      list.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
    }
    std::vector<kernels::PavfOutcome> outcomes(list.size());
    ready.group->run(list, outcomes);
    for (const kernels::PavfOutcome& o : outcomes) {
      work_.iterations += o.iterations;
      work_.products += o.products;
    }
    for (std::size_t q = 0; q < members.size(); ++q) {
      const auto [i, j] = positions(ready, pairs[members[q]]);
      out[members[q]] = i < 0 || j < 0 ? failed()
                                       : result_of(ready.group->system(i), ready.group->system(j), r, config_,
                                                   where[q] < 0 ? nullptr : &outcomes[size_of(where[q])]);
    }
  }

  [[nodiscard]] std::pair<index_t, index_t> positions(const Ready& ready, const PairIndex& p) const {
    const auto [i, j] = ends(p);
    return {ready.position[size_of(i)], ready.position[size_of(j)]};
  }

  Backend& backend_;
  Dsa config_;
  index_t column_offset_;
  std::vector<const Operator*> operators_;
  std::vector<index_t> sizes_;
  std::map<index_t, Ready> groups_;
  PavfWork work_;
};

}  // namespace

std::unique_ptr<OperatorScorer> make_pavf_scorer(Backend& backend, std::span<const Operator> rows,
                                                 std::span<const Operator> columns, const Dsa& config,
                                                 const Progress& progress) {
  return std::make_unique<PavfScorer>(backend, rows, columns, config, progress);
}

PavfAlignment pavf_align(Backend& backend, const Operator& a, const Operator& b, const Dsa& config) {
  PavfScorer stage(backend, {&a, 1}, {&b, 1}, config, {});
  PavfAlignment out = stage.align();
  const index_t r = std::max(a.size, b.size);
  Matrix padded = Matrix::Zero(r, r);
  padded.topLeftCorner(b.size, b.size) = Eigen::Map<const Matrix>(b.values.data(), b.size, b.size);
  const Eigen::Map<const Matrix> c(out.transform.data(), r, r);
  const Matrix aligned = c * padded * c.transpose();
  out.aligned.assign(aligned.data(), aligned.data() + aligned.size());
  return out;
}

PavfWork pavf_work(const OperatorScorer& stage) {
  const auto* pavf = dynamic_cast<const PavfScorer*>(&stage);
  return pavf != nullptr ? pavf->work() : PavfWork{};
}

}  // namespace kindred::host
