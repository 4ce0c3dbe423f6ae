#!/usr/bin/env python3
"""Distances of the reference package (PyPI: dsa-metric) on the systems of a test case, for
`kindred testcase --distances`.

    kindred testcase regimes --seeds 3 --save-trajectories data --out results
    reference.py regimes data results --seeds 3
    kindred testcase regimes --seeds 3 --distances reference=results

Writes reference.npy beside kindred's own dsa.npy, for every setting found there, and prints both means over the same
pairs by group. A pair takes seconds, so --pairs N takes N pairs of each group only, the same ones every time; the rest
stay NaN. Groups are those of the case: within or between labels, shared motifs, or learning stage and kind of pair. The
package runs as its authors set it: Adam, 1000 iterations on each of the two components, learning rate 0.01, angles.
"""

import argparse
import json
import os
import pathlib
import random
import re

os.environ["OMP_NUM_THREADS"] = "1"

import DSA  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)


def group_of(case, systems, i, j):
    if case == "regimes":
        return "within" if systems[i]["label"] == systems[j]["label"] else "between"
    names = systems[i]["name"], systems[j]["name"]
    if case == "motifs":
        shared = set(names[0].split(" + ")) & set(names[1].split(" + "))
        return f"{len(shared)} shared"
    stage = re.search(r"stage \d", names[0]).group()
    return f"{stage} {'alone' if all('copy' in name for name in names) else 'mixed'}"


def sample(case, systems, known, most):
    """Pairs that kindred compared, by group; at most `most` of each."""
    groups = {}
    for i, j in zip(*np.nonzero(np.isfinite(known))):
        if i < j:
            groups.setdefault(group_of(case, systems, i, j), []).append((i, j))
    if most:
        for pairs in groups.values():
            random.Random(0).shuffle(pairs)
            del pairs[most:]
    return groups


def operators(arrays, delays, interval, rank):
    model = DSA.DSA(arrays, n_delays=delays, delay_interval=interval, rank=rank, iters=1000, lr=1e-2,
                    score_method="angular", device="cpu")
    for fit in (fit for group in model.dmds for fit in group):
        fit.fit()
    return model, [fit.A_v for group in model.dmds for fit in group]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=["regimes", "motifs", "noise"])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=0)
    options = parser.parse_args()

    for seed in range(options.seeds):
        home = options.data / options.case / f"seed-{seed}"
        systems = json.loads(home.with_suffix(".json").read_text())["systems"]
        arrays = [np.load(home.parent / system["file"]) for system in systems]
        for folder in sorted((options.results / options.case / f"seed-{seed}").glob("delays-*")):
            delays, interval, rank = map(int, re.findall(r"\d+", folder.name))
            known = np.load(folder / "dsa.npy")
            groups = sample(options.case, systems, known, options.pairs)
            used = sorted({k for pairs in groups.values() for pair in pairs for k in pair})
            model, fitted = operators([arrays[k] for k in used], delays, interval, rank)
            operator = dict(zip(used, fitted))
            found = np.full_like(known, np.nan)
            for group, pairs in sorted(groups.items()):
                for i, j in pairs:
                    found[i, j] = found[j, i] = float(model.simdist.fit_score(operator[i], operator[j]))
                here = tuple(np.array(pairs).T)
                print(
                    f"seed {seed}, {folder.name}, {group}: {len(pairs)} pairs, reference {found[here].mean():.4f}, "
                    f"kindred {known[here].mean():.4f}",
                    flush=True,
                )
            np.save(folder / "reference.npy", found)


if __name__ == "__main__":
    main()
