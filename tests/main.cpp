/// The test programs' main: kindred_tests on the CPU, kindred_cuda_tests (KINDRED_TEST_CUDA) on CUDA device 0.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "tests/support/devices.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kindred::test {

#if defined(KINDRED_TEST_CUDA)
Device device() { return Device::cuda(0); }
bool on_cpu() { return false; }
std::unique_ptr<host::Backend> make_backend(std::size_t budget, int) { return host::make_cuda_backend(0, budget); }
#else
Device device() { return Device::cpu(2); }
bool on_cpu() { return true; }
std::unique_ptr<host::Backend> make_backend(std::size_t budget, int threads) {
  return host::make_cpu_backend(threads, budget);
}
#endif

}  // namespace kindred::test

int main(int argc, char** argv) {
#if defined(KINDRED_TEST_CUDA)
  const bool lists =
      std::any_of(argv + 1, argv + argc, [](const char* a) { return std::strncmp(a, "--list", 6) == 0; });
  const std::string reason = kindred::cuda_unavailable_reason();
  if (!lists && !reason.empty()) {
    const bool required = std::getenv("KINDRED_CUDA_REQUIRED") != nullptr;  // else the test is skipped
    std::printf("%s: %s\n", required ? "FAILED" : "SKIPPED", reason.c_str());
    return required ? 1 : 77;
  }
#endif
  return Catch::Session().run(argc, argv);
}
