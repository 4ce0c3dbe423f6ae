#include "host/cli/report/spectra.hpp"

#include "host/cli/report/colour.hpp"
#include "host/cli/report/page.hpp"
#include "host/cli/report/plot.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::report {
namespace {

constexpr double side = 420, left = 52, top = 18, bottom = 40;
constexpr double bar_left = left + side + 18, bar_width = 14;
constexpr std::size_t most_points = 4000;
constexpr int decades = 3;  ///< of residuals that have colours of their own: from 1 down to a thousandth

/// How far the picture reaches from 0: round the unit circle, with eigenvalues up to twice as far out ...
double reach_of_circle(const std::vector<const Eigenvalue*>& all) {
  double reach = 1.08;
  for (const Eigenvalue* e : all) reach = std::max(reach, 1.04 * std::abs(e->value));
  return std::min(reach, 2.0);
}

/// The larger of real and imaginary part.
double size_of(const Eigenvalue& e) { return std::max(std::abs(e.value.real()), std::abs(e.value.imag())); }

/// ... or, of generators, every eigenvalue but the tenth that decays or turns fastest.
double reach_of_axis(const std::vector<const Eigenvalue*>& all) {
  std::vector<double> sizes;
  for (const Eigenvalue* e : all) sizes.push_back(size_of(*e));
  std::sort(sizes.begin(), sizes.end());
  const double reach = sizes[(sizes.size() - 1) * 9 / 10];
  return reach > 0 ? 1.05 * reach : 1;
}

std::string colour_of(double residual) {
  if (!std::isfinite(residual)) return "#8a93a0";
  return hex(viridis(1 + std::log10(std::max(residual, 1e-12)) / decades));
}

/// "0.981 + 0.122 i".
std::string written(const std::complex<double>& v) {
  return short_number(v.real()) + (v.imag() < 0 ? " - " : " + ") + short_number(std::abs(v.imag())) + " i";
}

/// What is shown under the pointer.
std::string told(const SystemSpectrum& system, const Eigenvalue& e) {
  std::string out = system.name + "\n" + written(e.value) + ", modulus " + short_number(std::abs(e.value));
  if (std::isfinite(e.residual)) out += "\nresidual " + short_number(e.residual);
  return out;
}

void draw_axes(Markup& svg, const Axis& x, const Axis& y, bool generators) {
  const double floor = top + side;
  for (const double t : ticks(x.low, x.high, 5)) {
    svg << "<path class=\"grid\" d=\"M" << x(t) << " " << top << "V" << floor << "\"/>";
    text(svg, x(t), floor + 15, "middle", 11, short_number(t));
  }
  value_axis(svg, y, left, left + side);
  text(svg, left, top - 4, "start", 11, generators ? "imaginary part, radians per unit of time" : "imaginary part");
  text(svg, left + side / 2, floor + 32, "middle", 11, generators ? "real part, per unit of time" : "real part");
  if (generators) {
    svg << "<path class=\"axis\" d=\"M" << x(0) << " " << top << "V" << floor << "\"/>";
  } else {
    svg << "<circle class=\"axis\" cx=\"" << x(0) << "\" cy=\"" << y(0) << "\" r=\"" << x(1) - x(0) << "\"/>";
  }
}

void draw_colours(Markup& svg) {
  constexpr int steps = 60;
  for (int k = 0; k < steps; ++k) {
    svg << "<rect x=\"" << bar_left << "\" y=\"" << top + side * k / steps << "\" width=\"" << bar_width
        << "\" height=\"" << side / steps + 0.5 << "\" fill=\"" << hex(viridis(1 - (k + 0.5) / steps)) << "\"/>";
  }
  for (int k = 0; k <= decades; ++k) {
    const double y = top + side * k / decades;
    text(svg, bar_left + bar_width + 5, k == 0 ? y + 8 : y, "start", 11, short_number(std::pow(10.0, -k)));
  }
}

}  // namespace

std::string spectra(const std::vector<SystemSpectrum>& systems, bool generators) {
  std::vector<const Eigenvalue*> all;
  for (const SystemSpectrum& system : systems) {
    for (const Eigenvalue& e : system.values) all.push_back(&e);
  }
  if (all.empty()) return {};
  const std::size_t every = (all.size() + most_points - 1) / most_points;
  const bool known = std::any_of(all.begin(), all.end(), [](const auto* e) { return std::isfinite(e->residual); });
  const double reach = generators ? reach_of_axis(all) : reach_of_circle(all);
  const Axis x{-reach, reach, left, left + side}, y{-reach, reach, top + side, top};
  Markup svg;
  open_svg(svg, bar_left + bar_width + 44, top + side + bottom, "Eigenvalues of the operators");
  draw_axes(svg, x, y, generators);
  if (known) draw_colours(svg);
  std::size_t outside = 0, shown = 0;
  for (std::size_t i = 0; i < systems.size(); i += every) {
    shown += systems[i].values.empty() ? 0 : 1;
    for (const Eigenvalue& e : systems[i].values) {
      if (size_of(e) > reach) {
        ++outside;
        continue;
      }
      svg << "<circle class=\"point\" data-text=\"" << escape(told(systems[i], e)) << "\" cx=\"" << x(e.value.real())
          << "\" cy=\"" << y(e.value.imag()) << "\" r=\"" << (all.size() > 1000 ? 2.5 : 4) << "\" fill=\""
          << colour_of(e.residual) << "\"/>";
    }
  }
  svg << "</svg>";
  std::string caption = generators
                            ? "Eigenvalues of the generators; on the vertical line modes neither grow nor decay."
                            : "Eigenvalues of the operators; on the circle modes neither grow nor decay in a step.";
  if (known) {
    caption +=
        " Colour is the residual: how far the data are from each mode turning and decaying as its eigenvalue says. "
        "Dark modes are borne out by the data, yellow ones (1 and above) are not.";
  }
  if (every > 1)
    caption += " " + std::to_string(shown) + " of the systems are drawn, every " + std::to_string(every) + "th.";
  if (outside > 0) caption += " " + std::to_string(outside) + " eigenvalues lie outside.";
  return figure(svg.str(), caption);
}

}  // namespace kindred::report
