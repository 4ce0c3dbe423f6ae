"""Time of one fit: kindred's bench_fit against dsa-metric's DMD on recordings of the same shape, on one core, taking
turns.

    OMP_NUM_THREADS=1 peers/bin/python bench/peers/fit.py --program build/release/bin/bench_fit [--rounds 3] [--core 1]

The recordings are random latent processes seen by all channels (64 x 200 x 256, 10 delays, rank 20; 64 x 200 x 128,
10 delays, rank 100) and Lorenz trials (200 x 200 x 3, 33 delays at interval 6, rank 20): those of bench_fit, up to
their random numbers. Processor time; the median of the rounds. kindred computes in double precision, dsa-metric embeds
in single."""

import argparse
import json
import os
import statistics
import subprocess
import time

import numpy as np

CASES = {
    "wide_fit/units:256/kind:1": ((64, 200, 256), dict(n_delays=10, delay_interval=1, rank=20)),
    "many_fit": ((64, 200, 128), dict(n_delays=10, delay_interval=1, rank=100)),
    "lorenz_fit": ((200, 200, 3), dict(n_delays=33, delay_interval=6, rank=20)),
}


def latent(shape, rng):
    trials, steps, channels = shape
    size = 1 / (1 + np.arange(200))
    x, state = np.empty(shape), rng.standard_normal((trials, 200))
    mixing = rng.standard_normal((200, channels))
    for t in range(steps):
        state = 0.95 * state + 0.3 * rng.standard_normal(state.shape)
        x[:, t] = (state * size) @ mixing
    return x + 0.1 * rng.standard_normal(shape)


def lorenz(shape, rng):
    trials, steps, _ = shape
    x = np.empty(shape)
    x[:, 0] = rng.random((trials, 3))
    for t in range(1, steps):
        a, b, c = x[:, t - 1].T
        x[:, t] = x[:, t - 1] + 0.01 * np.stack([10 * (b - a), a * (28 - c) - b, a * b - 2.667 * c], axis=1)
    low, high = x.min(axis=(1, 2), keepdims=True), x.max(axis=(1, 2), keepdims=True)
    return (x - low) / (high - low)


def of_kindred(program, case):
    out = subprocess.run([program, f"--benchmark_filter=^{case}(/|$)", "--benchmark_format=json"], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = json.loads(out)["benchmarks"][0]
    return found["cpu_time"], found["dgemm"]


def of_peer(x, options):
    from DSA import DMD

    start = time.process_time()
    DMD(x, device="cpu", verbose=False, **options).fit()
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int)
    parser.add_argument("--case", choices=list(CASES))
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    print("| case | dsa-metric, s | kindred, s | times faster | DGEMM, GFLOP/s |\n| --- | --- | --- | --- | --- |")
    for case, (shape, fit) in CASES.items():
        if options.case and case != options.case:
            continue
        x = (lorenz if shape[2] == 3 else latent)(shape, rng)
        own, theirs, rates = [], [], []
        for _ in range(options.rounds):
            seconds, rate = of_kindred(options.program, case)
            own.append(seconds)
            rates.append(rate / 1e9)
            theirs.append(of_peer(x, fit))
        own, theirs = statistics.median(own), statistics.median(theirs)
        print(f"| {case} | {theirs:.4f} | {own:.4f} | {theirs / own:.1f} | {statistics.median(rates):.0f} |",
              flush=True)


if __name__ == "__main__":
    main()
