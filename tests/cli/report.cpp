/// The parts of a report against cases worked out by hand.
#include "host/cli/report/cluster.hpp"
#include "host/cli/report/colour.hpp"
#include "host/cli/report/embedding.hpp"
#include "host/cli/report/groups.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/pairwise_report.hpp"
#include "host/cli/report/pictures.hpp"
#include "host/cli/report/png.hpp"

#include <zlib.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace kindred;
using namespace kindred::report;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Distances between points of the line or the plane.
Distances between(const std::vector<double>& x, const std::vector<double>& y) {
  Distances d{{}, static_cast<index_t>(x.size())};
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) d.values.push_back(std::hypot(x[i] - x[j], y[i] - y[j]));
  }
  return d;
}

/// Average linkage by its definition: the mean of all distances across, over every pair of clusters, every time.
std::vector<double> naive_heights(const Distances& d) {
  std::vector<std::vector<index_t>> clusters;
  for (index_t i = 0; i < d.n; ++i) clusters.push_back({i});
  std::vector<double> heights;
  while (clusters.size() > 1) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t left = 0, right = 1;
    for (std::size_t a = 0; a < clusters.size(); ++a) {
      for (std::size_t b = a + 1; b < clusters.size(); ++b) {
        long double sum = 0;
        for (const index_t i : clusters[a]) {
          for (const index_t j : clusters[b]) sum += d(i, j);
        }
        const auto mean = static_cast<double>(sum / static_cast<long double>(clusters[a].size() * clusters[b].size()));
        if (mean < best) {
          best = mean;
          left = a;
          right = b;
        }
      }
    }
    heights.push_back(best);
    clusters[left].insert(clusters[left].end(), clusters[right].begin(), clusters[right].end());
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(right));
  }
  return heights;
}

PairwiseReport example(std::vector<std::string> names, std::vector<std::string> labels, Distances d) {
  PairwiseReport report;
  report.title = "title";
  report.names = std::move(names);
  report.labels = std::move(labels);
  report.panels.push_back({"dsa", "radians", std::move(d)});
  return report;
}

/// The palette indices of the PNG in a picture, row by row: a filter byte (none) before each row is left out.
std::vector<int> pixels_of(const std::string& svg, std::size_t width, std::size_t height) {
  const std::string mark = "base64,", letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string file;
  unsigned bits = 0, held = 0;
  for (std::size_t at = svg.find(mark) + mark.size(); svg[at] != '"' && svg[at] != '='; ++at) {
    held = held << 6 | static_cast<unsigned>(letters.find(svg[at]));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    file += static_cast<char>(held >> bits & 0xff);
  }
  const std::size_t data = file.find("IDAT") + 4;
  std::vector<unsigned char> rows(height * (width + 1));
  uLongf bytes = rows.size();
  REQUIRE(uncompress(rows.data(), &bytes, reinterpret_cast<const Bytef*>(file.data() + data), file.size() - data) ==
          Z_OK);
  REQUIRE(bytes == rows.size());
  std::vector<int> out;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (k % (width + 1) != 0) out.push_back(rows[k]);
  }
  return out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("average linkage of four points on a line", "[cli][report]") {
  // 0, 1, 4, 10: {0,1} at 1; with 4 at (4 + 3) / 2 = 3.5; with 10 at (10 + 9 + 6) / 3 = 25 / 3.
  const Dendrogram tree = average_linkage(between({0, 10, 1, 4}, {0, 0, 0, 0}));
  REQUIRE(tree.merges.size() == 3);
  CHECK(tree.merges[0].height == 1);
  CHECK(tree.merges[1].height == 3.5);
  CHECK(tree.merges[2].height == Approx(25.0 / 3).epsilon(1e-15));
  CHECK(std::min(tree.merges[0].left, tree.merges[0].right) == 0);
  CHECK(std::max(tree.merges[0].left, tree.merges[0].right) == 2);
  auto order = tree.order;
  if (order.front() == 1) std::reverse(order.begin(), order.end());
  CHECK(order == std::vector<index_t>{0, 2, 3, 1});
}

