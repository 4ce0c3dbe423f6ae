#include "host/engine/fit/fit.hpp"

#include "host/base/progress.hpp"
#include "host/engine/fit/batch_fit.hpp"
#include "host/engine/fit/one_step.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/device_values.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

std::string quoted(const TrajectorySet& system) { return "system '" + system.name + "'"; }

/// Elements of the embedded matrices that are worth a batch: below, starting the threads costs more than the work.
constexpr index_t batch_elements = 1 << 20;

/// Systems of one batch: a few for every unit of the device and enough to be worth it, within the budget.
index_t batch_size(Backend& backend, const FitShape& shape, const Dmd& dmd, const TrajectorySet& example) {
  const std::size_t one = fit_bytes(shape, dmd);
  const std::size_t budget = backend.memory_budget();
  if (one > budget) {
    const char* fewer = dmd.delays > 1 ? "use fewer delays (Dmd::delays), or " : "";
    throw Error(ErrorCode::out_of_memory, "the fit of " + quoted(example) + " needs " + std::to_string(one) +
                                              " bytes of workspace (" + std::to_string(shape.rows) + " rows x " +
                                              std::to_string(shape.columns) + " columns), the budget is " +
                                              std::to_string(budget) + "; " + fewer +
                                              "allow more memory (EngineOptions::memory_budget)");
  }
  const index_t enough = std::max(2 * backend.parallelism(), batch_elements / (shape.rows * shape.columns));
  return std::min(enough, static_cast<index_t>(budget / one));
}

/// The rank of every system: as asked, its own numerical rank, or the smallest of the collection (clip).
std::vector<index_t> settle_ranks(std::span<const TrajectorySet> systems, const std::vector<Fitted>& fits,
                                  const Dmd& dmd) {
  std::vector<index_t> ranks;
  index_t smallest = std::numeric_limits<index_t>::max();
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const index_t numerical = fits[i].numerical_rank;
    ranks.push_back(dmd.rank > 0 ? dmd.rank : numerical);
    if (numerical == 0) continue;  // failed
    smallest = std::min(smallest, numerical);
    if (dmd.rank_excess == RankExcess::error && dmd.rank > numerical) {
      throw Error(ErrorCode::invalid_data, quoted(systems[i]) + ": rank " + std::to_string(dmd.rank) +
                                               " exceeds the numerical rank " + std::to_string(numerical) +
                                               " of its embedded data");
    }
  }
  if (dmd.rank_excess == RankExcess::clip) {
    for (index_t& rank : ranks) rank = std::min(rank, smallest);
  }
  return ranks;
}

void mark_failed(Operator& op, index_t rank, const std::string& why) {
  op.size = rank;
  op.values.assign(static_cast<std::size_t>(rank * rank), std::numeric_limits<double>::quiet_NaN());
  op.facts.status = FitStatus::failed;
  op.facts.detail = why;
}

void append(std::string& detail, const std::string& note) { detail += detail.empty() ? note : "; " + note; }

/// Step 3 for one system.
Operator finish(const TrajectorySet& system, const Embedding& embedding, const Fitted& fit, index_t rank,
                const Dmd& dmd) {
  Operator op;
  op.name = system.name;
  op.label = system.label;
  FitFacts& facts = op.facts;
  facts.status = embedding.status;
  facts.detail = embedding.detail;
  facts.rank = rank;
  facts.rows = embedding.rows;
  facts.columns = embedding.columns;
  facts.numerical_rank = fit.numerical_rank;
  if (facts.status == FitStatus::failed) {
    mark_failed(op, rank, facts.detail);
    return op;
  }
  if (fit.moments.rank == 0) {
    mark_failed(op, rank, "the singular values of its embedded data did not converge");
    return op;
  }
  OneStepFit one_step = fit_one_step(fit.moments, rank, dmd.ridge);
  if (!one_step.ok) {
    mark_failed(op, rank, "its normal equations are singular; use a positive ridge");
    return op;
  }
  op.size = rank;
  op.values = std::move(one_step.values);
  facts.residual = one_step.residual;
  facts.sigma_ratio = fit.sigma[static_cast<std::size_t>(rank - 1)] / fit.sigma.front();
  if (rank > fit.numerical_rank) {
    facts.status = FitStatus::rank_excess;
    std::ostringstream note;
    note << "rank " << rank << " exceeds the numerical rank " << fit.numerical_rank
         << " of the embedded data (sigma_r/sigma_1 = " << facts.sigma_ratio
         << "); the trailing directions are rounding noise";
    append(facts.detail, note.str());
  }
  return op;
}

