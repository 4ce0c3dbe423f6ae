#include "host/engine/fit/fits.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/base/text.hpp"
#include "host/engine/fit/estimators/whitened.hpp"
#include "host/engine/fit/krylov.hpp"
#include "host/engine/fit/moments.hpp"
#include "host/engine/fit/subspace.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
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
  if (krylov_pays(shape, dmd)) {
    shape.route = Route::krylov;
  } else {
    shape.segments = {};  // systems that other routes take are batched however they would be cut
  }
  return shape;
}

void mark_failed(Operator& op, index_t rank, const std::string& why) {
  op.size = rank;
  op.values.assign(at(rank * rank), std::numeric_limits<double>::quiet_NaN());
  op.facts.status = FitStatus::failed;
  op.facts.detail = why;
}

void append(std::string& detail, const std::string& note) { detail += detail.empty() ? note : "; " + note; }

/// "the rank rule sigma:5 chooses no direction: the largest singular value is 3".
std::string nothing_chosen(const RankRule& rule, std::span<const double> sigma, const Embedding& embedding) {
  std::ostringstream text;
  text << "the rank rule " << text_of(rule) << " chooses no direction of its embedded data";
  if (rule.kind == RankRule::Kind::sigma) {
    text << ", whose largest singular value is " << sigma.front() / embedding.scale << "; lower the threshold";
  } else {
    text << "; state a rank, or choose another rule";
  }
  return text.str();
}

std::string undetermined_note(index_t transitions, index_t rank) {
  return std::to_string(transitions) + (transitions == 1 ? " transition does" : " transitions do") +
         " not determine an operator of rank " + std::to_string(rank) +
         ": it fits any data exactly, so distances to it say nothing about the dynamics; use a rank well below " +
         std::to_string(transitions) + ", fewer delays, or a longer recording";
}

/// C of subspace identification in the operator's coordinates, in which a row of states W is W T: C T^-T.
std::vector<double> output_matrix(const Fitted& fit, index_t rank, double scale) {
  DenseMatrix t = whiten(fit.moments, rank).t;
  std::vector<double> out;
  for (index_t c = 0; c < fit.outputs.rows(); ++c) {
    std::vector<double> row(fit.outputs.row(c), fit.outputs.row(c) + rank);
    for (index_t i = rank - 1; i >= 0; --i) {  // row T^T = C, from the last column on
      for (index_t j = i + 1; j < rank; ++j) row[i] -= t(i, j) * row[j];
      row[i] = t(i, i) != 0 ? row[i] / t(i, i) : 0;
    }
    for (const double x : row) out.push_back(x / scale);
  }
  return out;
}

/// Operator::basis: V S / scale, V the directions kept, whose length in the encoder is another; of reduced-rank
/// regression times W.
std::vector<double> basis_of(const Fitted& fit, const Embedding& embedding, const Estimate& estimate, index_t rank) {
  const bool reduced = estimate.coordinates.rows() > 0;
  const index_t kept = reduced ? estimate.coordinates.rows() : rank, columns = fit.encoder.columns();
  DenseMatrix rows(kept, columns);  // of S V^T
  for (index_t i = 0; i < kept; ++i) {
    double square = 0;
    for (index_t j = 0; j < columns; ++j) square += fit.encoder(i, j) * fit.encoder(i, j);
    const double by = square > 0 ? fit.sigma[at(i)] / (std::sqrt(square) * embedding.scale) : 0;
    for (index_t j = 0; j < columns; ++j) rows(i, j) = fit.encoder(i, j) * by;
  }
  const DenseMatrix basis = reduced ? product(rows, estimate.coordinates, /*transpose_a=*/true) : transposed(rows);
  return {basis.data(), basis.data() + columns * rank};
}

