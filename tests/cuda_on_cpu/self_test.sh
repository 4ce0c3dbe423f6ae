#!/bin/bash
# Tests of the stand-in libraries: programs that check their results, planted faults that must be found, the cache.
# usage: self_test.sh [--full] LIBRARIES WORK     WORK: a scratch folder; programs that are there already are kept
# The default is for every run of the test suite; --full adds Thrust and CUB, all architectures, and more ways to run.
# shellcheck disable=SC2046,SC2086,SC2155  # lists of options are split on purpose
set -u
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
full=0
[ "${1:-}" = --full ] && { full=1; shift; }
[ $# -eq 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$2"
work=$(cd "$2" && pwd)
CUDA_ON_CPU_LIBRARIES=$(cd "$1" && pwd) || exit 2
export CUDA_ON_CPU_LIBRARIES
unset CUDA_ON_CPU_ARCH
nvcc=${CUDACXX:-nvcc}
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $*"; }
archs=90 some=90
[ $full = 1 ] && archs="75 80 86 89 90 100 120" some="75 90 120"
virtual() { for a in "$@"; do echo "-gencode arch=compute_$a,code=compute_$a"; done; }
dot() { echo "$(($1 / 10)).$(($1 % 10))"; }
compile() { # PROGRAM FLAGS... (in the background)
  local name=$1 source="$here/programs/${1%%-*}.cu"; shift
  if [ "$work/$name" -nt "$source" ] && [ "$work/$name" -nt "$here/programs/check.hpp" ] &&
    [ "$(cat "$work/$name.flags" 2>/dev/null)" = "$*" ]; then return; fi
  echo "$*" >"$work/$name.flags"
  [ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
  "$nvcc" -cudart shared -std=c++20 -o "$work/$name" "$source" "$@" >"$work/$name.log" 2>&1 &
}
# Runs a test program and adds up what its RESULT line says.
program() { # LABEL OPTIONS... -- PROGRAM
  local label=$1 out line; shift
  [ -x "$work/${*: -1}" ] || { bad "$label does not compile:"; grep error "$work/${*: -1}.log" | head; return; }
  out=$("$here/run" "${@:1:$#-1}" "$work/${*: -1}" 2>"$work/stderr")
  line=$(echo "$out" | grep '^RESULT' | tail -1)
  if [ -z "$line" ]; then
    bad "$label: no result"; tail -3 "$work/stderr"; return
  fi
  set -- $line
  passed=$((passed + $3)); failed=$((failed + $4))
  echo "$out" | grep -E '^FAIL|^ +value' | sed "s/^/$label: /"
  echo "$label: $3 passed, $4 failed"
}
# A planted fault: exit status and message.
fault() { # STATUS MESSAGE OPTIONS... -- ARGUMENTS
  local want=$1 message=$2 options=() got; shift 2
  while [ "$1" != -- ]; do options+=("$1"); shift; done; shift
  { bash "$here/run" ${options[@]+"${options[@]}"} -- "$work/faults" "$@" >"$work/out" 2>&1; } 2>/dev/null
  got=$?
  if [ $got = "$want" ] && grep -qE "$message" "$work/out"; then ok; else
    bad "fault $*: exit status $got (want $want), message /$message/:"; tail -3 "$work/out"
  fi
}

echo "compiling the programs"
compile arithmetic $(virtual $archs)
compile threads $(virtual $archs)
compile matrices $(virtual $archs)
compile runtime -arch=compute_90
compile blas -arch=compute_90 -lcublas
compile solver -arch=compute_90 -lcusolver
compile jacobi -arch=compute_90
compile jacobi-bug -arch=compute_90 -DPLANTED_BUG
compile faults -arch=compute_90 -lcublas -lcusolver
if [ $full = 1 ]; then
  compile thrust --extended-lambda $(virtual $some)
  compile rdc_a -arch=sm_90 -rdc=true "$here/programs/rdc_b.cu"
fi
wait

for a in $archs; do
  export CUDA_ON_CPU_ARCH=$(dot $a)
  program "arithmetic, compute_$a" -- arithmetic
  program "threads, compute_$a" -- threads
  program "matrices, compute_$a" -- matrices
done
unset CUDA_ON_CPU_ARCH
threads=("--order random --seed 7") jacobi=(--race --async)
if [ $full = 1 ]; then
  threads+=("--order reverse" "--jobs 4" --race) jacobi+=("" "--order random --jobs 2")
fi
for o in "${threads[@]}"; do program "threads $o" $o -- threads; done
for o in "${jacobi[@]}"; do program "jacobi $o" $o -- jacobi; done
"$here/run" --race -- "$work/jacobi-bug" >"$work/out" 2>&1
if [ $? = 66 ] && grep -q 'RACE: .*shared memory' "$work/out"; then ok; else
  bad "the race in jacobi-bug is not found"
fi
for o in "" --async --async=2; do program "runtime $o" $o -- runtime; done
for t in blas solver; do
  program "$t" -- $t
  program "$t --async" --async -- $t
done
if [ $full = 1 ]; then
  for a in $some; do
    export CUDA_ON_CPU_ARCH=$(dot $a)
    program "thrust, compute_$a" -- thrust
  done
  unset CUDA_ON_CPU_ARCH
  program "relocatable device code" -- rdc_a
fi

echo "planted faults"
before=$((passed + failed))
fault 0 done -- none
fault 0 done --race --leaks=error -- none
fault 134 'store out of bounds.*0 bytes past the end of a device allocation of 1024' -- store_bounds
fault 134 'load out of bounds' -- load_bounds
fault 134 'out of bounds.*null pointer' -- null
fault 134 'out of bounds.*not device memory' -- host_pointer
fault 134 'out of bounds.*(freed|past)' -- after_free
fault 66 'RACE: .*shared memory' --race -- shared_race
fault 66 'RACE: write after write, global memory' --race -- block_race
fault 66 'RACE: .*global memory' --race -- thread_race
fault 134 'divergent barrier' -- divergent
fault 134 'deadlock' -- deadlock
fault 134 'shared store out of bounds.*of 80 bytes' -- shared_bounds
fault 134 'misaligned' -- misaligned
fault 134 'trap' -- trap
fault 139 'stack overflowed' -- stack
fault 134 'shuffle reads a lane' -- shuffle
fault 134 'cannot be run: vector or 128-bit atomics -- in "(atom|red)\.' -- unsupported
fault 139 'host code dereferenced the device pointer.*24 bytes into' -- host_read
fault 139 'host code dereferenced the device pointer' -- host_write
fault 134 'host code wrote 0 bytes past the end of a pinned' -- pinned_overrun
fault 0 'value 5' -- missing_sync
fault 9 'value -1' --async -- missing_sync
fault 0 'value 5' --async -- missing_sync repaired
fault 0 'value 5' -- missing_event
fault 9 'value (0|-?nan)' --async -- missing_event
fault 0 'value 5' --async -- missing_event repaired
fault 67 'LEAK: .*12345 bytes' --leaks=error -- leak
fault 0 'LEAK: .*12345 bytes' --leaks -- leak
CUDA_ON_CPU_MEMORY=4M fault 9 'second allocation: out of memory' -- memory
fault 0 'second allocation: no error' -- memory
fault 9 'INVALID_VALUE: violated: lda' -- blas_ld
fault 134 'cublasDgemm: argument A must be device memory of 1152 bytes' -- blas_small
fault 134 'cublasDgemm: argument A must be device memory' -- blas_host
fault 134 'host pointer mode' -- blas_pointer_mode
fault 134 'Workspace must be device memory' -- solver_work
fault 9 'lwork is smaller' -- solver_lwork
CUDA_ON_CPU_FAULT=error fault 8 'error: an illegal memory access' -- store_bounds
CUDA_ON_CPU_FAULT=error fault 8 'error: unspecified launch failure' -- trap
CUDA_ON_CPU_GUARD=0 fault 0 done -- host_read
CUDA_ON_CPU_ARCH=8.0 fault 3 'no PTX for compute capability 8.0' -- none
echo "planted faults: $((passed + failed - before)) checked"

echo "the cache"
cached() { # MESSAGE FOLDER OPTIONS...: the program runs with this cache
  local message=$1 folder=$2; shift 2
  if CUDA_ON_CPU_CACHE=$folder "$here/run" "$@" -- "$work/jacobi" >"$work/out" 2>"$work/stderr" &&
    grep -q '^RESULT.* 0$' "$work/out"; then ok; else bad "$message"; tail -3 "$work/stderr"; fi
}
rm -rf "$work"/cache*
for i in 1 2 3 4; do
  CUDA_ON_CPU_CACHE=$work/cache "$here/run" -- "$work/jacobi" >"$work/out$i" 2>/dev/null &
  processes[i]=$!
done
for i in 1 2 3 4; do
  if wait "${processes[i]}" && grep -q '^RESULT.* 0$' "$work/out$i"; then ok; else
    bad "process $i of four that fill one cache"
  fi
done
for f in "$work"/cache/*.so "$work"/cache/*.idx; do truncate -s 1000 "$f"; done
cached "a cache with shortened files" "$work/cache"
if grep -q 'is damaged and is made again' "$work/stderr"; then ok; else bad "shortened files are not noticed"; fi
for f in "$work"/cache/*.so; do printf x | dd of="$f" bs=1 seek=5000 conv=notrunc status=none; done
cached "a cache with a changed byte" "$work/cache"
rm "$work"/cache/*.so
for f in "$work"/cache/*.cpp; do [ ! -e "$f" ] || echo '#error' >"$f"; done
cached "a cache that lost its kernels" "$work/cache"
cached "the cache, complete" "$work/cache"
if [ -s "$work/stderr" ]; then bad "a complete cache is worked on:"; cat "$work/stderr"; else ok; fi
touch -d '40 days ago' "$work/cache/k-old.so" "$work/cache/pruned"
rm "$work"/cache/*.idx
cached "a cache to prune" "$work/cache"
if [ -e "$work/cache/k-old.so" ]; then bad "an old kernel is not removed"; else ok; fi
cached "a folder that cannot be a cache" /dev/null/cache
cached "--prebuild" "$work/cache_prebuild" --prebuild

echo "$passed passed, $failed failed"
[ $failed = 0 ]