/// Steps 1 and 2 of a collection.
class Fits {
 public:
  Fits(Backend& backend, std::span<const TrajectorySet> systems, const Dmd& dmd, const Progress& progress)
      : backend_(backend), systems_(systems), embeddings_(systems.size()), fits_(systems.size()) {
    check_parameters(dmd);
    const std::vector<std::optional<ValueScan>> on_device = scan_device_values(backend, systems);
    for_each_on_host(backend, count(), [&](index_t i) {
      const auto k = static_cast<std::size_t>(i);
      embeddings_[k] = examine(systems[k], on_device[k] ? *on_device[k] : scan_values(systems[k]), dmd);
    });
    run(dmd, progress);
  }

  /// Step 3 at dmd.rank, at most the rank of the fits.
  [[nodiscard]] OperatorSet operators(const Dmd& dmd) const {
    const std::vector<index_t> ranks = settle_ranks(systems_, fits_, dmd);
    OperatorSet out(systems_.size());
    for_each_on_host(backend_, count(), [&](index_t i) {
      const auto k = static_cast<std::size_t>(i);
      out[k] = finish(systems_[k], embeddings_[k], fits_[k], ranks[k], dmd);
    });
    return out;
  }

 private:
  [[nodiscard]] index_t count() const { return static_cast<index_t>(systems_.size()); }

  void run(const Dmd& dmd, const Progress& progress) {
    std::map<FitShape, std::vector<std::size_t>> by_shape;
    index_t done = 0;
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      if (embeddings_[i].status == FitStatus::failed) {
        ++done;
      } else {
        by_shape[shape_of(systems_[i], embeddings_[i], dmd)].push_back(i);
      }
    }
    FitWorkspace work;
    tell_progress(progress, "fit", done, count());
    for (const auto& [shape, members] : by_shape) {
      const auto most = static_cast<std::size_t>(batch_size(backend_, shape, dmd, systems_[members.front()]));
      for (std::size_t first = 0; first < members.size(); first += most) {
        const auto batch = std::span(members).subspan(first, std::min(most, members.size() - first));
        std::vector<BatchMember> list;
        for (const std::size_t i : batch) list.push_back({&systems_[i], &embeddings_[i]});
        std::vector<Fitted> result(batch.size());
        fit_batch(backend_, work, shape, dmd, std::move(list), result);
        for (std::size_t k = 0; k < batch.size(); ++k) fits_[batch[k]] = std::move(result[k]);
        done += static_cast<index_t>(batch.size());
        tell_progress(progress, "fit", done, count());
      }
    }
  }

  Backend& backend_;
  std::span<const TrajectorySet> systems_;
  std::vector<Embedding> embeddings_;
  std::vector<Fitted> fits_;
};

}  // namespace

OperatorSet fit_operators(Backend& backend, std::span<const TrajectorySet> systems, const Dmd& dmd,
                          const Progress& progress) {
  return Fits(backend, systems, dmd, progress).operators(dmd);
}

std::vector<OperatorSet> fit_operators(Backend& backend, std::span<const TrajectorySet> systems, const Dmd& dmd,
                                       std::span<const index_t> ranks, const Progress& progress) {
  std::vector<OperatorSet> out;
  if (ranks.empty()) return out;
  const auto [least, most] = std::minmax_element(ranks.begin(), ranks.end());
  if (*least < 1) {
    throw Error(ErrorCode::invalid_argument, "one of the ranks is " + std::to_string(*least) + ", expected 1 or more");
  }
  Dmd at = dmd;
  at.rank = *most;
  const Fits fits(backend, systems, at, progress);
  for (const index_t rank : ranks) {
    at.rank = rank;
    out.push_back(fits.operators(at));
  }
  return out;
}

}  // namespace kindred::host
