"""Every shared name, side by side: kindred against netrep, rsatoolbox, POT and similarity-repository, in one session,
on one core.

    python bench/peers/representations.py --program build/release/bin/kindred --core 1 --json representations.json

For each name that kindred shares with a package: the largest difference over all pairs of a few recordings (random
ones, and real-looking ones: trials of one smooth latent signal with noise), and, with `--speed`, the processor time of
a pair over larger ones, where kindred computes all pairs from the files, start and reading included, and the package
the `--pairs` of them from arrays in memory. A package that is not installed is left out with one line that says so; of
similarity-repository, which is hard to install, `--resi` takes a checkout of the package `resi` behind its names alone.
"""

import session  # before NumPy

import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np

TRIALS = 8  # of the comparisons over repeated trials, which divide the samples among them
PLS = 5  # components


def netrep_peers():
    from netrep.metrics import LinearCKA, LinearMetric, PermutationMetric
    from netrep.metrics.stochastic import EnergyStochasticMetric, GaussianStochasticMetric

    np.row_stack = np.vstack  # which the package calls, and NumPy 2 has not

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

    def responses(z):
        return z.mean(axis=0), np.stack([np.cov(z[:, i].T) for i in range(z.shape[1])])

    def stochastic(x, y):
        found = [
            GaussianStochasticMetric(init="rand", n_restarts=4, niter=300, random_state=1, tol=1e-12)
            .fit_score(*map(responses, (x, y))),
            GaussianStochasticMetric(niter=300, tol=1e-12).fit_score(*map(responses, (x, y))),
        ]
        return min(found)

    def energy(x, y):
        metric = EnergyStochasticMetric(niter=1000, tol=1e-14)
        return metric.fit_score(x.transpose(1, 0, 2), y.transpose(1, 0, 2))

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
        "netrep GaussianStochasticMetric": ("stochastic", ["--no-centre"], over_trials(stochastic)),
        "netrep EnergyStochasticMetric": ("stochastic-energy", ["--no-centre"], over_trials(energy)),
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
    import ot.sgot
    import scipy.linalg

    def channels(x, y):
        """2-Wasserstein distance of the channels as points, equal masses."""
        x, y = (x - x.mean(axis=0)).T, (y - y.mean(axis=0)).T
        return np.sqrt(ot.emd2([], [], ot.dist(x, y)))

    def spectra(z):
        a = np.linalg.lstsq(z[:-1], z[1:], rcond=None)[0].T
        values, left, right = scipy.linalg.eig(a, left=True)
        return values, right, left

    def sgot(x, y):
        (d, r, l), (e, s, k) = spectra(x), spectra(y)
        return float(ot.sgot.sgot_metric(d, r, l, e, s, k))

    fit = ["--delays", "1", "--rank", "full", "--ridge", "0"]
    return {
        "POT emd2 of channels": ("soft-matching-euclidean", [], channels),
        "POT sgot_metric": ("sgot", fit, sgot),
    }


def scikit_learn_peers():
    from sklearn.cross_decomposition import PLSRegression

    def explained(x, y):
        model = PLSRegression(n_components=PLS, scale=False, tol=1e-13, max_iter=20000).fit(x, y)
        return 1 - np.sum((y - model.predict(x)) ** 2) / np.sum((y - y.mean(axis=0)) ** 2)

    def both(x, y):
        return (explained(x, y) + explained(y, x)) / 2

    return {"scikit-learn PLSRegression": ("pls-score", ["--pls-components", str(PLS)], both)}


def resi_peers(folder):
    """Modules of a checkout's `resi/measures`, without the package's own imports of everything it offers."""
    for name in ("resi", "resi.measures"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(folder / name.replace(".", "/"))]
    for name in ("einops", "repsim"):
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].rearrange = None

    def module(name):
        spec = importlib.util.spec_from_file_location(f"resi.measures.{name}", folder / "resi/measures" / f"{name}.py")
        found = importlib.util.module_from_spec(spec)
        sys.modules[f"resi.measures.{name}"] = found
        spec.loader.exec_module(found)
        return found

    module("utils")
    match, distance, near = module("correlation_match"), module("distance_correlation"), module("nearest_neighbor")
    functions = {
        "matching-hard-score": match.hard_correlation_match,
        "matching-soft-score": match.soft_correlation_match,
        "distance-correlation-score": distance.distance_correlation,
        "jaccard-score": lambda x, y, shape: near.jaccard_similarity(x, y, shape, n_jobs=1),
        "second-order-cosine-score": lambda x, y, shape: near.second_order_cosine_similarity(
            x, y, shape, n_jobs_neighbors=1),
    }
    return {f"resi {name}": (name, [], lambda x, y, f=f: f(x, y, "nd")) for name, f in functions.items()}


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


def over_trials(score):
    """A score of arrays of trials x time x channels: kindred too gets them in this form."""
    score.trials = TRIALS
    return score


def all_peers(resi):
    """Name -> (kindred's metric, options, function of two recordings)."""
    found = {} if resi is None else resi_peers(resi)
    for package, peers in {
        "netrep": netrep_peers,
        "rsatoolbox": rsatoolbox_peers,
        "POT": pot_peers,
        "scikit-learn": scikit_learn_peers,
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


def as_given(x, score):
    """The recording as the comparison takes it."""
    trials = getattr(score, "trials", 0)
    return x.reshape(trials, len(x) // trials, x.shape[1]) if trials else x


def saved(systems, score, folder):
    files = [Path(folder) / f"system{i:03d}.npy" for i in range(len(systems))]
    for file, x in zip(files, systems):
        np.save(file, as_given(x, score))
    return files


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
            for name, (metric, words, score) in peers.items():
                files = saved(systems, score, folder)
                _, matrix = run_kindred(options.program, metric, words, files, Path(folder) / "D.npy")
                for i, j in zip(*np.triu_indices(len(systems), k=1)):
                    out[name] = max(out[name],
                                    abs(matrix[i, j] - float(score(*(as_given(systems[k], score) for k in (i, j))))))
    return out


def speeds(options, peers, rng):
    """(milliseconds a pair of the package, of kindred) of each name."""
    systems = recordings(options.systems, options.samples, options.channels, "real-looking", rng)
    count = len(systems) * (len(systems) - 1) // 2
    drawn = rng.choice(count, size=min(options.pairs, count), replace=False)
    pairs = np.transpose(np.triu_indices(len(systems), k=1))[drawn]
    out = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name, (metric, words, score) in peers.items():
            if options.only and not any(word in name for word in options.only):
                continue
            files = saved(systems, score, folder)
            theirs = []
            for i, j in pairs:
                x, y = as_given(systems[i], score), as_given(systems[j], score)
                start = time.process_time()
                score(x, y)
                theirs.append(time.process_time() - start)
            seconds, _ = run_kindred(options.program, metric, words, files, Path(folder) / "D.npy")
            out[name] = (1e3 * float(np.median(theirs)), 1e3 * seconds / count)
    return out


def main():
    p = session.recordings_parser(__doc__.splitlines()[0], 3, "pairs that a package computes")
    p.add_argument("--speed", action="store_true", help="measure processor times too")
    p.add_argument("--only", nargs="*", help="of the times: names that contain one of these words")
    p.add_argument("--resi", type=Path, help="a checkout that holds resi/measures")
    p.add_argument("--samples", type=int, default=2000)
    p.add_argument("--channels", type=int, default=64)
    options = p.parse_args()

    session.pin(options.core)
    rng = np.random.default_rng(options.seed)
    peers = all_peers(options.resi)
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
