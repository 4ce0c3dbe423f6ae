#include "host/cli/report/colour.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pictures.hpp"

namespace kindred::report {

std::string mark(index_t group, double x, double y, double radius) {
  const auto number = static_cast<std::size_t>(group < 0 ? 0 : group);
  const std::string fill = group < 0 ? "var(--muted)" : hex(group_colour(number));
  const double r = radius;
  Markup svg;
  switch (group < 0 ? 0 : number / group_colour_count() % 4) {
    case 0:
      svg << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"" << r << "\"";
      break;
    case 1:
      svg << "<path d=\"M" << x - r << " " << y - r << "h" << 2 * r << "v" << 2 * r << "h" << -2 * r << "z\"";
      break;
    case 2:
      svg << "<path d=\"M" << x << " " << y - 1.2 * r << "l" << 1.2 * r << " " << 2.2 * r << "h" << -2.4 * r << "z\"";
      break;
    default:
      svg << "<path d=\"M" << x << " " << y - 1.3 * r << "l" << 1.3 * r << " " << 1.3 * r << "l" << -1.3 * r << " "
          << 1.3 * r << "l" << -1.3 * r << " " << -1.3 * r << "z\"";
  }
  svg << " fill=\"" << fill << "\"/>";
  return svg.str();
}

std::string legend(const Groups& groups) {
  if (groups.empty()) return {};
  constexpr std::size_t shown = 40;
  Markup html;
  html << "<ul class=\"legend\">";
  for (std::size_t g = 0; g < groups.names.size() && g < shown; ++g) {
    html << "<li><svg width=\"14\" height=\"14\" aria-hidden=\"true\">" << mark(static_cast<index_t>(g), 7, 7, 5)
         << "</svg>" << escape(shorten(groups.names[g], 40)) << "</li>";
  }
  if (groups.names.size() > shown) html << "<li>and " << groups.names.size() - shown << " more groups</li>";
  html << "</ul>";
  return html.str();
}

}  // namespace kindred::report
