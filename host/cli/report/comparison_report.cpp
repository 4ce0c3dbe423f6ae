#include "host/cli/report/comparison_report.hpp"

#include "host/cli/report/cross_report.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/paired_report.hpp"
#include "host/cli/report/pairwise_report.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_fields.hpp>
#include <kindred/version.hpp>

namespace kindred::report {
namespace {

using cli::Fact;
using cli::RunSummary;
using cli::SystemSummary;

constexpr std::size_t most_systems = 4000;  // an embedding in the plane costs n^3

const std::vector<std::string> system_headings{
    "trials", "steps", "channels", "rank", "numerical rank", "sigma_r / sigma_1", "residual", "status"};

std::string text_of(const Fact::Value& value) {
  return std::visit(
      []<class T>(const T& v) -> std::string {
        if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, double>) {
          return significant(v);
        } else if constexpr (std::is_integral_v<T>) {
          return std::to_string(v);
        } else {
          std::string line;
          if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            for (const std::string& word : v) line += (line.empty() ? "" : " ") + word;
          }
          return line;
        }
      },
      value);
}

/// Rows "device / kind", "cpu".
void add_rows(Facts& rows, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    if (std::holds_alternative<Fact::Nothing>(fact.value) || std::holds_alternative<Fact::NoneOf>(fact.value)) continue;
    std::string name;
    for (const std::string& key : fact.place) name += (name.empty() ? "" : " / ") + key;
    rows.emplace_back(std::move(name), text_of(fact.value));
  }
}

Facts configuration_of(const RunSummary& run) {
  Facts rows;
  add_rows(rows, facts_of(run));
  for (const cli::MetricSummary& metric : run.metrics) add_rows(rows, facts_of(metric));
  return rows;
}

/// The cells under system_headings.
std::vector<std::string> cells_of(const SystemSummary& system) {
  std::vector<std::string> row(system_headings.size());
  if (const auto& recording = system.recording) {
    row[0] = std::to_string(recording->trials);
    row[1] = std::to_string(recording->shortest);
    if (recording->longest != recording->shortest) row[1] += " to " + std::to_string(recording->longest);
    row[2] = std::to_string(recording->channels);
  } else {
    row[3] = std::to_string(system.operator_size);
  }
  if (const auto& fit = system.fit; fit && fit->status == FitStatus::failed) {
    row[7] = "failed: " + fit->detail;
  } else if (fit) {
    row[3] = std::to_string(fit->rank);
    row[4] = (fit->numerical_rank_is_bound ? ">= " : "") + std::to_string(fit->numerical_rank);
    row[5] = significant(fit->sigma_ratio);
    row[6] = significant(fit->residual);
    row[7] = status_name(fit->status);
  }
  return row;
}

/// Names, labels and cells of one collection.
CrossSide side_of(const std::vector<SystemSummary>& systems) {
  CrossSide out;
  for (const SystemSummary& system : systems) {
    out.names.push_back(system.name);
    out.labels.push_back(system.label);
    out.system_rows.push_back(cells_of(system));
  }
  return out;
}

/// The eigenvalues of all operators of a run; empty where it has none.
std::string spectra_of(const RunSummary& run) {
  bool generators = run.dmd && run.dmd->dt > 0;
  for (const cli::MetricSummary& metric : run.metrics) {
    const Dmd* dmd = dmd_of(metric.metric);
    generators = generators || (dmd != nullptr && dmd->dt > 0);
  }
  std::vector<SystemSpectrum> all;
  for (const auto* side : {&run.rows, run.columns ? &*run.columns : nullptr}) {
    if (side == nullptr) continue;
    for (const SystemSummary& system : *side) {
      all.push_back({system.name, system.fit ? system.fit->spectrum : system.eigenvalues});
    }
  }
  return spectra(all, generators);
}

/// "20000", or "20000 x 300".
std::string all_of(const RunSummary::Sampled& sampled, bool two) {
  return std::to_string(sampled.of_rows) + (two ? " x " + std::to_string(sampled.of_columns) : "");
}

/// What is shown of the tests of groups.
std::vector<std::pair<std::string, std::string>> figures_of(const statistics::GroupComparison& groups, bool several) {
  const auto relabellings = [](const statistics::PermutationTest& test) {
    return (test.exact ? "all " : "") + std::to_string(test.permutations) + (test.exact ? "" : " random") +
           " relabellings";
  };
  std::vector<std::pair<std::string, std::string>> out = {
      {significant(groups.permanova.p), "p of the groups (PERMANOVA, " + relabellings(groups.permanova) + ")"}};
  if (several) out.emplace_back(significant(groups.permanova.q), "q, that p over all metrics of this page");
  out.emplace_back(significant(groups.r_squared), "share of the squared distances between groups, R\u00b2");
  out.emplace_back(significant(groups.silhouette), "silhouette");
  return out;
}

}  // namespace

void check_shown(const Metric& metric) {
  if (is_similarity(metric)) {
    throw Error(ErrorCode::invalid_argument, "--report shows distances: leave out --score similarity");
  }
}

void check_shown(std::size_t systems) {
  if (systems > most_systems) {
    throw Error(ErrorCode::invalid_argument,
                "--report shows at most " + std::to_string(most_systems) + " systems, not " + std::to_string(systems));
  }
}

std::string render(const RunSummary& run, const std::vector<const DistanceMatrix*>& matrices,
                   const std::string& title) {
  const std::string made = ", kindred " + std::string(version()) + ", " + run.created;
  const std::size_t rows = run.rows.size();
  const std::string of_all = run.sampled ? ", a sample of " + all_of(*run.sampled, run.columns.has_value()) : "";
  if (run.columns) {
    const std::size_t columns = run.columns->size();
    CrossReport page;
    page.title = title;
    page.subtitle = run.paired ? std::to_string(rows) + (rows == 1 ? " pair" : " pairs") + made
                               : std::to_string(rows) + " x " + std::to_string(columns) +
                                     (columns == 1 ? " system" : " systems") + of_all + made;
    page.rows = side_of(run.rows);
    page.columns = side_of(*run.columns);
    page.configuration = configuration_of(run);
    page.system_headings = system_headings;
    page.spectra = spectra_of(run);
    for (std::size_t k = 0; k < matrices.size(); ++k) {
      page.panels.push_back({run.metrics[k].name, unit_of(run.metrics[k].metric), matrices[k]->distances()});
    }
    return run.paired ? render_paired(page) : render(page);
  }
  CrossSide side = side_of(run.rows);
  PairwiseReport page;
  page.title = title;
  page.subtitle = std::to_string(rows) + " systems" + of_all + made;
  page.names = std::move(side.names);
  page.labels = std::move(side.labels);
  page.configuration = configuration_of(run);
  page.system_headings = system_headings;
  page.spectra = spectra_of(run);
  page.system_rows = std::move(side.system_rows);
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const cli::MetricSummary& metric = run.metrics[k];
    page.panels.push_back(
        {metric.name, unit_of(metric.metric), {matrices[k]->distances(), matrices[k]->rows()}, {}, {}});
    page.panels.back().noise_floor = metric.noise_floor;
    if (metric.groups) page.panels.back().figures = figures_of(*metric.groups, matrices.size() > 1);
  }
  return render(page);
}

}  // namespace kindred::report
