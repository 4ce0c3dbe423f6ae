#include <kindred/kindred.hpp>

#include <cstdio>

int main() {
  for (const auto& device : kindred::devices()) {
    std::printf("%s: %s (%s)\n", device.kind.c_str(), device.name.c_str(), device.detail.c_str());
  }
  return 0;
}
