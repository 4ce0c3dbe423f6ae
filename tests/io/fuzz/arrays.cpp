#include <cstddef>
#include <cstdint>

#include "tests/io/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::arrays({reinterpret_cast<const char*>(data), size});
  return 0;
}
