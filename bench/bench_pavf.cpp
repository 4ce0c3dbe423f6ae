// PAVF, one core, pair by pair.
//   bench_pavf --pairs P.npy [--effort fast|default|thorough] [--precision mixed|f64|f32] [--certify] [--count N]
//              [--json out.json]
// P.npy: float64 (pairs, 2, r, r). Prints time a pair, products of r x r matrices, and the share of the plain small
// GEMM's rate at that size that the whole solve sustains. `distance` and `lower_bound` in the JSON are angles, as
// `--score angular`.
//   bench_pavf --families [--seed S] [--sizes 5,10,20,50,100,150] [--count N]
// The same on generated operators, at every level: Gaussian of spectral radius 0.95; orthogonal with decaying columns;
// nearly normal and nearly the identity; each also rotated with 1 % and 10 % noise. `d/best` is the mean ratio to the
// lowest distance of the levels and of a thorough search with another seed; the last lines are the growth with r.
//   bench_pavf --rotated N [--sizes ...]
// N pairs A, Q A Q^T of these families: distances below 1e-7, and proven.
#include "host/engine/operators/pavf_scorer.hpp"
#include "kernels/exec/cpu.hpp"
#include "kernels/pavf/workspace.hpp"

#include <Eigen/Dense>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace kindred;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Pairs = std::vector<std::pair<Operator, Operator>>;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// float64 C-order .npy of shape (pairs, 2, r, r).
Pairs read_pairs(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  char head[10];
  if (!in.read(head, 10) || std::memcmp(head, "\x93NUMPY\x01", 7) != 0)
    throw std::runtime_error(path + ": not .npy 1.0");
  std::string header(static_cast<std::size_t>(static_cast<unsigned char>(head[8])) +
                         256 * static_cast<std::size_t>(static_cast<unsigned char>(head[9])),
                     ' ');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  long shape[4] = {};
  if (header.find("<f8") == std::string::npos || header.find("'fortran_order': False") == std::string::npos ||
      std::sscanf(header.c_str() + header.find('('), "(%ld, %ld, %ld, %ld)", &shape[0], &shape[1], &shape[2],
                  &shape[3]) != 4 ||
      shape[1] != 2 || shape[2] != shape[3]) {
    throw std::runtime_error(path + ": expected float64 of shape (pairs, 2, r, r)");
  }
  Pairs out(static_cast<std::size_t>(shape[0]));
  for (auto& [a, b] : out) {
    for (Operator* o : {&a, &b}) {
      o->size = shape[2];
      o->values.resize(static_cast<std::size_t>(shape[2] * shape[2]));
      in.read(reinterpret_cast<char*>(o->values.data()),
              static_cast<std::streamsize>(o->values.size() * sizeof(double)));
    }
  }
  if (!in) throw std::runtime_error(path + ": truncated");
  return out;
}

Operator as_operator(const Matrix& a) {
  Operator o;
  o.size = a.rows();
  o.values.assign(a.data(), a.data() + a.size());
  return o;
}

/// Pairs of one generated family; noise < 0: unrelated operators.
Pairs generate(const std::string& family, double noise, index_t r, unsigned seed, int count) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0, 0.3);
  const auto gaussian = [&] { return Matrix(Matrix::NullaryExpr(r, r, [&] { return normal(engine); })); };
  const auto rotation = [&] { return Matrix(Eigen::HouseholderQR<Matrix>(gaussian()).householderQ()); };
  const auto draw = [&] {
    Matrix a = gaussian();
    if (family == "gaussian") {
      a *= 0.95 / a.eigenvalues().cwiseAbs().maxCoeff();
    } else if (family == "slow") {
      const Matrix skew = a - a.transpose();
      a = Matrix::Identity(r, r) + (0.3 * skew + 0.03 * a) / std::sqrt(static_cast<double>(r));
      for (index_t j = 0; j < r; ++j) a.col(j) *= std::exp(-uniform(engine));
    } else {
      a = rotation();
      for (index_t j = 0; j < r; ++j) a.col(j) *= std::exp(-uniform(engine));
    }
    return Matrix(a / a.norm());
  };
  Pairs out;
  for (int k = 0; k < count; ++k) {
    const Matrix a = draw();
    Matrix b;
    if (noise < 0) {
      b = draw();
    } else {
      const Matrix q = rotation(), e = gaussian();
      b = q * (a + noise / e.norm() * e) * q.transpose();
    }
    out.emplace_back(as_operator(a), as_operator(b));
  }
  return out;
}

