#pragma once
/// Search for the global minimum of one pair: analytic starts, refinement, kicks (glossary in workspace.hpp).
#include "kernels/exec/launch_shape.hpp"
#include "kernels/pavf/refine.hpp"
#include "kernels/pavf/start.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Pencils prepared per system; see host/engine/operators/pavf_prepare.hpp for their angles.
inline constexpr index_t pavf_pencils = 6;
static_assert(pavf_pencils <= Members::most);

/// Starts evaluated side by side: as few groups of equal size as possible, a group having at most one and a half 4 x 4
/// tiles of a matrix for every thread of a warp. Larger groups gain nothing there, nor on a processor, whose
/// first-level cache they fill.
constexpr index_t pavf_stack(index_t r, index_t pencils) {
  const index_t fit = warp_threads * elements_per_thread * 3 / 2 / (r * pavf_padded(r));
  if (fit < 2) return 1;
  const index_t groups = (pencils + fit - 1) / fit;
  return (pencils + groups - 1) / groups;
}

/// How long to search; see host/engine/operators/pavf_levels.cpp for the levels.
struct PavfLevel {
  index_t pencils;   ///< starts made from pencils, at most pavf_pencils; one more aligns the normal parts
  index_t starts;    ///< of them refined, lowest energy first
  index_t draws;     ///< times that starts are made and refined, each from other random phases of the pencils
  index_t kicks;     ///< at most
  index_t hits;      ///< kicks that find the same best minimum and so end the search
  index_t planes;    ///< a kick turns 2 to `planes` random planes, every third 2 to min(32, r)
  double decrement;  ///< stopping rule of the refinements, see PavfRefineOptions
  double last;       ///< stopping rule of the final refinement of the best; 0: none
  double stop;       ///< energy below which there is no further search
  double same;       ///< energies that differ by less than this fraction are one minimum
  index_t stack;     ///< at least 1: starts evaluated side by side; no result depends on it
  index_t slots;     ///< at least 1: rotations kept before they are multiplied into C; no result depends on it
};

/// What a search found; the C of it is the workspace's `best`.
struct PavfFound {
  index_t refinements = 0, iterations = 0;
  bool converged = false;
};

template <class Exec, class T>
class PavfSearch {
 public:
  static Scratch scratch(index_t r, const PavfLevel& level) {
    Scratch s = PavfStarts<int, T>::scratch(r, level.stack);
    s.bytes += PavfWorkspace<int, T>::rotations_scratch(r, level.slots).bytes;
    if (level.slots > 1) s.bytes += PavfWorkspace<int, T>::rotations_scratch(r, level.slots).bytes;
    const index_t ld = pavf_padded(r);
    for (index_t k = 0; k < most_starts; ++k) s.add<T>(ld * ld);
    return s;
  }

  /// `b` right operator; `matching`: the alignment of the normal parts, as PavfMatching gives it; `special`: only
  /// rotations (det C = +1).
  KINDRED_FN PavfSearch(PavfWorkspace<Exec, T>& workspace, const T* b, const std::int32_t* matching,
                        const PavfLevel& level, bool special, std::uint64_t key)
      : space_(workspace),
        b_(b),
        matching_(matching),
        level_(level),
        special_(special && workspace.n % 2 == 0),
        key_(key),
        refine_(workspace, T(1), workspace.rotations(level.slots)),
        analytic_(workspace, level.stack) {
    best_rotations_ = level.slots > 1 ? workspace.rotations(level.slots) : refine_.rotations;
    for (T*& s : starts_) s = space_.ex.template scratch<T>(space_.ld * space_.ld);
  }

  /// Pencils of the two systems: pavf_pencils x 4 matrices each.
  KINDRED_FN PavfFound run(const T* left, const T* right) {
    PavfFound out;
    for (index_t draw = 0; draw < level_.draws && !(best_ < T(level_.stop)); ++draw) {
      const index_t count = make_starts(left, right, draw);
      for (index_t i = 0; i < count && i < level_.starts; ++i) {
        copy(starts_[i], space_.c);
        attempt(level_.decrement, out);
        if (best_ < T(level_.stop)) break;
      }
    }
    // starts that agree may all be wrong, because they are not independent: only kicks count
    hits_ = 0;
    const index_t wide = space_.n < 32 ? space_.n : 32;  // every third kick goes far
    for (index_t i = 0; i < level_.kicks && hits_ < level_.hits && best_ > T(level_.stop); ++i) {
      copy_best();
      kick(mix(key_ + 1000 + static_cast<std::uint64_t>(i)), i % 3 == 2 ? wide : level_.planes);
      attempt(level_.decrement, out);
    }
    if (level_.last > 0) {
      copy_best();
      attempt(level_.last, out);
      --out.refinements;
    }
    space_.settle(best_rotations_, space_.best);
    out.iterations = refine_.iterations;
    out.converged = refine_.converged;
    return out;
  }

 private:
  static constexpr index_t most_starts = pavf_pencils + 1;

  KINDRED_FN void copy(const T* from, T* to) {
    space_.ex.for_each(space_.size, [=](index_t i) { to[i] = from[i]; });
    space_.ex.sync();
  }

  KINDRED_FN void copy_best() {
    space_.settle(best_rotations_, space_.best);
    copy(space_.best, space_.c);
  }

