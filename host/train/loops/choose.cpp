#include "host/base/cpu_features.hpp"
#include "host/train/loops/loops.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace kindred::train {

// One a level that was built (cmake/targets.cmake).
#define KINDRED_TRAIN_LEVEL(level)                       \
  namespace level {                                      \
  [[gnu::weak]] extern const Loops<float> float_loops;   \
  [[gnu::weak]] extern const Loops<double> double_loops; \
  }
KINDRED_TRAIN_LEVEL(x86_64_v4)
KINDRED_TRAIN_LEVEL(x86_64_v3)
KINDRED_TRAIN_LEVEL(x86_64_v2)
KINDRED_TRAIN_LEVEL(generic)
#undef KINDRED_TRAIN_LEVEL

namespace {

struct Both {
  const Loops<float>* f;
  const Loops<double>* d;
};

Both choose() {
  int level = host::x86_64_level();
  const char* wish = std::getenv("KINDRED_CPU_TARGET");
  const std::string_view cap = wish ? wish : "";
  if (cap == "x86_64_v2") level = std::min(level, 2);
  if (cap == "x86_64_v3") level = std::min(level, 3);
  if (level >= 4 && &x86_64_v4::float_loops != nullptr) return {&x86_64_v4::float_loops, &x86_64_v4::double_loops};
  if (level >= 3 && &x86_64_v3::float_loops != nullptr) return {&x86_64_v3::float_loops, &x86_64_v3::double_loops};
  if (level >= 2 && &x86_64_v2::float_loops != nullptr) return {&x86_64_v2::float_loops, &x86_64_v2::double_loops};
  return {&generic::float_loops, &generic::double_loops};
}

const Both& chosen() {
  static const Both both = choose();
  return both;
}

}  // namespace

template <>
const Loops<float>& loops<float>() {
  return *chosen().f;
}
template <>
const Loops<double>& loops<double>() {
  return *chosen().d;
}

}  // namespace kindred::train
