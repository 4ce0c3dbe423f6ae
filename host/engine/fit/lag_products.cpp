#include "host/engine/fit/lag_products.hpp"

#include "host/base/index.hpp"
#include "host/engine/fit/sample_panels.hpp"

#include <algorithm>

namespace kindred::host {
namespace {

constexpr index_t transformed_at_once = 1 << 20;  ///< samples that are transformed at once
constexpr index_t products_at_once =
    1 << 18;  ///< values of E and O that are held at once, or as many as a Gram matrix has

class LagProducts {
 public:
  LagProducts(Backend& backend, LagWorkspace& work, std::span<const BatchMember> members, const Dmd& dmd,
              const LagPlan& plan, const MatrixBatch<double>& sums)
      : backend_(backend),
        members_(members),
        batch_(std::ssize(members)),
        channels_(members.front().embedding->channels),
        delays_(dmd.delays),
        interval_(dmd.interval),
        ahead_(dmd.steps_ahead),
        plan_(plan),
        sums_(sums),
        fourier_(backend, plan.length),
        source_(backend, members, dmd, plan.segments),
        back_(coefficients()),
        samples_(grown(backend, work.samples, batch_ * plan.segments * plan.length * channels_)),
        factors_(grown(backend, work.factors, batch_ * plan.segments * plan.rows * channels_)),
        spectra_(grown(backend, work.spectra, 6 * batch_ * plan.segments * plan.band * channels_)),
        products_(grown(backend, work.products, 4 * batch_ * plan.band * channels_ * channels_)) {}

  void run() {
    std::vector<std::vector<Segment>> cuts;  // of every member, the values of s in each segment
    std::size_t most = 0;
    for (const BatchMember& member : members_) {
      cuts.push_back(cut_into_segments(member.embedding->trial_rows, ahead_, plan_.rows));
      most = std::max(most, cuts.back().size());
    }
    for_each_band(fourier_.frequencies(), plan_.band, [&](const Band& band) {
      for (std::size_t first = 0; first < most; first += at(plan_.segments)) {
        transform(cuts, first, band);
        multiply(band, first == 0 ? 0.0 : 1.0);
      }
      transform_back(band);
    });
  }

 private:
  /// g cos w l and g sin w l: rows are frequencies, the two in turn, columns lags; those l_i, then those of l_i + k.
  [[nodiscard]] Buffer<double> coefficients() const {
    std::vector<double> values;
    for (const index_t further : {index_t{0}, ahead_}) {
      for (index_t f = 0; f < fourier_.frequencies(); ++f) {
        for (const index_t part : {0, 1}) {
          for (index_t i = 0; i < delays_; ++i) {
            values.push_back(fourier_.weighted(f, part, (delays_ - 1 - i) * interval_ + further));
          }
        }
      }
    }
    return {backend_, std::span<const double>(values)};
  }

  /// X and Z of some segments of all members, zeros where a member has fewer.
  void transform(const std::vector<std::vector<Segment>>& cuts, std::size_t first, const Band& band) {
    const index_t p = plan_.segments, c = channels_, reach = (delays_ - 1) * interval_ + ahead_;
    std::vector<Segment> x(at(batch_ * p)), now(x), next(x);
    for (std::size_t b = 0; b < cuts.size(); ++b) {
      for (std::size_t k = 0; k < at(p) && first + k < cuts[b].size(); ++k) {
        const Segment& s = cuts[b][first + k];
        const std::size_t to = b * at(p) + k;
        x[to] = {s.trial, s.first, s.rows + reach};
        now[to] = s;
        next[to] = {s.trial, s.first + ahead_, s.rows};
      }
    }
    const MatrixBatch<double> samples = packed(samples_, plan_.length, c);
    source_.write(x, samples);
    transform_each(samples, plan_.length, spectrum(), 0, band);
    const MatrixBatch<double> factors = packed(factors_, plan_.rows, c);
    for (const auto& [segments, column] : {std::pair{&now, index_t{0}}, std::pair{&next, c}}) {
      source_.write(*segments, factors);
      transform_each(factors, plan_.rows, factor(band), column, band);
    }
  }

  /// The transforms of `times` samples of all segments to C columns of `to`, from `column` on: rows of `to` are
  /// segments with their two parts in turn.
  void transform_each(const MatrixBatch<double>& x, index_t times, const MatrixBatch<double>& to, index_t column,
                      const Band& band) {
    const index_t p = plan_.segments, ld = to.ld;
    for (index_t b = 0; b < batch_; ++b) {
      const MatrixBatch<const double> of_member{x[b * p].data, times, x.columns, x.ld, x.stride};
      for (const index_t part : {0, 1}) {
        double* out = to.data + b * band.count * to.stride + part * ld + column;
        const MatrixBatch<double> transformed{out, band.count, channels_, to.stride, 2 * ld};
        backend_.gemm(1.0, fourier_.waves(band, part, times), of_member, 0.0, transformed, p);
      }
    }
  }

