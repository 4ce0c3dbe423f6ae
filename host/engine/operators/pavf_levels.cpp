#include "host/engine/operators/pavf_levels.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

using kernels::pavf_pencils;

/// Small operators have many minima close together, and kicks find them. Large ones have long flat valleys: only deep
/// refinements from good starts get to their ends.
enum SizeClass { tiny, small, medium, large, size_classes };
constexpr SizeClass size_class(index_t r) { return r <= 12 ? tiny : r <= 32 ? small : r <= 64 ? medium : large; }

/// One entry of the table; the words are those of kernels/pavf (glossary in workspace.hpp).
struct Level {
  index_t pencils, starts, draws;
  struct {
    index_t least, always, more;  ///< see kicks()
  } kicks;
  index_t hits;              ///< returns to the best minimum that end a search
  double decrement, finish;  ///< stopping rules: of every refinement, of the last one (0: none)
  /// Energies closer than this fraction are one minimum; above what `decrement` leaves to gain.
  double same;
};

/// Where each number comes from: bench/PAVF_NOTES.md. A refinement costs about 200 (r = 10) to 800 (r = 100) products
/// of matrices.
constexpr Level levels[][size_classes] = {
    // Effort::fast: the start of lowest energy, refined once.
    //   three pencils, one refined:     fifth round, "Starts C_ik C_kj" (what the best of three pencils reaches)
    //   2e-4 for large operators:       third round, "Fast at r = 100: 2e-4 in place of 1e-4"
    {{3, 1, 1, {0, 0, 0}, 1, 1e-4, 0, 2e-3},   // tiny
     {3, 1, 1, {0, 0, 0}, 1, 1e-4, 0, 2e-3},   // small
     {3, 1, 1, {0, 0, 0}, 1, 1e-4, 0, 2e-3},   // medium
     {3, 1, 1, {0, 0, 0}, 1, 2e-4, 0, 2e-3}},  // large
    // Effort::standard.
    //   six pencils, all refined:       first round, "More starts: 6 to 8 pencil angles, all refined, before any kick"
    //   large: two of three:            third round, "2, 3, 4 or 6 pencils (r = 100)"
    //   tiny, small:                    sixth round, "Minima told apart"
    //   medium: 1e-5, 7 kicks (r = 50): third round, "1e-5 and 5 kicks", and fourth, "7 kicks in place of 5"
    //   large: 2 kicks, 8e-6:           fourth round, "2 kicks at 8e-6 in place of 1 at 4e-6 (r = 100)"
    //   finish at 1e-6:                 fifth round, "Last refinement to 2e-7 or 5e-8 in place of 1e-6"
    {{6, 6, 1, {2, 0, 100}, 4, 1.5e-4, 1e-6, 2e-4},
     {6, 6, 1, {2, 0, 100}, 5, 5e-5, 1e-6, 5e-5},
     {6, 6, 1, {2, 0, 100}, 4, 1e-5, 1e-6, 2e-3},
     {3, 2, 1, {2, 0, 100}, 4, 8e-6, 1e-6, 2e-3}},
    // Effort::thorough.
    //   three draws:                    third round, "Six more starts from other random phases (r = 50)"
    //   three times the hits:           fifth round, "Only kicks that return to the best minimum count"
    //   20 to 250 kicks, 2e-5, 5e-6:    "Levels": none of 632 pairs worse than the best known
    {{6, 6, 3, {0, 20, 230}, 12, 2e-5, 1e-6, 5e-5},
     {6, 6, 3, {0, 20, 230}, 12, 2e-5, 1e-6, 2e-5},
     {6, 6, 3, {0, 20, 230}, 12, 5e-6, 1e-6, 2e-3},
     {6, 6, 3, {0, 20, 230}, 12, 5e-6, 1e-6, 2e-3}}};
static_assert(static_cast<int>(Effort::fast) == 0 && static_cast<int>(Effort::standard) == 1 &&
              static_cast<int>(Effort::thorough) == 2 && std::size(levels) == 3);

/// Kicks at most: `always`, and of `more` the share that a refinement's price leaves, all of them up to r = 24. Fourth
/// round, "7 kicks in place of 5 for what that saves (r = 50)": more (24 / r)^3.6.
index_t kicks(const Level& level, index_t r) {
  const double share = std::pow(24.0 / static_cast<double>(std::max<index_t>(r, 24)), 3.6);
  return std::max<index_t>(level.kicks.least,
                           level.kicks.always + std::lround(static_cast<double>(level.kicks.more) * share));
}

/// Planes that a kick turns at most. First round, "Small kicks in place of 2 to 32 planes": 8; third round, "Kicks of 2
/// to 4 planes in place of 2 to 8 (r = 100)".
index_t planes(index_t r) { return std::min<index_t>(size_class(r) == large ? 4 : 8, r); }

}  // namespace

kernels::PavfLevel pavf_level(Effort effort, index_t r) {
  const Level& level = levels[static_cast<int>(effort)][size_class(r)];
  kernels::PavfLevel out{};
  out.pencils = level.pencils;
  out.starts = level.starts;
  out.draws = level.draws;
  out.kicks = kicks(level, r);
  out.hits = level.hits;
  out.planes = planes(r);
  out.decrement = level.decrement;
  out.last = level.finish;
  out.stop = 1e-7;  // second round, "Search on to 1e-7 in place of 1e-4 and 2e-3 of the energy"
  out.same = level.same;
  out.stack = kernels::pavf_stack(r, out.pencils);
  out.slots = 1;
  return out;
}

template <class T>
index_t pavf_rotation_slots(index_t r) {
  const index_t bytes = kernels::pavf_padded(r) * kernels::pavf_padded(r) * static_cast<index_t>(sizeof(T));
  return std::clamp<index_t>((index_t{4} << 20) / bytes, 1, 128);
}
template index_t pavf_rotation_slots<float>(index_t);
template index_t pavf_rotation_slots<double>(index_t);

}  // namespace kindred::host
