#pragma once
/// Procrustes analysis over vector fields in long double, without any of the engine's steps: gradient descent over
/// rotations by plane angles, from many starts.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace kindred::oracle {

/// Dense square matrix.
struct Square {
  std::size_t n;
  std::vector<long double> x;

  explicit Square(std::size_t size) : n(size), x(size * size, 0.0L) {}
  long double& operator()(std::size_t i, std::size_t j) { return x[i * n + j]; }
  long double operator()(std::size_t i, std::size_t j) const { return x[i * n + j]; }
};

inline Square product(const Square& a, const Square& b) {
  Square c(a.n);
  for (std::size_t i = 0; i < a.n; ++i) {
    for (std::size_t l = 0; l < a.n; ++l) {
      for (std::size_t j = 0; j < a.n; ++j) c(i, j) += a(i, l) * b(l, j);
    }
  }
  return c;
}

inline Square transposed(const Square& a) {
  Square t(a.n);
  for (std::size_t i = 0; i < a.n; ++i) {
    for (std::size_t j = 0; j < a.n; ++j) t(j, i) = a(i, j);
  }
  return t;
}

inline long double norm(const Square& a) {
  long double sum = 0;
  for (const long double v : a.x) sum += v * v;
  return std::sqrt(sum);
}

/// ||A - C B C^T||_F.
inline long double residual(const Square& a, const Square& b, const Square& c) {
  Square m = product(product(c, b), transposed(c));
  for (std::size_t k = 0; k < m.x.size(); ++k) m.x[k] = a.x[k] - m.x[k];
  return norm(m);
}

/// ||skew(A M^T + A^T M)||_F at M = C B C^T: zero at a stationary C.
inline long double gradient_norm(const Square& a, const Square& b, const Square& c) {
  const Square m = product(product(c, b), transposed(c));
  const Square x = product(a, transposed(m)), y = product(transposed(a), m);
  long double sum = 0;
  for (std::size_t i = 0; i < a.n; ++i) {
    for (std::size_t j = 0; j < a.n; ++j) {
      const long double g = 0.5L * (x(i, j) + y(i, j) - x(j, i) - y(j, i));
      sum += g * g;
    }
  }
  return std::sqrt(sum);
}

/// Row i and row j of C turned by `angle`.
inline void turn(Square& c, std::size_t i, std::size_t j, long double angle) {
  const long double co = std::cos(angle), si = std::sin(angle);
  for (std::size_t k = 0; k < c.n; ++k) {
    const long double p = c(i, k), q = c(j, k);
    c(i, k) = co * p + si * q;
    c(j, k) = co * q - si * p;
  }
}

/// Least residual over plane rotations in turn. On one plane the squared residual is a trigonometric polynomial of
/// degree 4 in the angle: 16 samples find its basin, golden section the angle.
inline long double descend(const Square& a, const Square& b, Square& c) {
  const long double pi = std::numbers::pi_v<long double>, golden = 0.61803398874989484820L;
  long double best = residual(a, b, c);
  for (int sweep = 0; sweep < 400; ++sweep) {
    const long double before = best;
    for (std::size_t i = 0; i < a.n; ++i) {
      for (std::size_t j = i + 1; j < a.n; ++j) {
        const auto at = [&](long double angle) {
          Square turned = c;
          turn(turned, i, j, angle);
          return residual(a, b, turned);
        };
        int lowest = 0;
        long double least = best;
        for (int k = 1; k < 16; ++k) {
          const long double v = at(static_cast<long double>(k) * pi / 8);
          if (v < least) {
            least = v;
            lowest = k;
          }
        }
        long double low = static_cast<long double>(lowest - 1) * pi / 8;
        long double high = static_cast<long double>(lowest + 1) * pi / 8;
        for (int k = 0; k < 48; ++k) {  // to 1e-10 of the bracket
          const long double p = high - golden * (high - low), q = low + golden * (high - low);
          if (at(p) < at(q)) {
            high = q;
          } else {
            low = p;
          }
        }
        const long double angle = (low + high) / 2, v = at(angle);
        if (v < best) {
          turn(c, i, j, angle);
          best = v;
        }
      }
    }
    if (!(before - best > 1e-14L * before)) break;
  }
  return best;
}

/// The minimum of ||A - C B C^T||_F over O(r) as the best of `starts` descents in each component.
inline long double procrustes(const Square& a, const Square& b, int starts, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> angle(0, 2 * std::numbers::pi);
  long double best = residual(a, b, [&] {
    Square one(a.n);
    for (std::size_t i = 0; i < a.n; ++i) one(i, i) = 1;
    return one;
  }());
  for (int start = 0; start < 2 * starts; ++start) {
    Square c(a.n);
    for (std::size_t i = 0; i < a.n; ++i) c(i, i) = 1;
    if (start % 2 == 1) c(0, 0) = -1;
    for (std::size_t i = 0; i < a.n; ++i) {
      for (std::size_t j = i + 1; j < a.n; ++j) turn(c, i, j, angle(engine));
    }
    best = std::min(best, descend(a, b, c));
  }
  return best;
}

}  // namespace kindred::oracle
