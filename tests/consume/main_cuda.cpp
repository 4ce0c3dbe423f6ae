#include <kindred/cuda.hpp>
#include <kindred/kindred.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

// Two oscillators of the same and one of another frequency, in device memory and in the program's own stream.
int main() {
  if (!kindred::cuda_unavailable_reason().empty()) return 77;
  constexpr kindred::index_t steps = 200;
  cudaStream_t stream = nullptr;
  if (cudaStreamCreate(&stream) != cudaSuccess) return 1;
  std::vector<float*> arrays;
  std::vector<kindred::TrajectorySet> systems;
  for (const double frequency : {0.10, 0.10, 0.35}) {
    std::vector<float> x;
    for (kindred::index_t t = 0; t < steps; ++t) {
      const double phase = frequency * static_cast<double>(t) + static_cast<double>(arrays.size());
      x.insert(x.end(), {static_cast<float>(std::sin(phase)), static_cast<float>(std::cos(phase))});
    }
    void* device = nullptr;
    if (cudaMalloc(&device, x.size() * sizeof(float)) != cudaSuccess ||
        cudaMemcpyAsync(device, x.data(), x.size() * sizeof(float), cudaMemcpyHostToDevice, stream) != cudaSuccess) {
      return 1;
    }
    arrays.push_back(static_cast<float*>(device));
    systems.push_back(kindred::cuda::view("system " + std::to_string(arrays.size()), arrays.back(), 1, steps, 2));
  }
  int failed = 1;
  {
    kindred::Engine engine(kindred::cuda::on_stream(stream));
    const auto d =
        engine.pairwise(systems, kindred::Dsa{.dmd = {.delays = 4, .rank = 2}, .effort = kindred::Effort::fast});
    std::printf("kindred %s: same %.2e, other %.3f\n", kindred::version(), d(0, 1), d(0, 2));
    failed = d(0, 1) < 1e-4 && d(0, 2) > 0.1 ? 0 : 1;
  }
  for (float* x : arrays) (void)cudaFree(x);
  return cudaStreamDestroy(stream) == cudaSuccess ? failed : 1;
}