TEST_CASE("average linkage agrees with its definition", "[cli][report]") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform;
  for (const index_t n : {0, 1, 2, 3, 7, 33}) {
    std::vector<double> x(static_cast<std::size_t>(n)), y(x.size());
    for (double& v : x) v = uniform(random);
    for (double& v : y) v = uniform(random);
    const Distances d = between(x, y);
    const Dendrogram tree = average_linkage(d);
    const auto heights = naive_heights(d);
    REQUIRE(tree.merges.size() == heights.size());
    // Both average at most n^2 numbers below 2: n^2 roundings of 2 eps.
    const double tolerance = 4 * static_cast<double>(n * n) * std::numeric_limits<double>::epsilon();
    for (std::size_t k = 0; k < heights.size(); ++k) CHECK(std::abs(tree.merges[k].height - heights[k]) <= tolerance);
    auto leaves = tree.order;
    std::sort(leaves.begin(), leaves.end());
    REQUIRE(leaves.size() == x.size());
    for (std::size_t k = 0; k < leaves.size(); ++k) CHECK(leaves[k] == static_cast<index_t>(k));
  }
}

TEST_CASE("a heat map shows each distance at its place, under its names", "[cli][report]") {
  // Rows r, s against columns x, y, z, all different: the darker, the smaller.
  const std::vector<double> values = {0, 1, 2, 5, 4, 3};
  const std::string cross =
      heat_map(Grid{values, 2, 3}, {{"r", "s"}, group({"", ""})}, {{"x", "y", "z"}, group({"", "", ""})}, "unit", "id");
  const auto grid = pixels_of(cross, 3, 2);
  CHECK((grid[0] < grid[1] && grid[1] < grid[2] && grid[2] < grid[5] && grid[5] < grid[4] && grid[4] < grid[3]));
  const auto place = [](const std::string& svg, const std::string& name) { return svg.find(">" + name + "</text>"); };
  CHECK((place(cross, "r") < place(cross, "s") && place(cross, "x") < place(cross, "y")));

  // Points 0, 10, 1, 4 on a line: the leaves, from one end to the other, are a, c, d, b.
  const Distances d = between({0, 10, 1, 4}, {0, 0, 0, 0});
  const Dendrogram tree = average_linkage(d);
  const std::string svg = heat_map(d, tree, {{"a", "b", "c", "d"}, group({"", "", "", ""})}, "unit", "id");
  const bool forward = tree.order.front() == 0;
  CHECK((place(svg, "a") < place(svg, "c")) == forward);
  CHECK((place(svg, "c") < place(svg, "d")) == forward);
  CHECK((place(svg, "d") < place(svg, "b")) == forward);
  const auto square = pixels_of(svg, 4, 4);
  for (std::size_t k = 0; k < 16; ++k) {
    CHECK((square[k] == square[0]) == (k % 5 == 0));  // zero on the diagonal alone
    CHECK(square[k] == square[4 * (k % 4) + k / 4]);
  }
}

TEST_CASE("a histogram has a bar for every distance, the smallest and the largest too", "[cli][report]") {
  // Distances 1, 2 and 3 between three points of a line.
  const std::string svg = histogram(between({0, 1, 3}, {0, 0, 0}), {{"a", "b", "c"}, group({"", "", ""})}, "unit");
  const std::size_t bars = svg.find("<path fill=");
  const std::string path = svg.substr(bars, svg.find("/>", bars) - bars);
  CHECK(count(path, "M") == 3);
  CHECK(count(path, "v-") == 3);
  CHECK(svg.find("3 pairs, mean 2") != std::string::npos);
}

