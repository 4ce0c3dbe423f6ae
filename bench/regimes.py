"""Whether operators at the delays, interval and rank that `kindred sweep --recommend` chooses separate the regimes of
the attractor case at least as well as the paper's setting (33 delays, interval 6, rank 20; arXiv 2410.24070): a table,
a line a seed.

    python3 bench/regimes.py build/dev/bin/kindred [SEEDS]

Separation: mean distance between regimes over the mean within; and the share of (within, between) pairs of distances in
the right order. Needs nothing but the program."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

RHO = [0.25, 0.5, 0.75, 5, 10, 15, 30, 40, 50]  # three of each regime
GRID = ["--delays", "1,5,9,17,25,33", "--interval", "1,2,4,6", "--rank", "2:30:2"]
PAPER = ["--delays", "33", "--interval", "6", "--rank", "20"]


def run(program, *words):
    return subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def separation(program, files, setting, metric):
    found = json.loads(
        run(program, "pairwise", *files, *setting, "--metric", metric, "--threads", 1, "--json", "--quiet"))
    d = found["metrics"][0]["distances"]
    within, between = [], []
    for i in range(len(d)):
        for j in range(i):
            (within if i // 3 == j // 3 else between).append(d[i][j])
    order = sum((b > w) + 0.5 * (b == w) for b in between for w in within) / (len(within) * len(between))
    return sum(between) / len(between) / (sum(within) / len(within)), order


def main():
    program, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print("| seed | recommended | dsa: paper's | recommended's | spectral: paper's | recommended's |")
    print("| --- | --- | --- | --- | --- | --- |")
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for k, rho in enumerate(RHO):
                files.append(str(Path(folder) / f"{k}.npy"))
                run(program, "simulate", "lorenz", "--rho", rho, "--seed", 10 * seed + k, "--out", files[-1], "--quiet")
            chosen = run(program, "sweep", *files, *GRID, "--threads", 1, "--recommend", "--quiet").split()
            cells = []
            for metric in ("dsa", "spectral-root"):
                for setting in (PAPER, chosen):
                    ratio, order = separation(program, files, setting, metric)
                    cells.append(f"{ratio:.2f} ({order:.2f})")
            print(f"| {seed} | `{' '.join(chosen)}` | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
