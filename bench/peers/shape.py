"""CKA and Procrustes, side by side: `kindred pairwise` against NumPy, pair by pair, and netrep, in one session, on one
core.

    python bench/peers/shape.py --program build/release/bin/kindred --channels 128 20 --core 1 --json shape.json

N systems of m samples, float64, share a latent recording seen through random channels plus noise, so that the
similarities spread. kindred computes all N (N - 1) / 2 pairs from the files, start and reading included; the
pair-by-pair side computes `--pairs` of them, drawn at random, from arrays in memory, before and after kindred's run.
Both are processor time of one thread, which other programs stretch less than elapsed time. The distances of those pairs
are compared too.
"""

import session  # before NumPy

import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np


def system(latent, channels, rng):
    """(m, channels): a random mixture of the latent recording, plus noise of a tenth of its scale."""
    mixing = rng.standard_normal((latent.shape[1], channels)) / np.sqrt(latent.shape[1])
    return latent @ mixing + 0.1 * rng.standard_normal((latent.shape[0], channels))


def cka(x, y):
    """arccos of ||Y^T X||^2 / (||X^T X|| ||Y^T Y||), columns centred (arXiv 1905.00414)."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    score = np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    return np.arccos(np.clip(score, -1.0, 1.0))


def procrustes(x, y):
    """arccos of the correlation of the two recordings after the best rotation of each (arXiv 2110.14739)."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    u, _, vh = np.linalg.svd(x.T @ y)
    x, y = x @ u, y @ vh.T
    return np.arccos(np.clip(np.sum(x * y) / (np.linalg.norm(x) * np.linalg.norm(y)), -1.0, 1.0))


def peers():
    """Name -> (kindred's metric, function of two recordings)."""
    found = {"numpy-cka": ("cka", cka), "numpy-procrustes": ("procrustes", procrustes)}
    try:
        from netrep.metrics import LinearMetric
    except ImportError as error:
        print(f"netrep left out: {error} (see bench/peers/requirements.txt)")
        return found
    metric = LinearMetric(alpha=1.0, center_columns=True, score_method="angular")
    return found | {"netrep": ("procrustes", metric.fit_score)}


def measure_peers(methods, systems, pairs):
    """Per method: seconds and distance of each pair; the methods take turns."""
    runs = {name: {"seconds": [], "distance": []} for name in methods}
    for i, j in pairs:
        for name, (_, distance) in methods.items():
            start = time.process_time()
            value = distance(systems[i], systems[j])
            runs[name]["seconds"].append(time.process_time() - start)
            runs[name]["distance"].append(float(value))
    return runs


def children_seconds():
    """Processor time of the programs run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_kindred(program, metric, files, out):
    """One matrix over all files: (seconds, matrix)."""
    command = [program, "pairwise", *files, "--metric", metric, "--device", "cpu", "--threads", "1", "--out", out]
    start = children_seconds()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    seconds = children_seconds() - start
    if done.returncode != 0:
        session.fail(f"{program} returned {done.returncode}: {done.stderr.strip()}")
    return seconds, np.load(out)


def compare(options, channels, rng):
    """The figures of one channel count."""
    latent = rng.standard_normal((options.samples, options.latent))
    count = options.systems * (options.systems - 1) // 2
    drawn = rng.choice(count, size=min(options.pairs, count), replace=False)
    pairs = np.transpose(np.triu_indices(options.systems, k=1))[drawn]
    methods, rows = peers(), []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        files = [Path(folder) / f"system{i:03d}.npy" for i in range(options.systems)]
        kept = {}
        for i, file in enumerate(files):
            x = system(latent, channels, rng)
            np.save(file, x)
            if i in pairs:
                kept[i] = x
        half = len(pairs) // 2
        before = measure_peers(methods, kept, pairs[:half])
        ours = {m: run_kindred(options.program, m, files, Path(folder) / f"{m}.npy") for m in ("cka", "procrustes")}
        after = measure_peers(methods, kept, pairs[half:])
    for name, (metric, _) in methods.items():
        seconds, matrix = ours[metric]
        theirs = np.median(before[name]["seconds"] + after[name]["seconds"])
        distances = np.array(before[name]["distance"] + after[name]["distance"])
        rows.append(
            {
                "channels": channels,
                "peer": name,
                "peer_milliseconds": 1e3 * float(theirs),
                "kindred_milliseconds": 1e3 * seconds / count,
                "faster": float(theirs) * count / seconds,
                "largest_difference": float(np.max(np.abs(matrix[pairs[:, 0], pairs[:, 1]] - distances))),
            }
        )
    return rows


def main():
    p = session.recordings_parser(__doc__.splitlines()[0], 20, "pairs of the pair-by-pair side")
    p.add_argument("--samples", type=int, default=40000)
    p.add_argument("--channels", type=int, nargs="+", default=[128, 20])
    p.add_argument("--latent", type=int, default=40, help="channels of the shared latent recording")
    options = p.parse_args()

    session.pin(options.core)
    rng = np.random.default_rng(options.seed)
    rows = [row for channels in options.channels for row in compare(options, channels, rng)]
    print(f"N = {options.systems}, m = {options.samples}")
    session.table(
        ["peer", "channels", "its ms a pair", "kindred ms a pair", "times faster", "largest difference"],
        [
            [
                row["peer"],
                row["channels"],
                f"{row['peer_milliseconds']:.2f}",
                f"{row['kindred_milliseconds']:.3f}",
                f"{row['faster']:.1f}",
                f"{row['largest_difference']:.1e}",
            ]
            for row in rows
        ],
    )
    session.write(options.json, {"machine": session.machine(), "figures": rows})


if __name__ == "__main__":
    main()
