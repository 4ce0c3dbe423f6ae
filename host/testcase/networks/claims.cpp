#include "host/testcase/networks/matrices.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace kindred::testcase {
namespace {

constexpr double level = 0.05;
std::string text(const char* pattern, double a, double b = 0, double c = 0) {
  char out[160];
  std::snprintf(out, sizeof out, pattern, a, b, c);
  return out;
}

/// "+0.25 ± 0.01", without an error where there is but one seed.
std::string with_error(const char* pattern, const Figure& f) {
  return text(pattern, f.mean) + (std::isnan(f.standard_error) ? "" : text(" ± %.2f", f.standard_error));
}

/// Whether an effect is there (q below `level`), is not there (the figures lie the other way, or the one-sided p is
/// above a half), or would need more seeds to tell.
enum class Finding { there, not_settled, not_there };

Finding finding(bool as_claimed, double p, double q) {
  if (std::isnan(p)) return Finding::not_settled;
  if (!as_claimed || p > 0.5) return Finding::not_there;
  return q < level ? Finding::there : Finding::not_settled;
}

/// A metric's answer to a claim: whether it shows what the claim says of DSA, in figures.
struct Answer {
  std::string metric, figures;
  Finding found;
  double p, q;
};

const Answer* find(const std::vector<Answer>& answers, const std::string& metric) {
  const auto found = std::find_if(answers.begin(), answers.end(), [&](const Answer& a) { return a.metric == metric; });
  return found == answers.end() ? nullptr : &*found;
}

/// A claim without figures.
Claim claim(std::string name, std::string statement, std::string verdict, std::string remark) {
  return {std::move(name), std::move(statement), std::move(verdict), "", nan, nan, std::move(remark)};
}

/// "holds" if DSA shows it and the others do not; else who shows it, or that the seeds do not tell.
Claim contrast(std::string name, std::string statement, const std::vector<Answer>& answers, std::string remark) {
  Claim out = claim(std::move(name), std::move(statement), "not judged: dsa was not asked", std::move(remark));
  for (const auto& answer : answers)
    out.figures += (out.figures.empty() ? "" : "; ") + answer.metric + " " + answer.figures;
  const Answer* dsa = find(answers, "dsa");
  if (dsa == nullptr) return out;
  out.p = dsa->p, out.q = dsa->q;
  if (dsa->found != Finding::there) {
    out.verdict = dsa->found == Finding::not_there ? "does not hold" : "not settled";
    return out;
  }
  std::string also;
  for (const char* other : {"cka", "procrustes"}) {
    const Answer* answer = find(answers, other);
    if (answer != nullptr && answer->found == Finding::there)
      also += (also.empty() ? "" : " and ") + std::string(other);
  }
  out.verdict = also.empty() ? "holds" : "holds for dsa, and for " + also + " too";
  return out;
}

const View* view_of(const Result& result, const std::string& name, std::size_t& index) {
  for (std::size_t v = 0; v < result.description.views.size(); ++v) {
    if (result.description.views[v].name == name) {
      index = v;
      return &result.description.views[v];
    }
  }
  return nullptr;
}

std::vector<Answer> trend_answers(const NetworkStudy& study, const std::string& view) {
  std::vector<Answer> out;
  std::size_t v = 0;
  if (view_of(study.views, view, v) == nullptr) return out;
  for (const auto& s : study.views.summaries[v]) {
    out.push_back(
        {s.metric, with_error("%+.2f", s.relative_slope), finding(s.relative_slope.mean < 0, s.p, s.q), s.p, s.q});
  }
  return out;
}

Claim parts_claim(const NetworkStudy& study, const std::string& setting, bool with_master_frozen) {
  return contrast(
      "C1, " + setting + (with_master_frozen ? "" : ", without master frozen"),
      "DSA's distance to the master falls with the parts learned before; CKA's and Procrustes' do not (slope / mean)",
      trend_answers(study,
                    std::string("parts") + (with_master_frozen ? "" : ", without master frozen") + "; " + setting),
      with_master_frozen
          ? "The master-frozen network never learns the task and is far for every metric: it alone makes the slope."
          : "All of these networks learned the task, on trials that are the same for all of them; the paper's CKA and "
            "Procrustes compare different trials with each other.");
}

Claim learning_claim(const NetworkStudy& study, const std::string& setting) {
  std::vector<Answer> answers;
  for (const auto& s : study.learning) {
    if (s.setting != setting) continue;
    const auto &none = s.rows.front(), &all = s.rows[3];
    answers.push_back({s.metric,
                       text("none %.3g to %.3g", none.distance.front().mean, none.distance.back().mean) +
                           text(", all %.3g to %.3g", all.distance.front().mean, all.distance.back().mean),
                       finding(none.change.mean > 0 && all.change.mean < 0, s.p, s.q), s.p, s.q});
  }
  return contrast(
      "C2, " + setting,
      "Over learning DSA's distance to the master rises without pretraining and falls with all parts; CKA's "
      "and Procrustes' do not",
      answers, "Distances at the same share of both networks' trainings; sign test over seeds.");
}

Claim behaviour_claim(const NetworkStudy& study, const std::string& setting) {
  std::vector<Answer> answers;
  for (const auto& s : study.behaviour) {
    if (s.setting != setting) continue;
    answers.push_back({s.metric, text("%+.2f (R^2 %.2f)", s.relative_slope, s.r_squared),
                       finding(s.pooled_slope > 0, s.p, s.q), s.p, s.q});
  }
  return contrast(
      "C3, " + setting,
      "DSA's distance grows with the difference in accuracy; CKA's and Procrustes' do not (slope / mean)", answers,
      "With the same trials for all networks the geometry follows behaviour too; with shuffled trials it cannot.");
}

/// The verdict on a claim that an effect is not there.
std::string absence(Finding found, const char* holds) {
  return found == Finding::there ? "does not hold" : found == Finding::not_there ? holds : "not settled";
}

/// Mamba: no fall with shared parts.
Claim flat_claim(const NetworkStudy& study, const std::string& setting) {
  const auto answers = trend_answers(study, "parts, without master frozen; " + setting);
  Claim out = contrast("C4, " + setting, "Mamba's distance to the master does not fall with the parts learned before",
                       answers, "The paper: 0.415, 0.445, 0.466 for one, two and three parts.");
  const Answer* dsa = find(answers, "dsa");
  if (dsa != nullptr) out.verdict = absence(dsa->found, "holds: no fall is seen");
  return out;
}

/// Adds each metric's ratio in a view, and p and q of dsa, whose summary is returned; null without the view or dsa.
const Summary* add_ratios(Claim& out, const NetworkStudy& study, const std::string& view) {
  std::size_t v = 0;
  if (view_of(study.views, view, v) == nullptr) return nullptr;
  const Summary* dsa = nullptr;
  for (const Summary& s : study.views.summaries[v]) {
    out.figures += (out.figures.empty() ? "" : "; ") + s.metric + with_error(" %.2f", s.ratio);
    if (s.metric == "dsa") dsa = &s;
  }
  if (dsa != nullptr) out.p = dsa->p, out.q = dsa->q;
  return dsa;
}

/// ... and pretrained ones are no nearer than untrained ones.
Claim untrained_claim(const NetworkStudy& study, const std::string& setting) {
  Claim out = claim("C4, untrained, " + setting, "A pretrained Mamba is no nearer to the master than an untrained one",
                    "", "Ratio of the untrained network's distance to the mean of those that learned the task.");
  if (const auto* dsa = add_ratios(out, study, "trained, without master frozen; " + setting)) {
    out.verdict = absence(finding(dsa->ratio.mean > 1, dsa->p, dsa->q), "holds: no difference is seen");
  }
  return out;
}

Claim moved_claim(const NetworkStudy& study, const std::string& setting) {
  Claim out =
      claim("moved, " + setting, "How far learning moves a network, over how far two untrained ones are apart",
            "a measure", "Compare the two cases: the smaller, the less learning changes the recurrent dynamics.");
  (void)add_ratios(out, study, "moved, against two untrained; " + setting);
  return out;
}

}  // namespace

std::vector<Claim> judge_claims(const NetworkStudy& study, bool mamba) {
  std::vector<Claim> out;
  for (const std::string setting : {"short", "paper"}) {
    if (mamba) {
      out.push_back(flat_claim(study, setting));
      out.push_back(untrained_claim(study, setting));
    } else {
      out.push_back(parts_claim(study, setting, true));
      out.push_back(parts_claim(study, setting, false));
      out.push_back(learning_claim(study, setting));
      out.push_back(behaviour_claim(study, setting));
    }
    out.push_back(moved_claim(study, setting));
  }
  out.push_back(claim("C5", "DSA is more robust to noise", "see the attractor case noise", "kindred testcase noise"));
  return out;
}

}  // namespace kindred::testcase
