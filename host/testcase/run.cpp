#include <kindred/error.hpp>
#include <kindred/testcase.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "host/base/index.hpp"
#include "host/testcase/summary.hpp"

namespace kindred::testcase {
namespace {

using host::at;

template <class M>
concept OfOperators = requires(M m) {
  m.dmd;
};

bool uses_operators(const Metric& metric) {
  return std::visit([](const auto& m) { return OfOperators<std::decay_t<decltype(m)>>; }, metric);
}

Metric with_dmd(Metric metric, const Dmd& dmd) {
  std::visit(
      [&dmd](auto& m) {
        if constexpr (OfOperators<std::decay_t<decltype(m)>>) m.dmd = dmd;
      },
      metric);
  return metric;
}

template <class T>
std::vector<T> pick(const std::vector<T>& all, const std::vector<index_t>& which) {
  std::vector<T> out;
  out.reserve(which.size());
  for (const index_t i : which) out.push_back(all[at(i)]);
  return out;
}

/// Distances of one seed under one setting, n x n with NaN for pairs that no block compares. `items` are systems or
/// operators; an operator that was not fitted is never looked at.
template <class Item>
std::vector<double> distances(Engine& engine, const std::vector<Item>& items, const std::vector<Block>& blocks,
                              const Metric& metric) {
  const std::size_t n = items.size();
  std::vector<double> out(n * n, std::numeric_limits<double>::quiet_NaN());
  for (const auto& block : blocks) {
    const auto rows = pick(items, block.rows);
    const bool square = block.columns.empty();
    const auto& columns = square ? block.rows : block.columns;
    const auto d = square ? engine.pairwise(rows, metric) : engine.cross(rows, pick(items, block.columns), metric);
    for (std::size_t i = 0; i < block.rows.size(); ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j) {
        const auto row = at(block.rows[i]), column = at(columns[j]);
        out[row * n + column] = out[column * n + row] = d(static_cast<index_t>(i), static_cast<index_t>(j));
      }
    }
  }
  return out;
}

/// The systems that the blocks of a setting compare.
std::vector<index_t> compared(const Setting& setting) {
  std::vector<index_t> out;
  for (const auto& block : setting.blocks) {
    out.insert(out.end(), block.rows.begin(), block.rows.end());
    out.insert(out.end(), block.columns.begin(), block.columns.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Whether two settings differ in nothing but the rank of their operators.
bool share_fit(const Setting& a, const Setting& b) {
  Dmd same_rank = a.dmd;
  same_rank.rank = b.dmd.rank;
  return a.blocks == b.blocks && same_rank == b.dmd;
}

index_t count_excess(const OperatorSet& operators) {
  return std::count_if(operators.begin(), operators.end(), [](const Operator& a) {
    return a.facts.status == FitStatus::rank_excess || a.facts.status == FitStatus::undetermined;
  });
}

/// Runs the settings of one seed. Settings that differ in the rank alone share their fits; distances of metrics that
/// see no operator are computed once for equal blocks.
class SeedRun {
 public:
  SeedRun(Engine& engine, const Case& test, const std::vector<Measure>& measures, const Options& options,
          std::uint64_t seed)
      : engine_(engine),
        test_(test),
        measures_(measures),
        options_(options),
        seed_(seed),
        systems_(test.generate(seed)) {
    if (options.on_systems) options.on_systems(test, seed, systems_);
    for (const auto& system : systems_) there_.push_back(system.trial_count() > 0);
    prepare();
  }

  [[nodiscard]] std::size_t size() const { return systems_.size(); }

  /// One matrix a measure.
  std::vector<std::vector<double>> run(std::size_t setting, index_t& excess) {
    std::vector<std::vector<double>> out;
    for (std::size_t m = 0; m < measures_.size(); ++m) {
      out.push_back(matrix(m, setting));
      if (options_.on_distances) options_.on_distances(test_, setting, seed_, measures_[m].name, out.back());
    }
    const auto fitted = operators_.extract(setting);
    excess = fitted.empty() ? 0 : count_excess(fitted.mapped());
    return out;
  }

 private:
  /// The systems that are there, as the case wants them compared.
  void prepare() {
    const Preprocess& how = test_.preprocess;
    if (how == Preprocess{}) return;
    const auto present = remaining(all_of(systems_.size()));
    auto prepared = engine_.preprocess(pick(systems_, present), how);
    for (std::size_t i = 0; i < present.size(); ++i) {
      systems_[at(present[i])] = std::move(prepared[i]);
    }
  }

  static std::vector<index_t> all_of(std::size_t n) {
    std::vector<index_t> out(n);
    std::iota(out.begin(), out.end(), 0);
    return out;
  }

  std::vector<index_t> remaining(std::vector<index_t> which) const {
    std::erase_if(which, [this](index_t i) { return !there_[at(i)]; });
    return which;
  }

  /// The blocks without systems that have no trials.
  std::vector<Block> present(const std::vector<Block>& blocks) const {
    std::vector<Block> out;
    for (const auto& block : blocks) {
      Block left{remaining(block.rows), remaining(block.columns)};
      const bool empty = left.rows.empty() || left.columns.empty() != block.columns.empty();
      if (!empty) out.push_back(std::move(left));
    }
    return out;
  }

  /// Operators of a setting, one a system; those of systems that it does not compare stay empty. Those of later
  /// settings that share the fit come with them.
  const OperatorSet& operators(std::size_t setting) {
    if (const auto known = operators_.find(setting); known != operators_.end()) return known->second;
    std::vector<std::size_t> settings;
    std::vector<index_t> ranks;
    for (std::size_t s = setting; s < test_.settings.size(); ++s) {
      if (!share_fit(test_.settings[setting], test_.settings[s])) continue;
      settings.push_back(s);
      ranks.push_back(test_.settings[s].dmd.rank.number);
    }
    const auto needed = remaining(compared(test_.settings[setting]));
    auto fitted = engine_.fit(pick(systems_, needed), test_.settings[setting].dmd, ranks);
    for (std::size_t k = 0; k < settings.size(); ++k) {
      OperatorSet all(systems_.size());
      for (std::size_t i = 0; i < needed.size(); ++i) {
        all[at(needed[i])] = std::move(fitted[k][i]);
      }
      operators_.insert_or_assign(settings[k], std::move(all));
    }
    return operators_.at(setting);
  }

  std::vector<double> matrix(std::size_t m, std::size_t setting) {
    const Setting& how = test_.settings[setting];
    if (const auto* foreign = std::get_if<Measure::Foreign>(&measures_[m].metric)) {
      auto known = (*foreign)(test_, setting, seed_);
      if (matrix_size(known.size()) != static_cast<index_t>(size())) {
        throw Error(ErrorCode::invalid_data, measures_[m].name + ": distances between " +
                                                 std::to_string(matrix_size(known.size())) + " systems; case " +
                                                 test_.name + " has " + std::to_string(size()));
      }
      return known;
    }
    const Metric metric = with_dmd(std::get<Metric>(measures_[m].metric), how.dmd);
    if (uses_operators(metric)) return distances(engine_, operators(setting), present(how.blocks), metric);
    for (std::size_t earlier = 0; earlier < setting; ++earlier) {
      const auto known = geometric_.find({m, earlier});
      if (known != geometric_.end() && test_.settings[earlier].blocks == how.blocks) return known->second;
    }
    return geometric_[{m, setting}] = distances(engine_, systems_, present(how.blocks), metric);
  }

  Engine& engine_;
  const Case& test_;
  const std::vector<Measure>& measures_;
  const Options& options_;
  std::uint64_t seed_;
  std::vector<TrajectorySet> systems_;
  std::vector<bool> there_;
  std::map<std::size_t, OperatorSet> operators_;                                  // by setting, until it has been run
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> geometric_;  // (measure, setting) -> distances
};

std::vector<double> sample(const View& view, const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> out;
  out.reserve(view.comparisons.size());
  for (const auto& c : view.comparisons) {
    out.push_back(matrix[at(c.row) * n + at(c.column)]);
  }
  return out;
}

}  // namespace

index_t matrix_size(std::size_t values) {
  const auto n = static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(values))));
  if (n * n != values) {
    throw Error(ErrorCode::invalid_data, std::to_string(values) + " distances do not make a square matrix");
  }
  return static_cast<index_t>(n);
}

