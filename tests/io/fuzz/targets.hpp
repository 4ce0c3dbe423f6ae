#pragma once
/// What is fed to every parser of outside data, by the seeded mutations of the test suite and by libFuzzer alike. Each
/// takes arbitrary bytes and must return, having either understood them or thrown an Error of one line; anything else
/// (another exception, a sanitizer's report) is a defect.
#include "host/io/collection.hpp"
#include "host/io/layout.hpp"
#include "host/io/manifest.hpp"
#include "host/io/strings.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace fuzz {

using namespace kindred;

/// Whether `f` returned; stops the process if it failed with more or less than one line that names the origin.
template <class F>
bool understood(F f) {
  try {
    f();
    return true;
  } catch (const Error& error) {
    const std::string_view message = error.what();
    if (message.find("input") == message.npos || message.find('\n') != message.npos) std::abort();
    return false;
  }
}

/// Reads every element of every trial; the sum keeps the reads from being optimised away.
inline double sum_of(const TrajectorySet& set) {
  return std::visit(
      [](const auto& trials) {
        double sum = 0;
        for (const auto& trial : trials) {
          for (index_t t = 0; t < trial.steps; ++t) {
            for (index_t c = 0; c < trial.channels; ++c) sum += static_cast<double>(trial(t, c));
          }
        }
        return sum;
      },
      set.trials);
}

/// A .npy, .npz, HDF5 or MATLAB file: directory, headers, strings, elements under every layout. Returns the arrays
/// understood.
inline int arrays(std::string_view input) {
  const io::Bytes bytes{"input", std::as_bytes(std::span(input)), nullptr, false};
  std::vector<io::ArrayRef> refs;
  int count = 0;
  understood([&] { refs = io::arrays_in("input", bytes); });
  for (const io::ArrayRef& ref : refs) {
    understood([&] { (void)ref.header(); });
    understood([&] { (void)io::to_strings(ref.read()); });
    for (int layout = 0; layout <= static_cast<int>(Layout::channels_trials_time); ++layout) {
      const bool read = understood([&] {
        TrajectorySet set;
        const io::Array array = io::to_array(ref);
        io::append_trials(set, array, static_cast<Layout>(layout), "input");
        volatile double sum = sum_of(set);
        (void)sum;
      });
      if (read) ++count;
    }
  }
  return count;
}

/// A manifest's text. Returns the systems understood.
inline int manifest(std::string_view input) {
  int count = 0;
  understood([&] { count = static_cast<int>(io::parse_manifest(input, "input", Layout::automatic).size()); });
  return count;
}

}  // namespace fuzz
