#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/metric_names.hpp>

#include <memory>
#include <string>
#include <vector>

namespace kindred::cli {
namespace {

struct MetricsOptions {
  std::vector<std::string> names;
  SayOptions say;
};

std::vector<std::string> aliases_of(const MetricName& metric) { return {metric.aliases.begin(), metric.aliases.end()}; }

Json describe(const MetricName& name, const Metric& metric) {
  const MetricFacts& facts = metric_facts(metric);
  return {{"name", name.name},
          {"aliases", aliases_of(name)},
          {"summary", name.summary},
          {"unit", unit_of(metric)},
          {"formula", facts.formula},
          {"range", facts.range},
          {"invariances", facts.invariances},
          {"cost", facts.cost},
          {"source", facts.source},
          {"is_metric", facts.is_metric && !is_similarity(metric)},
          {"is_similarity", is_similarity(metric)},
          {"of", dmd_of(metric) != nullptr ? "operators" : "recordings"},
          {"configuration", text_of(metric)}};
}

std::string description_of(const MetricName& name, const Metric& metric) {
  const MetricFacts& facts = metric_facts(metric);
  std::string text = std::string(name.name) + ": " + std::string(name.summary) + "\n";
  const auto line = [&](const std::string& what, const std::string& value) {
    if (!value.empty()) text += "  " + what + std::string(13 - what.size(), ' ') + value + "\n";
  };
  line("aliases", joined(aliases_of(name)));
  line("formula", std::string(facts.formula));
  line("range", std::string(facts.range));
  line("unit", unit_of(metric));
  line("unchanged by", std::string(facts.invariances));
  line("metric", is_similarity(metric) ? "no: a similarity"
                 : facts.is_metric     ? "yes: symmetric, with the triangle inequality"
                                       : "no");
  line("cost", std::string(facts.cost));
  line("source", std::string(facts.source));
  return text;
}

void run(const MetricsOptions& o, const Call&) {
  const Console console(o.say.quiet, o.say.json);
  Json list = Json::array();
  std::string text;
  const auto tell = [&](const MetricName& name) {
    const Metric metric = make_metric(name.name);
    list.push_back(describe(name, metric));
    text += (text.empty() ? "" : "\n") + description_of(name, metric);
  };
  for (const std::string& wanted : o.names) {
    const Metric metric = make_metric(wanted);
    for (const MetricName& name : metric_names()) {
      if (make_metric(name.name) == metric) tell(name);
    }
  }
  if (o.names.empty()) {
    for (const MetricName& name : metric_names()) tell(name);
  }
  if (o.say.json) console.result(text_of(list, -1));
  console.print(text);
}

void declare(CLI::App& app, MetricsOptions& o) {
  app.add_option("NAMES", o.names, "These alone")->default_str("");
  add_say_options(app, o.say);
}

}  // namespace

Command metrics_command(CLI::App* app) { return make_command<MetricsOptions>(app, declare, run); }

}  // namespace kindred::cli