  /// Adds E and O of these segments, or begins with them.
  void multiply(const Band& band, double kept) {
    const index_t count = batch_ * band.count;
    const MatrixBatch<double> x = spectrum(), z = factor(band);
    backend_.gemm(1.0, t(x), z, kept, product(0), count);
    backend_.gemm(1.0, t(one_part(x, 1)), one_part(z, 0), kept, product(1), count);
    backend_.gemm(-1.0, t(one_part(x, 0)), one_part(z, 1), 1.0, product(1), count);
  }

  /// Adds what a band contributes to the sums.
  void transform_back(const Band& band) {
    const index_t c = channels_, d = delays_, size = 2 * c * c;  // of E, and of O
    const index_t all = 2 * fourier_.frequencies() * d;          // coefficients of one set of lags
    struct Part {
      index_t factor, lags;
    };
    for (index_t b = 0; b < batch_; ++b) {
      index_t column = 0;
      for (const Part& part : {Part{0, 0}, Part{1, 0}, Part{0, 1}}) {
        const MatrixBatch<const double> wave{back_.data() + part.lags * all + 2 * band.first * d, 2 * band.count, d, d,
                                             0};
        // Row by row of the C x C blocks.
        const MatrixBatch<const double> from{products_ + 2 * b * band.count * size + part.factor * c, 2 * band.count, c,
                                             size, 2 * c};
        const MatrixBatch<double> to{sums_[b].data + column, d, c, c * sums_.ld, sums_.ld};
        backend_.gemm(1.0, t(wave), from, band.first == 0 ? 0.0 : 1.0, to, c);
        column += c;
      }
    }
  }

  /// X of every member and frequency of the band: 2 P x C, the rows segments with their two parts in turn.
  [[nodiscard]] MatrixBatch<double> spectrum() const { return packed(spectra_, 2 * plan_.segments, channels_); }
  /// Z, 2 P x 2 C: of x[s], then of x[s + k].
  [[nodiscard]] MatrixBatch<double> factor(const Band& band) const {
    return packed(spectra_ + 2 * batch_ * plan_.segments * band.count * channels_, 2 * plan_.segments, 2 * channels_);
  }
  /// E (0) or O (1), C x 2 C.
  [[nodiscard]] MatrixBatch<double> product(index_t which) const {
    const index_t c = channels_;
    return {products_ + which * 2 * c * c, c, 2 * c, 2 * c, 4 * c * c};
  }
  static MatrixBatch<double> one_part(const MatrixBatch<double>& m, index_t part) {
    return {m.data + part * m.ld, m.rows / 2, m.columns, 2 * m.ld, m.stride};
  }

  Backend& backend_;
  std::span<const BatchMember> members_;
  index_t batch_, channels_, delays_, interval_, ahead_;
  LagPlan plan_;
  MatrixBatch<double> sums_;
  Fourier fourier_;
  SamplePanels source_;
  Buffer<double> back_;
  double *samples_, *factors_, *spectra_, *products_;
};

double lag_flops(index_t segments, index_t rows, index_t length, index_t channels) {
  const auto c = static_cast<double>(channels), times = static_cast<double>(length + 2 * rows);
  return static_cast<double>(Fourier::frequencies(length) * segments) * (16 * c * c + 4 * c * times);
}

}  // namespace

LagPlan plan_lag_products(index_t rows, index_t trials, index_t channels, const Dmd& dmd) {
  const index_t longest = std::max<index_t>((rows + trials - 1) / trials - dmd.steps_ahead, 1);
  const index_t reach = (dmd.delays - 1) * dmd.interval + dmd.steps_ahead;
  // What the frequencies have to beat: the flops by rows, whose products are larger and run at up to twice the speed.
  const auto c = static_cast<double>(channels);
  double least = 0.5 * 6 * static_cast<double>(rows * dmd.delays) * c * c;
  LagPlan best;
  for_each_cut(longest, [&](index_t of_segment) {
    const index_t segments = trials * ((longest + of_segment - 1) / of_segment), length = of_segment + reach;
    const double here = lag_flops(segments, of_segment, length, channels);
    if (here >= least) return;
    least = here;
    const index_t at_once = std::clamp<index_t>(transformed_at_once / (length * channels), 1, segments);
    const index_t most = std::max(products_at_once / (4 * channels * channels), dmd.delays * dmd.delays / 4);
    best = {of_segment, length, at_once, std::clamp<index_t>(most, 1, Fourier::frequencies(length))};
  });
  return best;
}

std::size_t lag_product_bytes(const LagPlan& plan, index_t channels, const Dmd& dmd) {
  if (plan.rows == 0) return 0;
  const index_t c = channels, p = plan.segments;
  const index_t elements = Fourier::elements(plan.length) + 4 * Fourier::frequencies(plan.length) * dmd.delays +
                           p * (plan.length + plan.rows) * c + 6 * p * plan.band * c + 4 * plan.band * c * c;
  return at(elements) * sizeof(double);
}

void lag_products(Backend& backend, LagWorkspace& work, std::span<const BatchMember> members, const Dmd& dmd,
                  const LagPlan& plan, const MatrixBatch<double>& sums) {
  LagProducts(backend, work, members, dmd, plan, sums).run();
}

}  // namespace kindred::host