Result run(Engine& engine, const Case& test, const std::vector<Measure>& measures, const Options& options) {
  if (options.seeds < 1) throw Error(ErrorCode::invalid_argument, "a test case needs at least one seed");
  if (measures.empty()) throw Error(ErrorCode::invalid_argument, "a test case needs at least one metric");
  const auto start = std::chrono::steady_clock::now();
  for (const Measure& measure : measures) {
    if (const auto* metric = std::get_if<Metric>(&measure.metric)) engine.keep_for(*metric);
  }
  Result result;
  result.description = test;
  result.excess.resize(test.settings.size());
  // samples[view][measure][seed]
  std::vector<std::vector<Samples>> samples(test.views.size(), std::vector<Samples>(measures.size()));
  for (index_t i = 0; i < options.seeds; ++i) {
    if (options.progress && !options.progress({"seed", i, options.seeds})) {
      throw Error(ErrorCode::cancelled, "cancelled in test case " + test.name);
    }
    const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(i);
    result.seeds.push_back(seed);
    SeedRun one(engine, test, measures, options, seed);
    for (std::size_t s = 0; s < test.settings.size(); ++s) {
      const auto matrices = one.run(s, result.excess[s].emplace_back());
      for (std::size_t v = 0; v < test.views.size(); ++v) {
        if (test.views[v].setting != s) continue;
        for (std::size_t m = 0; m < measures.size(); ++m) {
          samples[v][m].push_back(sample(test.views[v], matrices[m], one.size()));
        }
      }
    }
  }
  for (std::size_t v = 0; v < test.views.size(); ++v) {
    auto& summaries = result.summaries.emplace_back();
    for (std::size_t m = 0; m < measures.size(); ++m) {
      summaries.push_back(summarise(test.views[v], measures[m].name, samples[v][m], options.permutations));
    }
    correct_for_metrics(summaries);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.progress) options.progress({"seed", options.seeds, options.seeds});
  return result;
}

}  // namespace kindred::testcase