  /// Makes the starts of the pencils and, in the first draw, that of the normal parts, in ascending order of energy.
  /// Ends early at a start with an energy below level.stop. Returns their number.
  KINDRED_FN index_t make_starts(const T* left, const T* right, index_t draw) {
    const index_t step = space_.ld * space_.ld;
    const std::uint64_t key = key_ + static_cast<std::uint64_t>(draw * pavf_pencils);
    T energy[most_starts];
    index_t count = 0, width = level_.stack > 1 && copies(left, right) ? 1 : level_.stack;
    for (index_t p = 0; p < level_.pencils; p += width, width = level_.stack) {
      if (width > level_.pencils - p) width = level_.pencils - p;
      const Members found = analytic_.run(left + p * 4 * step, right + p * 4 * step, b_, width,
                                          key + static_cast<std::uint64_t>(p), special_);
      for (index_t q = 0; q < found.count; ++q) {
        const T e = analytic_.energy(found[q]);
        insert(analytic_.start(found[q]), e, energy, count);
        if (e < T(level_.stop)) return count;
      }
    }
    if (draw == 0) {
      match();
      space_.conjugate(b_);
      insert(space_.c, space_.energy(space_.m), energy, count);
    }
    return count;
  }

  /// C <- the alignment of the normal parts.
  KINDRED_FN void match() {
    T* c = space_.c;
    const std::int32_t* matching = matching_;
    const index_t ld = space_.ld;
    space_.ex.for_each(space_.size, [=](index_t i) { c[i] = 0; });
    space_.ex.sync();
    space_.ex.for_each(space_.n, [=](index_t i) {
      const std::int32_t j = matching[i];
      c[i * ld + (j < 0 ? -1 - j : j)] = j < 0 ? T(-1) : T(1);
    });
    space_.ex.sync();
  }

  /// Puts a start to its place among `count` others.
  KINDRED_FN void insert(const T* start, T e, T* energy, index_t& count) {
    index_t at = count++;
    T* free = starts_[at];
    for (; at > 0 && e < energy[at - 1]; --at) {
      energy[at] = energy[at - 1];
      starts_[at] = starts_[at - 1];
    }
    energy[at] = e;
    starts_[at] = free;
    copy(start, free);
  }

  /// Whether the first start may solve the pair, so that the others would be made for nothing. Where the energy is E,
  /// ||H'_A - C H'_B C^T||^2 <= 2 E, and the diagonals of X of the first pencil, which no phases change, are no farther
  /// apart than that.
  KINDRED_FN bool copies(const T* left, const T* right) {
    const index_t stride = space_.ld + 1;
    const T *x = left + 2 * space_.ld * space_.ld, *y = right + 2 * space_.ld * space_.ld;
    return space_.ex.template sum<1>(space_.n, [=](index_t i) {
      const T d = x[i * stride] - y[i * stride];
      return Sums<T, 1>{{d * d}};
    })[0] < T(2 * level_.stop);
  }

  /// Refines C and keeps it if it is the best.
  KINDRED_FN void attempt(double decrement, PavfFound& out) {
    space_.conjugate(b_);
    refine_.rotations.count = 0;
    const T e = refine_.run({decrement, 1e-6, 1000});
    ++out.refinements;
    const T lower = e < best_ ? e : best_, near = T(level_.same) * lower + T(1e-6);
    if (std::abs(e - best_) <= near) {
      ++hits_;
    } else if (e < best_) {
      hits_ = 1;
    }
    if (e < best_) {
      best_ = e;
      space_.swap(space_.best, space_.c);
      const PavfRotations<T> last = refine_.rotations;
      refine_.rotations = best_rotations_;
      best_rotations_ = last;
    }
  }

  /// Turns C by 45 to 135 degrees in some random planes of A's basis; half of these rotations also reflect.
  KINDRED_FN void kick(std::uint64_t key, index_t planes) {
    const index_t n = space_.n, ld = space_.ld, count = 2 + random_below(key, 0, planes - 1);
    T* c = space_.c;
    T parity = 1;
    for (index_t t = 0; t < count; ++t) {
      const std::uint64_t at = static_cast<std::uint64_t>(4 * t + 1);
      const index_t p = random_below(key, at, n), other = random_below(key, at + 1, n - 1), q = other + (other >= p);
      const T angle = T((0.25 + 0.5 * random_unit(key, at + 2)) * 3.14159265358979);
      const T co = std::cos(angle), si = std::sin(angle);
      T sign = random_unit(key, at + 3) < 0.5 ? T(-1) : T(1);
      if (special_ && t + 1 == count) sign = parity;
      parity *= sign;
      space_.ex.for_each(n, [=](index_t j) {
        const T x = c[p * ld + j], y = sign * c[q * ld + j];
        c[p * ld + j] = co * x + si * y;
        c[q * ld + j] = co * y - si * x;
      });
      space_.ex.sync();
    }
  }

  PavfWorkspace<Exec, T>& space_;
  const T* b_;
  const std::int32_t* matching_;
  const PavfLevel level_;
  const bool special_;
  const std::uint64_t key_;
  PavfRefine<Exec, T> refine_;  // before the starts: scratch that is taken first is in shared memory
  PavfStarts<Exec, T> analytic_;
  PavfRotations<T> best_rotations_;  // of space_.best
  T* starts_[most_starts];
  T best_ = 3;
  index_t hits_ = 0;
};

}  // namespace kindred::kernels::inline KINDRED_TARGET
