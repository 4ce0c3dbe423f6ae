#!/bin/bash
# Kills comparisons at random instants until they are done, and looks whether the results are those of a run that nobody
# disturbed, to the bit.
#
#   bench/kill.sh PROGRAM KILLS [PROCESSES]
#
# KILLS are spread evenly over dsa, spectral and cka; PROCESSES above 1 start under mpirun, of which one at a time is
# killed. Each comparison goes on from its journal after a kill, and begins anew when it is done. With several processes
# the next start follows when mpirun has ended; how long the longest took is said. A program that is there after ten
# seconds is a failure. mpirun itself may hang (Open MPI 4.1 does, if a process is killed while it makes itself known to
# mpirun, and says "PMIX ERROR: UNREACHABLE"): where no process of the program is left, it is ended, and counted.
# METRICS="cka" takes some of the metrics alone.
set -u
program=$(realpath "$1")
kills=$2
processes=${3:-1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
RANDOM=${SEED:-1}
launcher=()
[ "$processes" -gt 1 ] && launcher=(mpirun --oversubscribe --bind-to none -n "$processes")

mkdir runs
for k in $(seq 1 40); do
  "$program" simulate lorenz --rho $((20 + k % 10)) --seed "$k" --trials 4 --steps 200 --out "runs/$k.npy" --quiet ||
    exit 1
done
"$program" fit runs --delays 8 --rank 12 --out ops.npz --quiet || exit 1

declare -A command=([dsa]="pairwise --operators ops.npz --metric dsa --quiet"
  [spectral]="pairwise --operators ops.npz --metric spectral --quiet"
  [cka]="pairwise runs --metric cka --quiet")
done_kills=0
longest=0
failed=0
launchers=0
for metric in ${METRICS:-dsa spectral cka}; do
  "$program" ${command[$metric]} --out "$metric.npy" || exit 1
  start=$(date +%s%N)
  "${launcher[@]}" "$program" ${command[$metric]} --out D.npy || exit 1
  whole=$((($(date +%s%N) - start) / 1000000))  # milliseconds
  target=$(((kills + 2) / 3))
  count=0
  finished=0
  rm -f journal
  while [ "$count" -lt "$target" ]; do
    rm -f D.npy
    "${launcher[@]}" "$program" ${command[$metric]} --journal journal --out D.npy 2> err &
    pid=$!
    sleep "$(awk -v r=$RANDOM -v w="$whole" 'BEGIN { printf "%.4f", (r / 32768) * w * 1.2 / 1000 }')"
    victim=$pid
    if [ "$processes" -gt 1 ]; then
      ranks=($(pgrep -P "$pid" -f "$program"))
      [ "${#ranks[@]}" -gt 0 ] && victim=${ranks[RANDOM % ${#ranks[@]}]}
    fi
    before=$(date +%s%N)
    if kill -9 "$victim" 2> /dev/null; then
      count=$((count + 1))
      for _ in $(seq 100); do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
      done
      if kill -0 "$pid" 2> /dev/null; then
        if pgrep -P "$pid" -f "$program" > /dev/null; then
          echo "$metric: the program is there ten seconds after a kill"
          failed=$((failed + 1))
        else
          launchers=$((launchers + 1))
        fi
        kill -9 "$pid"
      fi
    fi
    wait "$pid" 2> /dev/null
    code=$?
    took=$((($(date +%s%N) - before) / 1000000))
    [ "$code" -ne 0 ] && [ "$took" -gt "$longest" ] && longest=$took
    if grep -q "kindred: error" err && ! grep -q "stopped" err; then
      echo "$metric: $(cat err)"
      failed=$((failed + 1))
    fi
    if [ "$code" -eq 0 ]; then
      finished=$((finished + 1))
      cmp -s "$metric.npy" D.npy || { echo "$metric: other bits after $count kills"; failed=$((failed + 1)); }
      rm -f journal
    elif [ -e D.npy ] && ! cmp -s "$metric.npy" D.npy; then
      echo "$metric: a killed run left another result"
      failed=$((failed + 1))
    fi
  done
  "$program" ${command[$metric]} --journal journal --out D.npy && cmp -s "$metric.npy" D.npy ||
    { echo "$metric: the last run differs"; failed=$((failed + 1)); }
  echo "$metric: $count kills, $finished runs ended before one, a whole run takes $whole ms"
  done_kills=$((done_kills + count))
done
echo "$done_kills kills of $processes process(es), $failed failures; the longest end of a job after a kill took" \
  "$longest ms; mpirun hung without a process $launchers times"
exit "$failed"
