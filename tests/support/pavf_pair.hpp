#pragma once
/// One pair of prepared operators as the alignment's program takes it.
#include "host/engine/operators/pavf_prepare.hpp"
#include "kernels/program/pavf.hpp"
#include "kernels/program/pavf_matching.hpp"
#include "tests/support/devices.hpp"

#include <vector>

namespace kindred::test::inline KINDRED_TARGET {

/// Systems 0 and 1, searched in precision T, in memory of `backend`; both outlive it.
template <class T>
class PavfPair {
 public:
  PavfPair(host::Backend& backend, const std::vector<host::PavfSystem>& systems, index_t r)
      : r_(r),
        operators_(joined<T>(backend, systems, &host::PavfSystem::op)),
        normal_parts_(joined<T>(backend, systems, &host::PavfSystem::normal_part)),
        pencils_(joined<T>(backend, systems, &host::PavfSystem::pencils)),
        operators64_(joined<double>(backend, systems, &host::PavfSystem::op)),
        normal_parts64_(joined<double>(backend, systems, &host::PavfSystem::normal_part)),
        facts_(to_device(backend, std::vector<kernels::PavfFacts>{{systems[0].key, systems[0].paired},
                                                                  {systems[1].key, systems[1].paired}})),
        pair_(to_device(backend, std::vector<kernels::PavfPair>{{0, 1}})),
        matching_(backend, r),
        outcome_(backend, 1),
        alignment_(backend, kernels::pavf_padded(r) * kernels::pavf_padded(r)) {
    backend.launch<kernels::PavfMatching>(
        {r, kernels::pavf_padded(r), facts_.data(), normal_parts64_.data(), pair_.data(), matching_.data(), 1, false},
        1);
  }

  /// A short search with polish and proof; `kicks`, `slots` and `stack` as in PavfLevel.
  [[nodiscard]] typename kernels::Pavf<T>::Params params(index_t kicks, index_t slots, index_t stack = 1) const {
    typename kernels::Pavf<T>::Params p{};
    p.r = r_;
    p.facts = facts_.data();
    p.operators = operators_.data();
    p.normal_parts = normal_parts_.data();
    p.pencils = pencils_.data();
    p.operators64 = operators64_.data();
    p.normal_parts64 = normal_parts64_.data();
    p.pairs = pair_.data();
    p.matching = matching_.data();
    p.outcomes = outcome_.data();
    p.alignments = alignment_.data();
    p.level.pencils = 3;
    p.level.starts = 3;
    p.level.draws = 2;
    p.level.kicks = kicks;
    p.level.hits = 1 + kicks;
    p.level.planes = 2;
    p.level.decrement = 1e-4;
    p.level.stop = 1e-4;
    p.level.same = 2e-3;
    p.level.stack = stack;
    p.level.slots = slots;
    p.polish = p.certify = true;
    return p;
  }

  [[nodiscard]] kernels::PavfOutcome outcome() const { return fetch(outcome_)[0]; }
  [[nodiscard]] std::vector<double> alignment() const { return fetch(alignment_); }

 private:
  template <class V>
  static host::Buffer<V> joined(host::Backend& backend, const std::vector<host::PavfSystem>& systems,
                                std::vector<double> host::PavfSystem::*part) {
    std::vector<V> all;
    for (const auto& s : systems) {
      for (const double x : s.*part) all.push_back(static_cast<V>(x));
    }
    return to_device(backend, all);
  }

  index_t r_;
  host::Buffer<T> operators_, normal_parts_, pencils_;
  host::Buffer<double> operators64_, normal_parts64_;
  host::Buffer<kernels::PavfFacts> facts_;
  host::Buffer<kernels::PavfPair> pair_;
  host::Buffer<std::int32_t> matching_;
  host::Buffer<kernels::PavfOutcome> outcome_;
  host::Buffer<double> alignment_;
};

}  // namespace kindred::test::inline KINDRED_TARGET
