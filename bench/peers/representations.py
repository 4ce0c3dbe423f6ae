"""Every shared name, side by side: kindred against netrep, rsatoolbox, POT and similarity-repository, in one session, on one core.

    python bench/peers/representations.py --program build/release/bin/kindred --core 1 --json representations.json

For each name that kindred shares with a package: the largest difference over all pairs of a few recordings (random ones, and real-looking
ones: trials of one smooth latent signal with noise), and, with `--speed`, the processor time of a pair over larger ones, where kindred computes
all pairs from the files, start and reading included, and the package the `--pairs` of them from arrays in memory. A package that is not
installed is left out with one line that says so.
"""

import session  # before NumPy

import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np


def netrep_peers():
    from netrep.metrics import LinearCKA, LinearMetric, PermutationMetric

    def linear(alpha, method):
        return lambda x, y: LinearMetric(alpha=alpha, score_method=method).fit_score(x, y)

    def permutation(method):
        return lambda x, y: PermutationMetric(score_method=method).fit_score(x, y)

    def held_out(x, y):
        """kindred's folds: fitted on the other samples, scored on the fold, products summed over folds."""
        total = np.zeros(3)
        for fold in np.array_split(np.arange(len(x)), 5):
            rest = np.setdiff1d(np.arange(len(x)), fold)
            metric = LinearMetric(alpha=1.0).fit(x[rest], y[rest])
            a, b = metric.transform(x[fold], y[fold])
            total += np.sum(a * b), np.sum(a * a), np.sum(b * b)
        return np.arccos(total[0] / np.sqrt(total[1] * total[2]))

    return {
        "netrep LinearMetric(1) angular": ("procrustes", [], linear(1.0, "angular")),
        "netrep LinearMetric(1) euclidean": ("procrustes-euclidean", [], linear(1.0, "euclidean")),
        "netrep LinearMetric(0.5) angular": ("shape", ["--alpha", "0.5"], linear(0.5, "angular")),
        "netrep LinearMetric(0.5) euclidean": (
            "shape",
            ["--alpha", "0.5", "--score", "euclidean", "--preserve-variance"],
            linear(0.5, "euclidean"),
        ),
        "netrep LinearMetric(0) angular": ("shape", ["--alpha", "0"], linear(0.0, "angular")),
        "netrep LinearMetric(1) fit, score": ("procrustes-cv", [], held_out),
        "netrep LinearMetric(1) uncentred": (
            "procrustes-uncentred",
            [],
            lambda x, y: LinearMetric(alpha=1.0, center_columns=False).fit_score(x, y),
        ),
        "netrep PermutationMetric angular": ("permutation", [], permutation("angular")),
        "netrep PermutationMetric euclidean": ("permutation-euclidean", [], permutation("euclidean")),
        "netrep LinearCKA": ("cka", [], lambda x, y: LinearCKA().score(x, y)),
    }


def rsatoolbox_peers():
    import rsatoolbox

    def compared(method, comparison):
        def score(x, y):
            rdms = [rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(z), method=method) for z in (x, y)]
            return float(rsatoolbox.rdm.compare(*rdms, method=comparison)[0, 0])

        return score

    comparisons = {
        "corr": "pearson",
        "spearman": "spearman",
        "cosine": "cosine",
        "kendall": "kendall",
        "tau-a": "kendall-a",
        "cosine_cov": "whitened-cosine",
        "corr_cov": "whitened-pearson",
    }
    found = {}
    for method, kind in {"correlation": "correlation", "euclidean": "squared-euclidean"}.items():
        for theirs, ours in comparisons.items():
            options = ["--rdm", kind, "--comparison", ours, "--score", "similarity"]
            found[f"rsatoolbox {method} {theirs}"] = ("rsa", options, compared(method, theirs))
    return found


def pot_peers():
    import ot

    def channels(x, y):
        """2-Wasserstein distance of the channels as points, equal masses."""
        x, y = (x - x.mean(axis=0)).T, (y - y.mean(axis=0)).T
        return np.sqrt(ot.emd2([], [], ot.dist(x, y)))

    return {"POT emd2 of channels": ("soft-matching-euclidean", [], channels)}


def similarity_repository_peers():
    import similarity

    names = {
        "resi/hard_correlation_match": "matching-hard-score",
        "resi/soft_correlation_match": "matching-soft-score",
        "resi/distance_correlation": "distance-correlation-score",
        "resi/jaccard_similarity": "jaccard-score",
        "resi/second_order_cosine_similarity": "second-order-cosine-score",
        "platonic/mutual_knn-topk=10": "mutual-knn-score",
        "platonic/cknna-topk=10": "cknna-score",
        "repsim/cka-kernel=linear-hsic=lange-distance=angular": "cka-lange",
        "platonic/cka-kernel=linear-hsic=song-score": "cka-song-score",
        "sim_metric/cca-squared_score": "cca-squared-score",
    }
    return {f"similarity {name}": (ours, [], similarity.make(f"measure/{name}")) for name, ours in names.items()}


