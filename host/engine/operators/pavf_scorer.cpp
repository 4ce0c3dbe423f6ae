#include "host/engine/operators/pavf_scorer.hpp"

#include "host/base/progress.hpp"
#include "host/engine/operators/listed_operators.hpp"
#include "host/engine/operators/pavf_distance.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "host/engine/pairs/pair_result.hpp"
#include "kernels/program/pavf.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

class PavfScorer final : public ListedOperators {
 public:
  PavfScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns, const Dsa& config,
             const Progress& progress)
      : ListedOperators(backend, rows, columns), config_(config) {
    check_comparable(operators_, config);
    prepare(operators_, progress);
  }

  void run(std::span<const PairIndex> pairs, std::span<PairResult> out) override {
    std::map<index_t, std::vector<std::size_t>> by_size;
    for (std::size_t k = 0; k < pairs.size(); ++k) by_size[size_of(pairs[k])].push_back(k);
    for (const auto& [r, members] : by_size) run_size(r, members, pairs, out);
  }

  /// A pair takes up to seconds.
  [[nodiscard]] index_t stored_side() const override { return 4; }

  [[nodiscard]] index_t preferred_tile() const override { return std::max<index_t>(64, 32 * backend_.parallelism()); }

  [[nodiscard]] const PavfWork& work() const { return work_; }

 private:
  /// All operators that fit into one size.
  struct OneSize {
    std::unique_ptr<PreparedOperators> operators;
    std::vector<index_t> position;  // of each operator among them; -1: too large, or empty
  };

  /// A pair is compared at the larger of its sizes.
  [[nodiscard]] index_t size_of(const PairIndex& p) const {
    const auto [i, j] = ends(p);
    return std::max(sizes_[i], sizes_[j]);
  }
  [[nodiscard]] std::pair<index_t, index_t> positions(const OneSize& prepared, const PairIndex& p) const {
    const auto [i, j] = ends(p);
    return {prepared.position[i], prepared.position[j]};
  }

  void prepare(const std::vector<const Operator*>& operators, const Progress& progress) {
    for (const Operator* o : operators) {
      sizes_.push_back(o->size);
      if (o->size > 0) prepared_[o->size];
    }
    index_t done = 0;
    for (auto& [r, prepared] : prepared_) {
      std::vector<std::vector<double>> smaller;
      std::vector<const double*> values;
      smaller.reserve(operators.size());
      for (const Operator* o : operators) {
        if (o->size > r || o->size == 0) {
          prepared.position.push_back(-1);
          continue;
        }
        prepared.position.push_back(std::ssize(values));
        values.push_back(o->size == r ? o->values.data() : smaller.emplace_back(embedded(*o, r)).data());
      }
      prepared.operators = std::make_unique<PreparedOperators>(backend_, values, r, config_);
      tell_progress(progress, "prepare", ++done, std::ssize(prepared_));
    }
  }

  /// Scores pairs[k] into out[k] for every k of `members`, all of size r.
  void run_size(index_t r, const std::vector<std::size_t>& members, std::span<const PairIndex> pairs,
                std::span<PairResult> out) {
    const auto found = prepared_.find(r);
    if (found == prepared_.end()) {
      for (const std::size_t k : members) out[k] = failed();
      return;
    }
    const OneSize& prepared = found->second;
    PreparedOperators& operators = *prepared.operators;
    std::vector<kernels::PavfPair> aligned;
    std::vector<std::size_t> outcome_of(members.size(), none);
    for (std::size_t q = 0; q < members.size(); ++q) {
      const auto [i, j] = positions(prepared, pairs[members[q]]);
      if (i < 0 || j < 0 || !pavf_needs_alignment(operators.system(i), operators.system(j))) continue;
      outcome_of[q] = aligned.size();
      aligned.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
    }
    std::vector<kernels::PavfOutcome> outcomes(aligned.size());
    operators.align(aligned, outcomes);
    for (const kernels::PavfOutcome& o : outcomes) {
      work_.iterations += o.iterations;
      work_.products += o.products;
    }
    for (std::size_t q = 0; q < members.size(); ++q) {
      const auto [i, j] = positions(prepared, pairs[members[q]]);
      const kernels::PavfOutcome* outcome = outcome_of[q] == none ? nullptr : &outcomes[outcome_of[q]];
      out[members[q]] =
          i < 0 || j < 0 ? failed() : pavf_result_of(operators.system(i), operators.system(j), r, config_, outcome);
    }
  }

  static constexpr std::size_t none = ~std::size_t{0};

  Dsa config_;
  std::vector<index_t> sizes_;
  std::map<index_t, OneSize> prepared_;
  PavfWork work_;
};

}  // namespace

std::unique_ptr<OperatorScorer> make_pavf_scorer(Backend& backend, std::span<const Operator> rows,
                                                 std::span<const Operator> columns, const Dsa& config,
                                                 const Progress& progress) {
  return std::make_unique<PavfScorer>(backend, rows, columns, config, progress);
}

PavfWork pavf_work(const OperatorScorer& scorer) {
  const auto* pavf = dynamic_cast<const PavfScorer*>(&scorer);
  return pavf != nullptr ? pavf->work() : PavfWork{};
}

}  // namespace kindred::host
