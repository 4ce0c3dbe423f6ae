#include "host/engine/fit/fit.hpp"

#include "host/base/progress.hpp"
#include "host/base/text.hpp"
#include "host/engine/fit/krylov.hpp"
#include "host/engine/fit/moments.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

/// Elements of the embedded matrices that are worth a batch: below, starting the threads costs more than the work.
constexpr index_t batch_elements = 1 << 20;

void require_memory(const Backend& backend, const FitShape& shape, const Dmd& dmd, std::size_t bytes,
                    const TrajectorySet& example) {
  if (bytes <= backend.memory_budget()) return;
  const char* fewer = dmd.delays > 1 ? "use fewer delays (Dmd::delays), or " : "";
  fail(ErrorCode::out_of_memory, "the fit of ", called(example), " needs ", bytes, " bytes of workspace (", shape.rows,
       " rows x ", shape.columns, " columns), the budget is ", backend.memory_budget(), "; ", fewer,
       "allow more memory (EngineOptions::memory_budget)");
}

/// Systems of one batch: a few for every unit of the device and enough to be worth it, within the budget. The Krylov
/// route takes them one by one.
index_t batch_size(Backend& backend, const FitShape& shape, const Dmd& dmd, const TrajectorySet& example) {
  if (shape.route == Route::krylov) {
    require_memory(backend, shape, dmd, krylov_bytes(shape, dmd), example);
    return 1;
  }
  const std::size_t one = fit_bytes(shape, dmd);
  require_memory(backend, shape, dmd, one, example);
  const index_t enough = std::max(2 * backend.parallelism(), batch_elements / (shape.rows * shape.columns));
  return std::min(enough, static_cast<index_t>(backend.memory_budget() / one));
}

/// Steps 1 and 2 for the members of a batch by `route`, and by a more robust one for those it is not accurate for. A
/// result depends on its member, the shape and the parameters alone.
void fit_batch(Batch batch, Route route, std::span<Fitted> out) {
  const Directions found = route == Route::krylov ? krylov_route(batch, out) : directions(batch, route, out);
  take_moments(batch, found, out);
  std::vector<index_t> rest;
  for (index_t b = 0; b < batch.count(); ++b) {
    if (!found.usable[b]) rest.push_back(b);
  }
  if (rest.empty()) return;
  Batch again = batch.subset(rest);
  if (route == Route::krylov) {
    require_memory(batch.backend(), batch.shape(), batch.dmd(), fit_bytes(batch.shape(), batch.dmd()),
                   *again.members()[0].system);
  }
  std::vector<Fitted> result(rest.size());
  fit_batch(std::move(again), route == Route::krylov ? Route::gram : Route::orthogonal, result);
  for (index_t k = 0; k < std::ssize(rest); ++k) out[rest[k]] = std::move(result[k]);
}

/// The shape of a system, and the route that is tried first.
FitShape plan_route(const TrajectorySet& system, const Embedding& embedding, const Dmd& dmd) {
  FitShape shape = shape_of(system, embedding, dmd);
  if (krylov_pays(shape, dmd)) shape.route = Route::krylov;
  return shape;
}

void mark_failed(Operator& op, index_t rank, const std::string& why) {
  op.size = rank;
  op.values.assign(static_cast<std::size_t>(rank * rank), std::numeric_limits<double>::quiet_NaN());
  op.facts.status = FitStatus::failed;
  op.facts.detail = why;
}

void append(std::string& detail, const std::string& note) { detail += detail.empty() ? note : "; " + note; }

std::string undetermined_note(index_t transitions, index_t rank) {
  return std::to_string(transitions) + (transitions == 1 ? " transition does" : " transitions do") +
         " not determine an operator of rank " + std::to_string(rank) +
         ": it fits any data exactly, so distances to it say nothing about the dynamics; use a rank well below " +
         std::to_string(transitions) + ", fewer delays, or a longer recording";
}

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
  facts.windows_left_out = embedding.windows_left_out;
  facts.numerical_rank = fit.numerical_rank;
  if (facts.status == FitStatus::failed) {
    mark_failed(op, rank, facts.detail);
    return op;
  }
  if (fit.moments.rank == 0) {
    mark_failed(op, rank, "the singular values of its embedded data did not converge");
    return op;
  }
  DmdFit estimate = fit_dmd(fit.moments, rank, dmd.ridge);
  if (!estimate.ok) {
    mark_failed(op, rank, "its normal equations are singular; use a positive ridge");
    return op;
  }
  op.size = rank;
  op.values = std::move(estimate.values);
  facts.residual = estimate.residual;
  facts.sigma_ratio = fit.sigma[rank - 1] / fit.sigma.front();
  if (rank > fit.numerical_rank) {
    facts.status = FitStatus::rank_excess;
    std::ostringstream note;
    note << "rank " << rank << " exceeds the numerical rank " << fit.numerical_rank
         << " of the embedded data (sigma_r/sigma_1 = " << facts.sigma_ratio
         << "); the trailing directions are rounding noise";
    append(facts.detail, note.str());
  }
  if (is_undetermined(embedding, rank, fit.numerical_rank)) {
    facts.status = FitStatus::undetermined;
    append(facts.detail, undetermined_note(embedding.transitions, rank));
  }
  return op;
}

