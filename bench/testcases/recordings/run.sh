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
# 100 steps leave room for delays; recordings of 7 steps have 6 rows at 2 delays.
if [ -f "$work/BasicMotions.json" ]; then
  "$kindred" testcase recordings "$work/BasicMotions.json" --delays 10 --rank 10 --quiet --json
fi
if [ -f "$work/JapaneseVowels.json" ]; then
  "$kindred" testcase recordings "$work/JapaneseVowels.json" --resample 20 --delays 2 --rank 4 --quiet --json
fi
