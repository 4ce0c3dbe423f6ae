/// Transports of least cost between equal masses, of cost matrices in a file, on one core (host/base/transport.hpp):
///
///     bench_transport COSTS N M     COSTS: float64 matrices of N x M, one after another
///
/// Prints the milliseconds of processor time a matrix, the median of nine rounds over all of them, and then each
/// matrix's least cost of total mass 1, a line each. `bench/peers/transport.py` compares both with POT's.
#include "host/base/transport.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <span>
#include <vector>

namespace {

using namespace kindred;

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

int main(int count, char** words) {
  const index_t n = count == 4 ? std::atoi(words[2]) : 0, m = count == 4 ? std::atoi(words[3]) : 0;
  std::ifstream file(count == 4 ? words[1] : "", std::ios::binary | std::ios::ate);
  if (!file || n < 1 || m < 1) {
    std::fprintf(stderr, "usage: bench_transport COSTS N M, COSTS a file of float64 matrices of N x M\n");
    return 2;
  }
  const auto entries = static_cast<std::size_t>(n * m);
  const std::size_t matrices = static_cast<std::size_t>(file.tellg()) / sizeof(double) / entries;
  std::vector<double> costs(matrices * entries);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(costs.data()), static_cast<std::streamsize>(costs.size() * sizeof(double)));

  std::vector<double> totals(matrices), seconds;
  for (int round = 0; round < 9; ++round) {
    const double start = processor_seconds();
    for (std::size_t k = 0; k < matrices; ++k) {
      const auto cost = std::span(costs).subspan(k * entries, entries);
      const auto supply = host::equal_masses(n, m), demand = host::equal_masses(m, n);
      const auto flow = host::transport_plan(cost, supply, demand);
      double sum = 0;
      for (std::size_t e = 0; e < entries; ++e) sum += static_cast<double>(flow[e]) * cost[e];
      totals[k] = sum / static_cast<double>(n * supply[0]);
    }
    seconds.push_back(processor_seconds() - start);
  }
  std::nth_element(seconds.begin(), seconds.begin() + 4, seconds.end());
  std::printf("%.6f\n", 1e3 * seconds[4] / static_cast<double>(matrices));
  for (const double total : totals) std::printf("%.17g\n", total);
}