/// Plain float32 products a second at size r, flops.
double gemm_rate(index_t r) {
  std::vector<std::byte> arena(64);
  kernels::CpuExec ex(arena.data(), 0);
  const index_t ld = kernels::pavf_padded(r);
  const std::size_t size = static_cast<std::size_t>(ld * ld);
  std::vector<float> a(size, 0.5F), b(size, 0.25F), c(size);
  const auto product = ex.product<float>(r, r, r, ld, ld, ld, false);
  const int repeats = static_cast<int>(2e8 / static_cast<double>(2 * r * r * r)) + 1;
  double best = 1e9;
  for (int pass = 0; pass < 5; ++pass) {
    const double t = now();
    for (int k = 0; k < repeats; ++k) ex.multiply(product, a.data(), b.data(), c.data());
    best = std::min(best, (now() - t) / repeats);
  }
  return static_cast<double>(2 * r * r * r) / best;
}

const char* name(Effort e) { return e == Effort::fast ? "fast" : e == Effort::thorough ? "thorough" : "default"; }

struct Measured {
  double prepare = 0;  ///< seconds an operator
  std::vector<PairResult> results;
  std::vector<double> seconds;
  double products = 0;  ///< a pair
  double share = 0;     ///< of the plain product's rate, over the whole solve

  [[nodiscard]] double mean_seconds() const {
    return std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size());
  }
};

Measured measure(const Pairs& pairs, const Dsa& config) {
  Measured out;
  const auto backend = host::make_cpu_backend(1, 0);
  const index_t r = pairs.front().first.size;
  std::vector<Operator> rows, columns;
  for (const auto& [a, b] : pairs) {
    rows.push_back(a);
    columns.push_back(b);
  }
  const double before = now();
  const auto stage = host::make_pavf_scorer(*backend, rows, columns, config, {});
  out.prepare = (now() - before) / static_cast<double>(2 * pairs.size());
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const host::PairIndex pair{static_cast<index_t>(k), static_cast<index_t>(k)};
    const double t = now();
    stage->run({&pair, 1}, {&out.results.emplace_back(), 1});
    out.seconds.push_back(now() - t);
  }
  out.products = static_cast<double>(host::pavf_work(*stage).products) / static_cast<double>(pairs.size());
  out.share = out.products * static_cast<double>(2 * r * r * r) / out.mean_seconds() / gemm_rate(r);
  return out;
}

/// One line; `best`: the lowest known distance of each pair, empty where there is none.
void print(const std::string& label, index_t r, const Measured& m, const std::vector<double>& best) {
  const double n = static_cast<double>(m.results.size());
  double refinements = 0, mean = 0, ratio = 0;
  int certified = 0;
  for (std::size_t k = 0; k < m.results.size(); ++k) {
    refinements += m.results[k].refinements / n;
    mean += m.results[k].distance / n;
    if (!best.empty()) ratio += m.results[k].distance / best[k] / n;
    certified += m.results[k].status == PairStatus::certified;
  }
  std::printf(
      "%-32s r=%-4ld pairs=%-4.0f prepare %8.3f ms  pair %8.4f ms  products %7.0f (%2.0f %% of their rate)  "
      "refinements %5.1f  mean angle %.6f",
      label.c_str(), static_cast<long>(r), n, 1e3 * m.prepare, 1e3 * m.mean_seconds(), m.products, 100 * m.share,
      refinements, mean);
  if (!best.empty()) std::printf("  d/best %.5f", ratio);
  if (certified > 0) std::printf("  certified %d", certified);
  std::printf("\n");
  std::fflush(stdout);
}

void write_json(const std::string& path, const Measured& m) {
  nlohmann::json out;
  out["prepare_seconds"] = m.prepare;
  out["share"] = m.share;
  for (std::size_t k = 0; k < m.results.size(); ++k) {
    const PairResult& result = m.results[k];
    out["pairs"].push_back({{"distance", result.distance},
                            {"euclidean", 2 * std::sin(result.distance / 2)},
                            {"lower_bound", result.lower_bound},
                            {"status", status_name(result.status)},
                            {"gap", result.gap},
                            {"refinements", result.refinements},
                            {"seconds", m.seconds[k]}});
  }
  std::ofstream(path) << out.dump(1) << '\n';
}

constexpr const char* family_names[] = {"gaussian", "orthogonal-decay", "slow"};

