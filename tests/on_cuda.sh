#!/bin/sh
# Runs a test program on a CUDA device: under the wrapper command that KINDRED_CUDA_WRAPPER names, else directly, where the
# program itself reports that it is skipped (77) when there is no device. Listing tests needs no device.
case "$*" in
  *--list*) exec "$@" ;;
esac
# An emulated kernel runs for a moment, but takes long to compile.
export CUDA_ON_CPU_LEAKS="${CUDA_ON_CPU_LEAKS:-error}" CUDA_ON_CPU_CXXFLAGS="${CUDA_ON_CPU_CXXFLAGS:--O1}"
# shellcheck disable=SC2086  # the wrapper may have arguments
exec ${KINDRED_CUDA_WRAPPER:-} "$@"
