#!/usr/bin/env bash
# What ptxas says of the block programs, with all scratch in shared memory and with an arena: a Markdown table of
# registers, stack and spills per architecture. Needs nvcc; no GPU.
#   bench/registers.sh [ARCH...]        default: sm_80 sm_90 sm_120
# PROGRAMS=WORD takes only the programs whose name holds the word.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

programs="delay_embedding:DelayEmbedding<float> gather_rows:GatherRows pavf_basis:PavfBasis pavf:Pavf<float>
          pavf:Pavf<double> pavf_matching:PavfMatching spectral:SpectralDistance pack_columns:PackColumns<double,double>
          cross_product:CrossProduct<double> block_norm:BlockNorm<double> nuclear_norm:NuclearNorm<double>
          scan_values:ScanValues<float> diagonal_sums:DiagonalSums"

echo '| program | scratch | architecture | registers | stack, bytes | spill stores, loads, bytes |' \
  'static shared, bytes |'
echo '|---|---|---|---|---|---|---|'
for entry in $programs; do
  header=${entry%%:*} program=${entry#*:}
  [[ $program == *"${PROGRAMS:-}"* ]] || continue
  cat >"$work/one.cu" <<EOF
#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/$header.hpp"
namespace kindred::kernels::inline KINDRED_TARGET {
template __global__ void run_program<$program, true>(const __grid_constant__ typename $program::Params,
                                                     const __grid_constant__ CudaLaunch);
template __global__ void run_program<$program, false>(const __grid_constant__ typename $program::Params,
                                                      const __grid_constant__ CudaLaunch);
}
EOF
  for arch in "${@:-sm_80 sm_90 sm_120}"; do
    for a in $arch; do
      nvcc -std=c++20 --expt-relaxed-constexpr -O3 -I. -Iinclude -DKINDRED_TARGET=cuda -arch="$a" -cubin -Xptxas -v \
           -o "$work/one.cubin" "$work/one.cu" 2>&1 |
        awk -v p="$program" -v a="$a" '
          function flush() { if (where) printf "| %s | %s | %s | %s | %s | %s, %s | %s |\n",
                                               p, where, a, regs, stack, stores, loads, smem
                             where = ""; stores = loads = 0 }
          /Compiling entry/ { flush(); stack = 0; where = /Lb1E/ ? "shared" : "split" }
          /stack frame/ { stores += $5; loads += $9 }  # the kernel and what it calls
          /Used .* registers/ { match($0, /Used [0-9]+/); regs = substr($0, RSTART + 5, RLENGTH - 5)
                                match($0, /[0-9]+ bytes cumulative stack/); stack = substr($0, RSTART, RLENGTH - 23)
                                if (match($0, /[0-9]+ bytes smem/)) smem = substr($0, RSTART, RLENGTH - 11) }
          END { flush() }'
    done
  done
done