def all_peers():
    """Name -> (kindred's metric, options, function of two recordings)."""
    found = {}
    for package, peers in {
        "netrep": netrep_peers,
        "rsatoolbox": rsatoolbox_peers,
        "POT": pot_peers,
        "similarity-repository": similarity_repository_peers,
    }.items():
        try:
            found |= peers()
        except ImportError as error:
            print(f"{package} left out: {error} (see bench/peers/requirements.txt)")
    return found


def recordings(count, samples, channels, kind, rng):
    """`count` recordings of samples x channels, of equal widths."""
    if kind == "random":
        return [rng.standard_normal((samples, channels)) for _ in range(count)]
    steps = np.linspace(0, 6, samples)[:, None]
    latent = np.concatenate([np.sin(steps * k + rng.uniform(0, 6)) for k in range(1, 9)], axis=1)
    return [
        np.tanh(latent @ rng.standard_normal((8, channels))) + 0.05 * rng.standard_normal((samples, channels)) + 1
        for _ in range(count)
    ]


def run_kindred(program, metric, options, files, out):
    """One matrix over all files: (processor seconds, matrix)."""
    command = [program, "pairwise", *files, "--metric", metric, *options, "--device", "cpu", "--threads", "1"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(word) for word in [*command, "--out", out]], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        session.fail(f"{metric}: {program} returned {done.returncode}: {done.stderr.strip()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, np.load(out)


def differences(options, peers, rng):
    """Largest difference of each name over random and real-looking recordings."""
    out = dict.fromkeys(peers, 0.0)
    for kind in ("random", "real-looking"):
        systems = recordings(5, 40, 7, kind, rng)
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            files = [Path(folder) / f"system{i}.npy" for i in range(len(systems))]
            for file, x in zip(files, systems):
                np.save(file, x)
            for name, (metric, words, score) in peers.items():
                _, matrix = run_kindred(options.program, metric, words, files, Path(folder) / "D.npy")
                for i, j in zip(*np.triu_indices(len(systems), k=1)):
                    out[name] = max(out[name], abs(matrix[i, j] - float(score(systems[i], systems[j]))))
    return out


def speeds(options, peers, rng):
    """(milliseconds a pair of the package, of kindred) of each name."""
    systems = recordings(options.systems, options.samples, options.channels, "real-looking", rng)
    count = len(systems) * (len(systems) - 1) // 2
    pairs = np.transpose(np.triu_indices(len(systems), k=1))[rng.choice(count, size=min(options.pairs, count), replace=False)]
    out = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        files = [Path(folder) / f"system{i:03d}.npy" for i in range(len(systems))]
        for file, x in zip(files, systems):
            np.save(file, x)
        for name, (metric, words, score) in peers.items():
            if options.only and not any(word in name for word in options.only):
                continue
            theirs = []
            for i, j in pairs:
                start = time.process_time()
                score(systems[i], systems[j])
                theirs.append(time.process_time() - start)
            seconds, _ = run_kindred(options.program, metric, words, files, Path(folder) / "D.npy")
            out[name] = (1e3 * float(np.median(theirs)), 1e3 * seconds / count)
    return out


def main():
    p = session.parser(__doc__.splitlines()[0])
    p.add_argument("--program", type=Path, required=True, help="the program `kindred`")
    p.add_argument("--speed", action="store_true", help="measure processor times too")
    p.add_argument("--only", nargs="*", help="of the times: names that contain one of these words")
    p.add_argument("--systems", type=int, default=100)
    p.add_argument("--samples", type=int, default=2000)
    p.add_argument("--channels", type=int, default=64)
    p.add_argument("--pairs", type=int, default=3, help="pairs that a package computes")
    p.add_argument("--seed", type=int, default=2026)
    p.add_argument("--folder", type=Path, help="where the recordings are written")
    options = p.parse_args()

    session.pin(options.core)
    rng = np.random.default_rng(options.seed)
    peers = all_peers()
    found = differences(options, peers, rng)
    times = speeds(options, peers, rng) if options.speed else {}
    rows = []
    for name, (metric, words, _) in peers.items():
        row = [name, " ".join([metric, *words]), f"{found[name]:.1e}"]
        if options.speed:
            theirs, ours = times.get(name, (float("nan"), float("nan")))
            row += [f"{theirs:.2f}", f"{ours:.3f}", f"{theirs / ours:.1f}"]
        rows.append(row)
    head = ["package", "kindred", "largest difference"]
    session.table(head + (["its ms a pair", "kindred ms a pair", "times faster"] if options.speed else []), rows)
    session.write(options.json, {"machine": session.machine(), "differences": found, "milliseconds": times})


if __name__ == "__main__":
    main()