TEST_CASE("no branches cross, and the two leaves that meet are the closest of four", "[cli][report]") {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform;
  for (const index_t n : {2, 3, 4, 9, 40}) {
    std::vector<double> x(static_cast<std::size_t>(n)), y(x.size());
    for (double& v : x) v = uniform(random);
    for (double& v : y) v = uniform(random);
    const Distances d = between(x, y);
    const Dendrogram tree = average_linkage(d);
    // The leaves of every node, and the places of the first and the last of them in the picture.
    std::vector<std::vector<index_t>> leaves;
    for (index_t i = 0; i < n; ++i) leaves.push_back({i});
    const auto span = [&tree](const std::vector<index_t>& node) {
      std::vector<index_t> places;
      for (const index_t leaf : node) {
        places.push_back(std::find(tree.order.begin(), tree.order.end(), leaf) - tree.order.begin());
      }
      return std::pair(*std::min_element(places.begin(), places.end()),
                       *std::max_element(places.begin(), places.end()));
    };
    const auto leaf_at = [&tree](index_t place) { return tree.order[static_cast<std::size_t>(place)]; };
    for (const Merge& merge : tree.merges) {
      std::vector<index_t> one = leaves[static_cast<std::size_t>(merge.left)],
                           other = leaves[static_cast<std::size_t>(merge.right)];
      if (span(one).first > span(other).first) std::swap(one, other);
      const auto [a, b] = span(one);
      const auto [first, last] = span(other);
      REQUIRE(b - a + 1 == static_cast<index_t>(one.size()));
      REQUIRE(last - first + 1 == static_cast<index_t>(other.size()));
      REQUIRE(first == b + 1);
      for (const index_t left : {a, b}) {
        for (const index_t right : {first, last}) {
          REQUIRE(d(leaf_at(b), leaf_at(first)) <= d(leaf_at(left), leaf_at(right)));
        }
      }
      one.insert(one.end(), other.begin(), other.end());
      leaves.push_back(one);
    }
  }
}

TEST_CASE("a failed system clusters last and has no place in the plane", "[cli][report]") {
  Distances d = between({0, 1, 5, 9}, {0, 0, 0, 0});
  for (index_t j = 0; j < 4; ++j) {
    if (j != 1) d.values[static_cast<std::size_t>(4 + j)] = d.values[static_cast<std::size_t>(4 * j + 1)] = missing;
  }
  const Dendrogram tree = average_linkage(d);
  CHECK((tree.order.front() == 1 || tree.order.back() == 1));
  const Embedding e = classical_mds(d);
  CHECK(std::isnan(e.x[1]));
  CHECK(std::abs(std::abs(e.x[0] - e.x[3]) - 9) <= 1e-13);
  CHECK(off_diagonal_range(d).low == 4);
  CHECK(off_diagonal_range(d).high == 9);
}

TEST_CASE("classical scaling recovers the distances of a plane", "[cli][report]") {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(-3, 3);
  for (const std::size_t n : {1U, 2U, 3U, 7U, 40U}) {
    std::vector<double> x(n), y(n);
    for (double& v : x) v = uniform(random);
    for (double& v : y) v = uniform(random);
    const Distances d = between(x, y);
    const Embedding e = classical_mds(d);
    const Distances shown = between(e.x, e.y);
    // Eigenvalues below n * 9 with an absolute error of n^2 eps that; the root of a vanishing one adds its square root.
    const double tolerance = n > 2 ? 1e-10 : 1e-6;
    for (std::size_t k = 0; k < d.values.size(); ++k) CHECK(std::abs(d.values[k] - shown.values[k]) <= tolerance);
    CHECK(e.stress <= tolerance);
    if (n > 0) CHECK(*std::max_element(e.x.begin(), e.x.end()) >= -*std::min_element(e.x.begin(), e.x.end()) - 1e-9);
  }
}

TEST_CASE("within and between groups by hand", "[cli][report]") {
  // 0, 1 | 4, 6 | one without a label. Within: 1, 2; between: 4, 6, 3, 5.
  const Distances d = between({0, 1, 4, 6, 100}, {0, 0, 0, 0, 0});
  const Groups groups = group({"a", "a", "b", "b", ""});
  CHECK(groups.of == std::vector<index_t>{0, 0, 1, 1, -1});
  const Separation s = separation(d, groups);
  CHECK(s.within == std::vector<double>{1, 2});
  CHECK(s.between == std::vector<double>{4, 6, 3, 5});
  CHECK(s.within_mean == 1.5);
  CHECK(s.between_mean == 4.5);
  CHECK(s.ratio == 3);
  CHECK(s.neighbours_right == 4);
  CHECK(s.neighbours_asked == 4);
  CHECK(mean_distance(d, groups, 0, 0) == 1);
  CHECK(mean_distance(d, groups, 0, 1) == 4.5);
  CHECK(std::isnan(separation(d, group({"", "", "", "", ""})).ratio));
}

