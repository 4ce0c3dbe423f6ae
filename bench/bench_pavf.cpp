// PAVF, one core, pair by pair.
//   bench_pavf --pairs P.npy [--effort fast|default|thorough] [--precision mixed|f64|f32] [--certify] [--count N]
//              [--json out.json]
// P.npy: float64 (pairs, 2, r, r). Prints time a pair, products of r x r matrices, and the share of the plain small
// GEMM's rate at that size that the whole solve sustains. `distance` and `lower_bound` in the JSON are angles, as
// `--score angular`.
//   bench_pavf --families [--seed S] [--sizes 5,10,20,50,100]
// The same on generated operators: Gaussian of spectral radius 0.95; orthogonal with decaying columns; both also
// rotated with 1 % and 10 % noise.
#include "host/engine/pavf_stage.hpp"
#include "kernels/exec/cpu.hpp"

#include <Eigen/Dense>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
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
  const std::size_t size = static_cast<std::size_t>(r * r);
  std::vector<float> a(size, 0.5F), b(size, 0.25F), c(size);
  const auto product = ex.product<float>(r, r, r, r, r, r, false);
  const int repeats = static_cast<int>(2e8 / static_cast<double>(2 * r * r * r)) + 1;
  double best = 1e9;
  for (int pass = 0; pass < 5; ++pass) {
    const double t = now();
    for (int k = 0; k < repeats; ++k) ex.multiply(product, a.data(), b.data(), c.data());
    best = std::min(best, (now() - t) / repeats);
  }
  return static_cast<double>(2 * r * r * r) / best;
}

void measure(const std::string& label, const Pairs& pairs, const Dsa& config, const std::string& json) {
  if (pairs.empty()) return;
  const auto backend = host::make_cpu_backend(1, 0);
  const index_t r = pairs.front().first.size;
  std::vector<Operator> rows, columns;
  for (const auto& [a, b] : pairs) {
    rows.push_back(a);
    columns.push_back(b);
  }
  const double before = now();
  const auto stage = host::make_pavf_stage(*backend, rows, columns, config, {});
  const double prepare = (now() - before) / static_cast<double>(2 * pairs.size());
  nlohmann::json out;
  out["prepare_seconds"] = prepare;
  double seconds = 0, refinements = 0, mean = 0;
  int certified = 0;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const host::PairIndex pair{static_cast<std::int32_t>(k), static_cast<std::int32_t>(k)};
    PairResult result;
    const double t = now();
    stage->run({&pair, 1}, {&result, 1});
    const double spent = now() - t;
    seconds += spent;
    refinements += result.refinements;
    mean += result.distance;
    certified += result.status == PairStatus::certified;
    out["pairs"].push_back({{"distance", result.distance},
                            {"euclidean", 2 * std::sin(result.distance / 2)},
                            {"lower_bound", result.lower_bound},
                            {"status", status_name(result.status)},
                            {"gap", result.gap},
                            {"refinements", result.refinements},
                            {"seconds", spent}});
  }
  const double n = static_cast<double>(pairs.size());
  const double products = static_cast<double>(host::pavf_work(*stage).products);
  const double rate = products * static_cast<double>(2 * r * r * r) / seconds, plain = gemm_rate(r);
  std::printf(
      "%-28s r=%-4ld pairs=%-4zu prepare %8.3f ms  pair %8.4f ms  products %7.0f  refinements %5.1f  "
      "%6.1f of %6.1f GF/s (%2.0f %%)  mean angle %.6f  certified %d\n",
      label.c_str(), static_cast<long>(r), pairs.size(), 1e3 * prepare, 1e3 * seconds / n, products / n,
      refinements / n, 1e-9 * rate, 1e-9 * plain, 100 * rate / plain, mean / n, certified);
  std::fflush(stdout);
  if (!json.empty()) std::ofstream(json) << out.dump(1) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Dsa config;
  std::string pairs, json, sizes = "5,10,20,50,100";
  std::size_t count = ~std::size_t{0};
  unsigned seed = 1;
  bool families = false;
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
      families = true;
    } else if (option == "--seed") {
      seed = static_cast<unsigned>(std::stoul(value()));
    } else if (option == "--sizes") {
      sizes = value();
    } else {
      throw std::runtime_error("unknown option " + option);
    }
  }
  if (!pairs.empty()) {
    Pairs p = read_pairs(pairs);
    if (p.size() > count) p.resize(count);
    measure(pairs.substr(pairs.rfind('/') + 1), p, config, json);
  }
  if (families) {
    for (std::size_t at = 0; at < sizes.size();) {
      const std::size_t end = std::min(sizes.find(',', at), sizes.size());
      const index_t r = std::stol(sizes.substr(at, end - at));
      for (const char* family : {"gaussian", "orthogonal-decay"}) {
        for (const auto& [kind, noise] : {std::pair{"unrelated", -1.0}, {"rotated+10%", 0.1}, {"rotated+1%", 0.01}}) {
          measure(std::string(family) + " " + kind, generate(family, noise, r, seed, 12), config, "");
        }
      }
      at = end + 1;
    }
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_pavf: %s\n", e.what());
  return 1;
}
