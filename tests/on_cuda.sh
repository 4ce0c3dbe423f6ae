#!/bin/sh
# Runs a test program on a CUDA device: on the GPU if this machine has one, else on the stand-ins for the CUDA libraries
# in the folder LIBRARIES (tests/cuda_on_cpu), else directly, where the program itself reports that it is skipped (77).
# usage: on_cuda.sh LIBRARIES COMMAND [ARGUMENT...]     LIBRARIES may be empty
libraries=$1
shift
case "$*" in
  *--list*) exec "$@" ;;  # needs no device
esac
for gpu in /dev/nvidia[0-9]* /dev/dxg; do
  [ -e "$gpu" ] && exec "$@"
done
[ -n "$libraries" ] || exec "$@"
# The stand-ins must serve: a test that they cannot run is a failed one.
export KINDRED_CUDA_REQUIRED=1 KINDRED_CUDA_ON_CPU=1
exec "$(dirname "$0")/cuda_on_cpu/run" --libraries "$libraries" --leaks=error -- "$@"