/// Step 3 for one system.
Operator finish(const TrajectorySet& system, const Embedding& embedding, const Fitted& fit, const FitInputs& inputs,
                index_t rank, const Dmd& dmd, const FitExtras& extras) {
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
  facts.numerical_rank_is_bound = fit.numerical_rank_is_bound;
  if (facts.status == FitStatus::failed) {
    mark_failed(op, rank, facts.detail);
    return op;
  }
  if (fit.numerical_rank > 0 && rank == 0) {
    mark_failed(op, rank, nothing_chosen(dmd.rank, fit.sigma, embedding));
    return op;
  }
  if (fit.moments.rank == 0) {
    mark_failed(op, rank, "the singular values of its embedded data did not converge");
    return op;
  }
  Estimate result = estimate(fit.moments, fit.sigma, rank, dmd, extras.spectra);
  if (!result.failure.empty()) {
    mark_failed(op, rank, result.failure);
    return op;
  }
  op.size = rank;
  op.values = std::move(result.values);
  if (extras.bases && !is_subspace(dmd.regression)) {
    op.basis = basis_of(fit, embedding, result, rank);
    for (index_t i = 0; i < rank; ++i) op.singular_values.push_back(fit.sigma[at(i)] / embedding.scale);
  }
  op.inputs = inputs.count();
  op.input_matrix = inputs.in_own_units(std::move(result.input_matrix));
  if (is_subspace(dmd.regression)) {
    op.outputs = fit.outputs.rows();
    op.output_matrix = output_matrix(fit, rank, embedding.scale);
  }
  facts.residual = result.residual;
  facts.spectrum = std::move(result.spectrum);
  facts.sigma_ratio = fit.sigma[at(rank - 1)] / fit.sigma.front();
  if (rank > fit.numerical_rank) {
    facts.status = FitStatus::rank_excess;
    std::ostringstream note;
    note << "rank " << rank << " exceeds the numerical rank " << fit.numerical_rank
         << " of the embedded data (sigma_r/sigma_1 = " << facts.sigma_ratio
         << "); the trailing directions are rounding noise";
    append(facts.detail, note.str());
  }
  if (is_undetermined(embedding, rank, fit.numerical_rank, inputs.count())) {
    facts.status = FitStatus::undetermined;
    append(facts.detail, undetermined_note(embedding.transitions, rank));
  }
  return op;
}

/// Rules over the collection must be the same in all parameters of it.
void check_collection(std::span<const TrajectorySet> systems, std::span<const Dmd> dmds) {
  for (std::size_t i = 0; i < dmds.size(); ++i) {
    check_parameters(dmds[i]);
    if (dmds[i].rank_shared == dmds[0].rank_shared && dmds[i].rank_excess == dmds[0].rank_excess) continue;
    fail(
        ErrorCode::invalid_argument, called(systems[i]),
        " has another Dmd::rank_shared or Dmd::rank_excess than the first system; these hold for the whole collection");
  }
}

}  // namespace

Fits::Fits(Recordings& recordings, std::vector<Dmd> dmds, const Progress& progress, bool keep_directions)
    : backend_(recordings.backend()),
      dmds_(std::move(dmds)),
      pieces_(without_short_pieces(recordings.systems(), dmds_)),
      systems_(pieces_.empty() ? recordings.systems() : std::span<const TrajectorySet>(pieces_)),
      inputs_(systems_.size()),
      keep_directions_(keep_directions),
      embeddings_(systems_.size()),
      fits_(systems_.size()) {
  check_collection(systems_, dmds_);
  const auto scans = recordings.scans();
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    const TrajectorySet& system = systems_[i];
    if (const index_t count = system.input_count(); count > 0) {
      check_inputs(system, dmds_[i]);
      inputs_[i] = FitInputs(system, input_rows(backend_, system), count);
    }
  }
  const bool subspaces =
      std::any_of(dmds_.begin(), dmds_.end(), [](const Dmd& d) { return is_subspace(d.regression); });
  if (subspaces) on_host_ = pieces_.empty() ? recordings.host() : systems_;
  for (std::size_t i = 0; i < systems_.size(); ++i) embeddings_[i] = plan_embedding(systems_[i], scans[i], dmds_[i]);
  std::vector<index_t> all(systems_.size());
  std::iota(all.begin(), all.end(), index_t{0});
  run(all, dmds_, progress);
  raise_to_shared_rank(progress);
}

OperatorSet Fits::operators(std::optional<index_t> rank, FitExtras extras) const {
  std::vector<Dmd> dmds = dmds_;
  for (Dmd& dmd : dmds) dmd.rank = rank ? RankRule(*rank) : dmd.rank;
  const std::vector<index_t> ranks = settle(dmds);
  OperatorSet out(systems_.size());
  for_each_on_host(backend_, count(), [&](index_t i) {
    out[i] = finish(systems_[i], embeddings_[i], fits_[i], inputs_[i], ranks[i], dmds[i], extras);
  });
  return out;
}

