// Relocatable device code: a kernel that calls a device function of another file.
#include "check.hpp"
extern __device__ double other(double x, int k);
extern __device__ double scale;
__global__ void caller(double* o) { o[threadIdx.x] = other(threadIdx.x, 3) * scale; }
int main() {
  Array<double> o(32);
  caller<<<1, 32>>>(o.d);
  CUDA(cudaGetLastError());
  o.down();
  EXPECT(o.h[5] == (5 + 3) * 2.5 && o.h[31] == (31 + 3) * 2.5);
  return summary("rdc");
}
