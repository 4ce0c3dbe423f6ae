#!/bin/sh
# Judges the metrics on the packaged recordings, if they are there: run.sh KINDRED [WHEEL]
set -eu
kindred=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for name in BasicMotions JapaneseVowels; do
  if [ $# -gt 1 ]; then
    "$here/convert.py" $name "$work" --wheel "$2"
  else
    "$here/convert.py" $name "$work" || { echo "skipped: $name"; continue; }
  fi
done
# 100 steps leave room for delays; recordings of 7 steps have 6 rows at 2 delays. Those of unequal length are compared
# as they are by their dynamics, and resampled by their geometry.
if [ -f "$work/BasicMotions.json" ]; then
  "$kindred" testcase recordings "$work/BasicMotions.json" --delays 5 --rank 6 --effort fast --quiet --json
fi
if [ -f "$work/JapaneseVowels.json" ]; then
  "$kindred" testcase recordings "$work/JapaneseVowels.json" --metric dsa,spectral --delays 2 --rank 4 --effort fast \
    --quiet --json
  "$kindred" testcase recordings "$work/JapaneseVowels.json" --metric cka,procrustes --resample 10 --quiet --json
fi
