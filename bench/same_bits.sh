#!/usr/bin/env bash
# Compares two builds of the program bit for bit: runs both on the same inputs with the same options, for every metric
# and every option that changes numbers, and compares the files of distances, lower bounds, statuses and operators byte
# by byte.
#   bench/same_bits.sh OLD_PROGRAM NEW_PROGRAM [FOLDER]
# FOLDER holds further inputs, .npy files of recordings or operators.
# Inputs: nine simulated Lorenz systems, 200 random operators of sizes 3 to 100, what FOLDER holds. Device: cpu; and
# cuda where there is a GPU or KINDRED_CUDA_WRAPPER names an emulator, for which there are fewer and smaller cases.
# ONLY=WORD takes only the cases whose line in the table holds the word. Prints a table; exits with 1 if a bit differs,
# or if a run fails in both builds, because then nothing was compared.
set -euo pipefail
old=$(readlink -f "$1") new=$(readlink -f "$2") folder=${3:-}
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir operators lorenz given old new

declare -A runs=() differ=()
lines=()
device=cpu
wrapper=

# A line of the table.
tally() {  # LINE DIFFERS
  [ -n "${runs[$1]:-}" ] || { lines+=("$1"); runs[$1]=0; differ[$1]=0; }
  runs[$1]=$((runs[$1] + 1))
  differ[$1]=$((differ[$1] + $2))
}