/// Steps 1 and 2 of a collection.
class Fits {
 public:
  Fits(Recordings& recordings, const Dmd& dmd, const Progress& progress)
      : backend_(recordings.backend()),
        pieces_(without_short_pieces(recordings.systems(), dmd)),
        systems_(pieces_.empty() ? recordings.systems() : std::span<const TrajectorySet>(pieces_)),
        embeddings_(systems_.size()),
        fits_(systems_.size()) {
    check_parameters(dmd);
    const auto scans = recordings.scans();
    for (std::size_t i = 0; i < systems_.size(); ++i) embeddings_[i] = plan_embedding(systems_[i], scans[i], dmd);
    run(dmd, progress);
  }

  /// Step 3 at dmd.rank, at most the rank of the fits.
  [[nodiscard]] OperatorSet operators(const Dmd& dmd) const {
    std::vector<index_t> numerical;
    for (const Fitted& fit : fits_) numerical.push_back(fit.numerical_rank);
    const std::vector<index_t> ranks = settle_ranks(systems_, numerical, dmd);
    OperatorSet out(systems_.size());
    for_each_on_host(backend_, count(),
                     [&](index_t i) { out[i] = finish(systems_[i], embeddings_[i], fits_[i], ranks[i], dmd); });
    return out;
  }

 private:
  [[nodiscard]] index_t count() const { return std::ssize(systems_); }

  void run(const Dmd& dmd, const Progress& progress) {
    std::map<FitShape, std::vector<index_t>> by_shape;
    index_t done = 0;
    for (index_t i = 0; i < count(); ++i) {
      if (embeddings_[i].status == FitStatus::failed) {
        ++done;
      } else {
        by_shape[plan_route(systems_[i], embeddings_[i], dmd)].push_back(i);
      }
    }
    FitWorkspace work;
    tell_progress(progress, "fit", done, count());
    for (const auto& [shape, members] : by_shape) {
      const index_t most = batch_size(backend_, shape, dmd, systems_[members.front()]);
      for (index_t first = 0; first < std::ssize(members); first += most) {
        const auto batch = std::span(members).subspan(first, std::min(most, std::ssize(members) - first));
        std::vector<BatchMember> list;
        for (const index_t i : batch) list.push_back({&systems_[i], &embeddings_[i]});
        std::vector<Fitted> result(batch.size());
        fit_batch(Batch(backend_, work, shape, dmd, std::move(list)), shape.route, result);
        for (std::size_t k = 0; k < batch.size(); ++k) fits_[batch[k]] = std::move(result[k]);
        done += std::ssize(batch);
        tell_progress(progress, "fit", done, count());
      }
    }
  }

  Backend& backend_;
  std::vector<TrajectorySet> pieces_;  ///< the systems, if one was cut at missing samples
  std::span<const TrajectorySet> systems_;
  std::vector<Embedding> embeddings_;
  std::vector<Fitted> fits_;
};

}  // namespace

OperatorSet fit_operators(Recordings& recordings, const Dmd& dmd, const Progress& progress) {
  return Fits(recordings, dmd, progress).operators(dmd);
}

std::vector<OperatorSet> fit_operators(Recordings& recordings, const Dmd& dmd, std::span<const index_t> ranks,
                                       const Progress& progress) {
  std::vector<OperatorSet> out;
  if (ranks.empty()) return out;
  const auto [least, most] = std::minmax_element(ranks.begin(), ranks.end());
  if (*least < 1) fail(ErrorCode::invalid_argument, "one of the ranks is ", *least, ", expected 1 or more");
  Dmd at = dmd;
  at.rank = *most;
  const Fits fits(recordings, at, progress);
  for (const index_t rank : ranks) {
    at.rank = rank;
    out.push_back(fits.operators(at));
  }
  return out;
}

}  // namespace kindred::host
