#!/bin/sh
# Runs a benchmark on a CUDA device (under on_cuda.sh) and checks the Markdown it prints: every table has rows, all as
# wide as its header, and every figure is a number.
if ! out=$("$@" 2>&1); then
  printf '%s\n' "$out"
  case $out in
    *"cannot compute on a CUDA device"*)
      if [ -z "${KINDRED_CUDA_REQUIRED:-}" ]; then
        echo SKIPPED
        exit 77
      fi ;;
  esac
  exit 1
fi
printf '%s\n' "$out" | awk -F'|' '
  function wrong(what) { print "line " NR ": " what; failed = 1 }
  { print }
  !/^\|/ { if (lines) { ++tables; if (lines < 3) wrong("a table without rows") } lines = 0; next }
  { if (lines++ == 0) width = NF
    if (NF != width) wrong(NF - 2 " cells, expected " width - 2)
    if (/[^a-z](nan|inf)[^a-z]/) wrong("not a number") }
  END { if (lines) { ++tables; if (lines < 3) wrong("a table without rows") }
        if (tables < 3) wrong(tables + 0 " tables, expected 3")
        exit failed }'