# Runs both builds with the same arguments, and compares whatever they wrote.
compare() {  # INPUT METRIC ARGUMENTS...
  local line="$device | $1 | $2"
  shift 2
  [[ $line == *"${ONLY:-}"* ]] || return 0
  rm -f old/* new/*
  local differs=0 build
  for build in old new; do
    # shellcheck disable=SC2086  # the wrapper may have arguments
    if ! (cd $build && exec $wrapper "${!build}" "$@" --device "$device" --quiet >log 2>&1); then
      differs=1
      printf '%s: %s failed: kindred %s\n%s\n' "$line" "$build" "$*" "$(tail -3 $build/log)" >&2
    fi
  done
  local file
  for file in $(cd old && ls ./*.npy 2>/dev/null); do
    if ! cmp -s "old/$file" "new/$file"; then
      differs=1
      printf '%s: %s differs: kindred %s\n' "$line" "$file" "$*" >&2
    fi
  done
  tally "$line" $differs
}

pairwise() {  # INPUT METRIC ARGUMENTS...
  local input=$1 metric=$2
  shift 2
  compare "$input" "$metric" pairwise --metric "$metric" "$@" --out d.npy --lower-bound l.npy --status s.npy
}
cross() {
  local input=$1 metric=$2
  shift 2
  compare "$input" "$metric, cross" cross --metric "$metric" "$@" --out d.npy --lower-bound l.npy --status s.npy
}

# Operators of one file: every option of the search and of the score. `less`: one search in place of all.
operator_cases() {  # NAME FILE [less]
  local file=(--operators "$2") both=(--operators "$2" --against "$2")
  pairwise "$1" dsa "${file[@]}" --effort fast --certify
  cross "$1" dsa "${both[@]}" --effort fast
  pairwise "$1" spectral "${file[@]}"
  cross "$1" spectral-root "${both[@]}"
  pairwise "$1" dsa-euclidean "${file[@]}" --no-normalize --effort fast --precision f64
  [ "${3:-}" != less ] || return 0
  pairwise "$1" dsa "${file[@]}"
  pairwise "$1" dsa "${file[@]}" --seed 7 --certify
  pairwise "$1" dsa "${file[@]}" --group special-orthogonal
  pairwise "$1" dsa "${file[@]}" --precision f64
  pairwise "$1" dsa "${file[@]}" --precision f32
  pairwise "$1" dsa-euclidean "${file[@]}"
  pairwise "$1" spectral-root "${file[@]}"
  case "$1" in
    *33 | *50 | *100) ;;  # a thorough search of large operators takes minutes
    *) pairwise "$1" dsa "${file[@]}" --effort thorough ;;
  esac
}

representation_metrics="cka cka-score cka-song cka-song-score procrustes procrustes-euclidean procrustes-squared
  procrustes-score cca cca-score svcca svcca-95 linear-regression linear-regression-score"
# These fit every pair of systems several times: few samples.
fitting_metrics="linear-regression-cv linear-regression-cv-score"
# These compare all pairs of samples within a system: few samples.
sample_metrics="rsa rsa-spearman rsa-cosine rsa-euclidean rsa-euclidean-spearman rsa-euclidean-cosine"

# Recordings: operators fitted to them, and every metric of representations with every preparation.
recording_cases() {  # NAME FILES...
  local name=$1 metric
  shift
  local rows=("${@:1:$#/2}") columns=("${@:$#/2+1}") fit=(--delays 10 --interval 3 --rank 12)
  pairwise "$name" dsa "$@" --delays 33 --interval 6 --rank 20
  pairwise "$name" dsa "$@" "${fit[@]}" --scaling zscore --effort fast
  pairwise "$name" dsa "$@" --delays 5 --rank 0 --zero-pad --effort fast --ridge 1e-3
  pairwise "$name" spectral "$@" "${fit[@]}" --steps-ahead 2
  [ ${#rows[@]} = 0 ] || cross "$name" dsa "${rows[@]}" --against "${columns[@]}" "${fit[@]}"
  for metric in $representation_metrics; do
    pairwise "$name" "$metric" "$@"
    pairwise "$name" "$metric" "$@" --scaling zscore --components 2 --common-basis --resample 50
    [ ${#rows[@]} = 0 ] || cross "$name" "$metric" "${rows[@]}" --against "${columns[@]}" --trial-average
  done
  for metric in $fitting_metrics; do
    pairwise "$name" "$metric" "$@" --resample 20
    [ ${#rows[@]} = 0 ] || cross "$name" "$metric" "${rows[@]}" --against "${columns[@]}" --trial-average
  done
  for metric in cka procrustes cca; do pairwise "$name" "$metric" "$@" --normalized --trial-average; done
  for alpha in 0 0.3 1; do pairwise "$name" shape "$@" --alpha $alpha --scaling centre; done
  pairwise "$name" linear-regression "$@" --folds 4 --fold-by trials --resample 20
  for metric in $sample_metrics; do pairwise "$name" "$metric" "$@" --trial-average; done
}

fit_cases() {  # NAME FILES...
  local name=$1
  shift
  compare "$name" fit fit "$@" --delays 33 --interval 6 --rank 20 --out f.npy
  compare "$name" fit fit "$@" --delays 10 --interval 3 --rank 12 --steps-ahead 2 --ridge 1e-4 --out f.npy
  compare "$name" fit fit "$@" --delays 1 --rank 3 --rank-excess clip --out f.npy
}

# ---- inputs, written once, by the old program where a program writes them -------------------------------------------
python3 "$here/same_bits_inputs.py" operators operators
for rho in 0.25 0.5 0.75 5 10 15 30 40 50; do
  "$old" simulate lorenz --rho $rho --seed 1 --out lorenz/$rho.npy --quiet
  "$new" simulate lorenz --rho $rho --seed 1 --out new/simulated.npy --quiet
  differs=0
  cmp -s lorenz/$rho.npy new/simulated.npy || differs=1
  tally "cpu | lorenz | simulate" $differs
done
lorenz=("$work"/lorenz/*.npy)

all_cases() {
  local r kind files file
  fit_cases lorenz "${lorenz[@]}"
  recording_cases lorenz "${lorenz[@]}"
  for r in 3 6 10 20 33 50 100; do operator_cases "random r=$r" "$work/operators/r$r.npy"; done
  [ -n "$folder" ] || return 0
  for file in "$folder"/*.npy; do
    read -r kind files < <(python3 "$here/same_bits_inputs.py" split "$(readlink -f "$file")" "$work/given") || continue
    # shellcheck disable=SC2086  # several files
    case $kind in
      operators) operator_cases "$(basename "$file" .npy)" $files ;;
      recordings)
        fit_cases "$(basename "$file" .npy)" $files
        recording_cases "$(basename "$file" .npy)" $files
        ;;
    esac
  done
}

# For an emulated device: a few systems, few trials, small operators.
few_cases() {
  local rho metric few=()
  mkdir -p few
  for rho in 0.5 10 30; do
    "$old" simulate lorenz --rho $rho --seed 1 --trials 6 --steps 80 --out few/$rho.npy --quiet
    few+=("$work/few/$rho.npy")
  done
  compare lorenz fit fit "${few[@]}" --delays 5 --interval 2 --rank 5 --out f.npy
  pairwise lorenz dsa "${few[@]}" --delays 5 --interval 2 --rank 5 --effort fast --certify
  for metric in cka cka-song procrustes cca svcca linear-regression linear-regression-cv; do
    pairwise lorenz $metric "${few[@]}"
  done
  for metric in $sample_metrics; do pairwise lorenz "$metric" "${few[@]}" --trial-average; done
  "$old" fit "${few[@]}" --delays 5 --interval 2 --rank 5 --out few/r5.npy --quiet
  operator_cases "fitted r=5" "$work/few/r5.npy" less
}

all_cases
if "$new" info | grep -q '^device cuda'; then
  device=cuda:0
  all_cases
elif [ -n "${KINDRED_CUDA_WRAPPER:-}" ]; then
  device=cuda:0 wrapper=$KINDRED_CUDA_WRAPPER
  few_cases
fi

failed=0
printf '| device | input | metric | runs | differ |\n|---|---|---|---|---|\n'
for line in "${lines[@]}"; do
  printf '| %s | %d | %d |\n' "$line" "${runs[$line]}" "${differ[$line]}"
  failed=$((failed + differ[$line]))
done
total=0
for line in "${lines[@]}"; do total=$((total + runs[$line])); done
if [ $failed -gt 0 ]; then
  echo "$failed of $total runs differ or fail"
  exit 1
fi
echo "all $total runs: the same bits"
