"""Transports between the channels of recordings, side by side with POT, in one session, on one core.

    python bench/peers/transport.py --program build/release/bin/kindred --solver build/release/bin/bench_transport

N systems of m samples x C channels, real-looking as in `representations.py`. Three figures, milliseconds of processor
time a pair:

solver alone      `ot.emd2` against kindred's solver (`bench_transport`), both of the same cost matrices
product, solver   NumPy's product of two centred recordings, which `ot.dist` takes too, and then `ot.emd2`
whole             centring, `ot.dist` and `ot.emd2`, from arrays, against `kindred pairwise` from files

The package's figures are medians over `--pairs` pairs, kindred's solver's the median of nine rounds over the same
ones, and `kindred pairwise` computes all pairs.
"""

import session  # before NumPy

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import representations


def timed(function, *arguments):
    start = time.process_time()
    value = function(*arguments)
    return 1e3 * (time.process_time() - start), value


def solver_alone(program, costs, folder):
    """(milliseconds a matrix, least costs) of kindred's solver."""
    file = Path(folder) / "costs.bin"
    np.array(costs).tofile(file)
    words = [program, file, *costs[0].shape]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        session.fail(f"{program} returned {done.returncode}: {done.stderr.strip()}")
    first, *rest = done.stdout.split()
    return float(first), np.array(rest, dtype=float)


def main():
    p = session.recordings_parser(__doc__.splitlines()[0], 50, "pairs that POT computes")
    p.add_argument("--solver", type=Path, required=True, help="the program `bench_transport`")
    p.add_argument("--samples", type=int, default=2000)
    p.add_argument("--channels", type=int, default=64)
    options = p.parse_args()
    session.pin(options.core)
    import ot

    def whole(x, y):
        return ot.emd2([], [], ot.dist((x - x.mean(axis=0)).T, (y - y.mean(axis=0)).T))

    rng = np.random.default_rng(options.seed)
    shape = (options.systems, options.samples, options.channels)
    systems = representations.recordings(*shape, "real-looking", rng)
    every = np.transpose(np.triu_indices(options.systems, k=1))
    pairs = every[rng.choice(len(every), size=min(options.pairs, len(every)), replace=False)]
    centred = [x - x.mean(axis=0) for x in systems]
    costs, values = [], []
    milliseconds = {"product": [], "solver": [], "whole": []}
    for i, j in pairs:
        spent, product = timed(lambda x, y: x.T @ y, centred[i], centred[j])
        milliseconds["product"].append(spent)
        costs.append(-product)
        spent, value = timed(ot.emd2, [], [], costs[-1])
        milliseconds["solver"].append(spent)
        values.append(value)
        milliseconds["whole"].append(timed(whole, systems[i], systems[j])[0])
    product, solver, all_of_it = (float(np.median(milliseconds[k])) for k in ("product", "solver", "whole"))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        ours, least = solver_alone(options.solver, costs, folder)
        difference = float(np.max(np.abs(least - values) / np.abs(values)))
        score = representations.pot_peers()["POT emd2 of channels"][2]
        files = representations.saved(systems, score, folder)
        seconds, _ = representations.run_kindred(options.program, "soft-matching-euclidean", [], files,
                                                 Path(folder) / "D.npy")
    pair = 1e3 * seconds / len(every)
    rows = [["solver alone", solver, ours], ["product, solver", product + solver, pair], ["whole", all_of_it, pair]]
    session.table(["what", "POT's ms a pair", "kindred's", "times faster"],
                  [[name, f"{a:.3f}", f"{b:.3f}", f"{a / b:.1f}"] for name, a, b in rows])
    print(f"NumPy's product alone {product:.3f} ms; largest relative difference of the least costs {difference:.1e}")
    session.write(options.json, {"machine": session.machine(), "milliseconds": rows, "product": product,
                                 "difference": difference})


if __name__ == "__main__":
    main()