void families(const std::vector<index_t>& sizes, unsigned seed, int count, Dsa config) {
  const std::vector<Effort> levels{Effort::fast, Effort::standard, Effort::thorough};
  std::vector<std::vector<double>> seconds(levels.size());  // geometric means over the families, a size each
  for (const index_t r : sizes) {
    std::vector<double> logs(levels.size(), 0.0);
    int groups = 0;
    for (const char* family : family_names) {
      for (const auto& [kind, noise] : {std::pair{"unrelated", -1.0}, {"rotated+10%", 0.1}, {"rotated+1%", 0.01}}) {
        const Pairs pairs = generate(family, noise, r, seed, count);
        std::vector<Measured> measured;
        for (const Effort effort : levels) {
          config.effort = effort;
          measured.push_back(measure(pairs, config));
        }
        Dsa other = config;
        other.seed += 1;
        const Measured check = measure(pairs, other);
        std::vector<double> best;
        for (const PairResult& x : check.results) best.push_back(x.distance);
        for (const Measured& m : measured) {
          for (std::size_t k = 0; k < best.size(); ++k) best[k] = std::min(best[k], m.results[k].distance);
        }
        for (std::size_t l = 0; l < levels.size(); ++l) {
          print(std::string(family) + " " + kind + " " + name(levels[l]), r, measured[l], best);
          logs[l] += std::log(measured[l].mean_seconds());
        }
        ++groups;
      }
    }
    for (std::size_t l = 0; l < levels.size(); ++l) seconds[l].push_back(std::exp(logs[l] / groups));
  }
  for (std::size_t l = 0; l < levels.size(); ++l) {
    std::printf("growth %-9s", name(levels[l]));
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      std::printf("  r=%ld %.4f ms", static_cast<long>(sizes[k]), 1e3 * seconds[l][k]);
      if (k > 0) {
        const double step = static_cast<double>(sizes[k]) / static_cast<double>(sizes[k - 1]);
        std::printf(" (r^%.1f)", std::log(seconds[l][k] / seconds[l][k - 1]) / std::log(step));
      }
    }
    std::printf("\n");
  }
}

void rotated(const std::vector<index_t>& sizes, unsigned seed, int count, Dsa config) {
  config.certify = true;
  config.score = DsaScore::euclidean;
  int close = 0, certified = 0, all = 0;
  double largest = 0;
  const int groups = static_cast<int>(sizes.size() * std::size(family_names));
  int group = 0;
  for (const index_t r : sizes) {
    for (const char* family : family_names) {
      const int share = count / groups + (group++ < count % groups ? 1 : 0);
      if (share == 0) continue;
      const Measured m = measure(generate(family, 0.0, r, seed, share), config);
      print(std::string(family) + " rotated", r, m, {});
      for (const PairResult& x : m.results) {
        ++all;
        close += x.distance < 1e-7;
        certified += x.status == PairStatus::certified;
        largest = std::max(largest, x.distance);
      }
    }
  }
  std::printf("%d pairs: %d below 1e-7, %d certified, largest distance %.2e\n", all, close, certified, largest);
}

}  // namespace

int main(int argc, char** argv) try {
  Dsa config;
  std::string pairs, json, list = "5,10,20,50,100,150";
  std::size_t count = ~std::size_t{0};
  unsigned seed = 1;
  int rotations = 0;
  bool all_families = false;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const auto value = [&] {
      return i + 1 < argc ? std::string(argv[++i]) : throw std::runtime_error(option + ": value?");
    };
    if (option == "--pairs") {
      pairs = value();
    } else if (option == "--json") {
      json = value();
    } else if (option == "--effort") {
      const std::string v = value();
      config.effort = v == "fast" ? Effort::fast : v == "thorough" ? Effort::thorough : Effort::standard;
    } else if (option == "--precision") {
      const std::string v = value();
      config.precision = v == "f64" ? Precision::f64 : v == "f32" ? Precision::f32 : Precision::mixed;
    } else if (option == "--certify") {
      config.certify = true;
    } else if (option == "--count") {
      count = std::stoul(value());
    } else if (option == "--families") {
      all_families = true;
    } else if (option == "--rotated") {
      rotations = std::stoi(value());
    } else if (option == "--seed") {
      seed = static_cast<unsigned>(std::stoul(value()));
    } else if (option == "--sizes") {
      list = value();
    } else {
      throw std::runtime_error("unknown option " + option);
    }
  }
  if (!pairs.empty()) {
    Pairs p = read_pairs(pairs);
    if (p.size() > count) p.resize(count);
    const Measured m = measure(p, config);
    print(pairs.substr(pairs.rfind('/') + 1), p.front().first.size, m, {});
    if (!json.empty()) write_json(json, m);
  }
  std::vector<index_t> sizes;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    sizes.push_back(std::stol(list.substr(at, end - at)));
    at = end + 1;
  }
  if (all_families) families(sizes, seed, count == ~std::size_t{0} ? 12 : static_cast<int>(count), config);
  if (rotations > 0) rotated(sizes, seed, rotations, config);
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_pavf: %s\n", e.what());
  return 1;
}