TEST_CASE("the colour scale rises in luminance and clamps", "[cli][report]") {
  CHECK(hex(viridis(0)) == "#440154");
  CHECK(hex(viridis(1)) == "#fde725");
  CHECK(viridis(-1) == viridis(0));
  CHECK(viridis(2) == viridis(1));
  for (int k = 1; k <= 90; ++k) CHECK(luminance(viridis(k / 90.0)) > luminance(viridis((k - 1) / 90.0)));
  CHECK(luminance({255, 255, 255}) == Approx(1));
  CHECK(ticks(0, 1, 2) == std::vector<double>{0, 0.5, 1});
  CHECK(ticks(3, 41, 4) == std::vector<double>{10, 20, 30, 40});
  CHECK(ticks(0.7, 0.7, 5) == std::vector<double>{0.7});
  CHECK_FALSE(std::signbit(ticks(-0.5, 0.5, 2)[1]));
}

TEST_CASE("markup", "[cli][report]") {
  CHECK(escape("<a & 'b' \"c\">") == "&lt;a &amp; &#39;b&#39; &quot;c&quot;&gt;");
  CHECK(shorten("abcdefgh", 8) == "abcdefgh");
  CHECK(shorten("abcdefghi", 5) == "ab\u2026hi");
  CHECK(shorten("\u00e4\u00f6\u00fc\u00df\u00e9\u00e8", 5) == "\u00e4\u00f6\u2026\u00e9\u00e8");
  CHECK(length("\u00e4b") == 2);
  CHECK((Markup() << 1.50 << " " << -0.001 << " " << 3).str() == "1.5 0 3");
  CHECK(significant(missing) == "n/a");
}

TEST_CASE("base64 and PNG", "[cli][report]") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");  // RFC 4648, section 10
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("foobar") == "Zm9vYmFy");
  const std::string file = png(2, 1, std::vector<std::uint8_t>{0, 1}, std::vector<Rgb>{{}, {1, 2, 3}});
  CHECK(file.starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(file.substr(16, 8) == std::string("\0\0\0\2\0\0\0\1", 8));
  CHECK(file.substr(file.size() - 8) == "IEND\xae\x42\x60\x82");
}

TEST_CASE("a report is one file that refers to nothing outside", "[cli][report]") {
  const std::string html =
      render(example({"a<script>", "b", "c"}, {"x", "x", "</script>"}, between({0, 1, 4}, {0, 0, 0})));
  CHECK(html.find("http") == std::string::npos);
  CHECK(count(html, "src=") == 0);
  CHECK(count(html, "<script") == 2);
  CHECK(count(html, "</script>") == 2);
  CHECK(html.find("a&lt;script&gt;") != std::string::npos);
  CHECK(html.find("between / within") != std::string::npos);
  CHECK(html.find("prefers-color-scheme:dark") != std::string::npos);
  CHECK(count(html, "class=\"point\"") == 3);
}

TEST_CASE("a report of no, one, failed or many systems", "[cli][report]") {
  CHECK(render(example({"one"}, {""}, between({0}, {0}))).find("</html>") != std::string::npos);
  Distances failed = between({0, 1}, {0, 0});
  failed.values = {0, missing, missing, 0};
  const std::string html = render(example({"a", "b"}, {"", ""}, failed));
  CHECK(html.find("nan") == std::string::npos);
  CHECK(render(example({"a", "b"}, {"", ""}, between({0, 0}, {0, 0}))).find("nan") == std::string::npos);

  std::vector<double> x, y;
  std::vector<std::string> names, labels;
  for (int i = 0; i < 500; ++i) {
    x.push_back(std::cos(i));
    y.push_back(std::sin(2.0 * i));
    names.push_back("system " + std::to_string(i));
    labels.push_back(i % 2 == 0 ? "even" : "odd");
  }
  const std::string many = render(example(names, labels, between(x, y)));
  CHECK(many.size() < 3'000'000);
  CHECK(count(many, "text-anchor=\"end\">system") < 150);
}
