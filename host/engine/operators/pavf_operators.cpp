#include "host/engine/operators/pavf_operators.hpp"

#include "host/base/index.hpp"
#include "host/engine/operators/pavf_levels.hpp"
#include "kernels/program/pavf_matching.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <string>

namespace kindred::host {

using kernels::pavf_padded;

void check_comparable(std::span<const Operator* const> operators, const Dsa& config) {
  if (config.score == DsaScore::angular && !config.unit_norm) {
    throw Error(ErrorCode::invalid_argument,
                "operators that are not scaled (Dsa::unit_norm = false) have no angle; take Dsa::score = euclidean");
  }
  if (config.certify && config.effort == Effort::bound) {
    throw Error(
        ErrorCode::invalid_argument,
        "lower bounds alone (Dsa::effort = bound) prove no minimum; leave out Dsa::certify, or take another effort");
  }
  const auto described = [](const Operator& o) {
    return "'" + o.name + "' is " + std::to_string(o.size) + " x " + std::to_string(o.size);
  };
  const Operator* first = nullptr;
  for (const Operator* o : operators) {
    if (o->size == 0 || config.zero_pad) continue;  // one that could not be fitted has no size: its own pairs fail
    if (first == nullptr) first = o;
    if (o->size != first->size) {
      throw Error(ErrorCode::invalid_argument, "operators of unequal size: " + described(*first) + ", " +
                                                   described(*o) +
                                                   "; fit with one rank, or embed the smaller (Dsa::zero_pad)");
    }
  }
}

std::size_t prepared_bytes(index_t r, const Dsa& config) {
  const auto step = at(pavf_padded(r) * pavf_padded(r));
  const std::size_t searched = config.precision != Precision::f64 ? sizeof(float) : sizeof(double);
  // Its pencils as they are made, in the precision of the search, and a copy of that on its way to the device; the
  // operator in three forms, and in both precisions.
  const std::size_t pencils = kernels::pavf_pencils * 4 * (sizeof(double) + 2 * searched);
  return step * (pencils + 5 * sizeof(double) + 2 * searched) + 1024;
}

std::vector<double> embedded(const Operator& op, index_t r) {
  std::vector<double> out(at(r * r), 0.0);
  for (index_t i = 0; i < op.size; ++i) std::copy_n(op.values.data() + i * op.size, op.size, out.data() + i * r);
  return out;
}

PreparedOperators::PreparedOperators(Backend& backend, std::span<const double* const> operators, index_t r,
                                     const Dsa& config)
    : backend_(backend), r_(r), config_(config), systems_(pavf_prepare(backend, operators, r)) {
  const index_t ld = pavf_padded(r), step = ld * ld;
  const bool mixed = config.precision != Precision::f64;
  if (mixed) {
    single_.pencils = device_copy<float>(&PavfSystem::pencils, kernels::pavf_pencils * 4 * step);
  } else {
    double_.pencils = device_copy<double>(&PavfSystem::pencils, kernels::pavf_pencils * 4 * step);
  }
  std::vector<kernels::PavfFacts> facts;
  for (PavfSystem& s : systems_) {
    facts.push_back({s.key, s.paired});
    s.pencils = {};
  }
  facts_ = Buffer<kernels::PavfFacts>(backend, std::span<const kernels::PavfFacts>(facts));
  double_.operators = device_copy<double>(&PavfSystem::op, step);
  double_.normal_parts = device_copy<double>(&PavfSystem::normal_part, 2 * ld);
  if (mixed) {
    single_.operators = device_copy<float>(&PavfSystem::op, step);
    single_.normal_parts = device_copy<float>(&PavfSystem::normal_part, 2 * ld);
  }
}

void PreparedOperators::align(std::span<const kernels::PavfPair> pairs, std::span<kernels::PavfOutcome> outcomes,
                              std::vector<double>* alignments) {
  const index_t count = std::ssize(pairs), ld = pavf_padded(r_);
  if (count == 0) return;
  const Buffer<kernels::PavfPair> d_pairs(backend_, pairs);
  const Buffer<kernels::PavfOutcome> d_outcomes(backend_, count);
  const Buffer<std::int32_t> d_matching(backend_, count * r_);
  backend_.launch<kernels::PavfMatching>({r_, ld, facts_.data(), double_.normal_parts.data(), d_pairs.data(),
                                          d_matching.data(), count, config_.group == Group::special_orthogonal},
                                         kernels::PavfMatching::items(count));
  Buffer<double> d_alignments;
  if (alignments != nullptr) d_alignments = Buffer<double>(backend_, count * ld * ld);
  if (config_.precision == Precision::f64) {
    launch(double_, d_pairs.data(), d_matching.data(), d_outcomes.data(), d_alignments.data(), count);
  } else {
    launch(single_, d_pairs.data(), d_matching.data(), d_outcomes.data(), d_alignments.data(), count);
  }
  d_outcomes.download(outcomes);
  if (alignments != nullptr) {
    alignments->resize(at(count * ld * ld));
    d_alignments.download(*alignments);
  }
  backend_.synchronize();
}

template <class T>
Buffer<T> PreparedOperators::device_copy(std::vector<double> PavfSystem::*member, index_t stride) const {
  std::vector<T> all(at(stride) * systems_.size(), T(0));
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    const std::vector<double>& x = systems_[i].*member;  // empty where there is nothing to align
    std::transform(x.begin(), x.end(), all.begin() + static_cast<std::ptrdiff_t>(i) * stride,
                   [](double v) { return static_cast<T>(v); });
  }
  return Buffer<T>(backend_, std::span<const T>(all));
}

template <class T>
void PreparedOperators::launch(const Copies<T>& copies, const kernels::PavfPair* pairs, const std::int32_t* matching,
                               kernels::PavfOutcome* outcomes, double* alignments, index_t count) {
  typename kernels::Pavf<T>::Params p{};
  p.r = r_;
  p.facts = facts_.data();
  p.operators = copies.operators.data();
  p.normal_parts = copies.normal_parts.data();
  p.pencils = copies.pencils.data();
  p.operators64 = double_.operators.data();
  p.normal_parts64 = double_.normal_parts.data();
  p.pairs = pairs;
  p.matching = matching;
  p.outcomes = outcomes;
  p.alignments = alignments;
  p.level = pavf_level(config_.effort, r_);
  if (p.level.kicks > 0 && backend_.shares_host_memory()) p.level.slots = pavf_rotation_slots<T>(r_);
  p.seed = config_.seed;
  p.special = config_.group == Group::special_orthogonal;
  p.polish = config_.precision != Precision::f32;
  p.certify = config_.certify && p.polish;
  backend_.launch<kernels::Pavf<T>>(p, count);
}

}  // namespace kindred::host