std::vector<index_t> Fits::settle(std::span<const Dmd> dmds) const {
  std::vector<SystemRanks> ranks;
  for (std::size_t i = 0; i < fits_.size(); ++i) {
    // The rank that was asked for is known even where the system could not be fitted.
    const bool known =
        fits_[i].numerical_rank > 0 || dmds[i].rank.is_number() || dmds[i].rank.kind == RankRule::Kind::full;
    ranks.push_back({fits_[i].numerical_rank,
                     known ? rank_by_rule(dmds[i].rank, fits_[i].sigma, embeddings_[i], fits_[i].numerical_rank) : 0});
  }
  return settle_ranks(systems_, embeddings_, ranks, dmds);
}

/// Steps 1 and 2 once more for systems whose own rank is below the one that all share.
void Fits::raise_to_shared_rank(const Progress& progress) {
  const std::vector<index_t> ranks = settle(dmds_);
  std::vector<Dmd> raised = dmds_;
  std::vector<index_t> which;
  for (index_t i = 0; i < count(); ++i) {
    const index_t there = fits_[i].moments.rank;
    if (there == 0 || there >= ranks[i]) continue;
    raised[i].rank = ranks[i];
    which.push_back(i);
  }
  if (!which.empty()) run(which, raised, progress);
}

/// In place of steps 1 and 2, for subspace identification.
void Fits::run_subspaces(const std::vector<index_t>& which, std::span<const Dmd> dmds) {
  std::size_t largest = 1;
  for (const index_t i : which) {
    const std::size_t bytes = subspace_bytes(systems_[i], embeddings_[i], dmds[i]);
    largest = std::max(largest, bytes);
    if (bytes <= backend_.memory_budget()) continue;
    fail(ErrorCode::out_of_memory, "subspace identification of ", called(systems_[i]), " needs ", bytes,
         " bytes of workspace (", dmds[i].delays, " delays), the budget is ", backend_.memory_budget(),
         "; use fewer delays (Dmd::delays), or allow more memory (EngineOptions::memory_budget)");
  }
  const auto most = static_cast<index_t>(std::max<std::size_t>(backend_.memory_budget() / largest, 1));
  for (index_t first = 0; first < std::ssize(which); first += most) {
    for_each_on_host(backend_, std::min(most, std::ssize(which) - first), [&](index_t k) {
      const index_t i = which[at(first + k)];
      Fitted fit;
      fit_subspace(on_host_[i], embeddings_[i], inputs_[at(i)], dmds[i], fit);
      fits_[i] = std::move(fit);
    });
  }
}

/// Steps 1 and 2 of the systems listed, with these parameters.
void Fits::run(const std::vector<index_t>& which, std::span<const Dmd> dmds, const Progress& progress) {
  // Systems of one shape and equal parameters, known by the first system that has them.
  std::map<std::pair<index_t, FitShape>, std::vector<index_t>> groups;
  index_t done = 0;
  std::vector<index_t> subspaces;
  for (const index_t i : which) {
    if (embeddings_[i].status == FitStatus::failed) {
      ++done;
      continue;
    }
    if (is_subspace(dmds[i].regression)) {
      subspaces.push_back(i);
      continue;
    }
    const Dmd& dmd = dmds[i];
    const index_t first = std::find(dmds.begin(), dmds.end(), dmd) - dmds.begin();
    groups[{first, plan_route(systems_[i], embeddings_[i], dmd)}].push_back(i);
  }
  FitWorkspace work;
  const index_t all = std::ssize(which);
  tell_progress(progress, "fit", done, all);
  if (!subspaces.empty()) {
    run_subspaces(subspaces, dmds);
    tell_progress(progress, "fit", done += std::ssize(subspaces), all);
  }
  for (const auto& [key, members] : groups) {
    const Dmd& dmd = dmds[key.first];
    const FitShape& shape = key.second;
    const index_t most = batch_size(backend_, shape, dmd, systems_[members.front()]);
    for (index_t first = 0; first < std::ssize(members); first += most) {
      const auto batch = std::span(members).subspan(first, std::min(most, std::ssize(members) - first));
      std::vector<BatchMember> list;
      for (const index_t i : batch) list.push_back({&systems_[i], &embeddings_[i], &inputs_[at(i)]});
      std::vector<Fitted> result(batch.size());
      Batch together(backend_, work, shape, dmd, std::move(list));
      together.keep_directions(keep_directions_);
      fit_batch(std::move(together), shape.route, result);
      for (std::size_t k = 0; k < batch.size(); ++k) fits_[batch[k]] = std::move(result[k]);
      done += std::ssize(batch);
      tell_progress(progress, "fit", done, all);
    }
  }
}

}  // namespace kindred::host
