"""kindred.compat in the place of dsa-metric, on the same recordings, in one process, on one core.

    python bench/peers/dropin.py --systems 20 --core 1 --json dropin.json

Lorenz systems (200 trials x 200 steps x 3 channels each; rho spread evenly, so that neighbours are much alike),
33 delays at interval 6, rank 20. Times are processor time: of dsa-metric's own fits and pairs, and of the same call
through kindred.compat at each effort. Distances are then compared twice:

- on the same operators (those that dsa-metric fitted, in float32): the score that dsa-metric reports, and the residual
  in float64 of the C that it found, against kindred's distance at each effort and its proven lower bound;
- end to end: each package's own fits. dsa-metric fits in float32, so equal values are not to be expected.

Angles in radians. `--systems 20` is 190 pairs, several seconds each for dsa-metric. `--keep FILE.npz` keeps what
dsa-metric gave, pair by pair, and a later call goes on from there; `--seconds` ends a call after so many seconds of its
pairs.
"""

import session  # before NumPy

import contextlib
import pathlib
import sys
import time
import warnings

import numpy as np

EFFORTS = ("fast", "default", "thorough")
FIT = {"n_delays": 33, "delay_interval": 6, "rank": 20}
ROUNDING = 1e-6  # of scores that are computed in float32


def timed(f):
    start = time.process_time()
    value = f()
    return value, time.process_time() - start


def angle(a, b, c):
    """The angle at the nearest orthogonal matrix to c, in float64, of operators of unit norm."""
    u, _, vh = np.linalg.svd(np.asarray(c, dtype=np.float64))
    q = u @ vh
    chord = np.linalg.norm(a / np.linalg.norm(a) - q @ (b / np.linalg.norm(b)) @ q.T)
    return 2.0 * np.arcsin(min(1.0, chord / 2.0))


def in_pairs(matrix):
    return np.asarray(matrix)[np.tril_indices(len(matrix), -1)]


def fit_by_peer(peer, systems):
    model = peer.DSA(systems, score_method="angular", **FIT)
    _, seconds = timed(model.fit_dmds)
    return [dmd.A_v.detach().numpy().astype(np.float64) for dmd in model.dmds[0]], seconds


def score_by_peer(peer, operators, options, found):
    """Its reported scores, their float64 residuals and the time of each pair, after those in `found`."""
    import torch

    began = time.process_time()
    for i, j in list(zip(*np.tril_indices(len(operators), -1)))[len(found) :]:  # the order of in_pairs
        if options.seconds and time.process_time() - began > options.seconds:
            break
        torch.manual_seed(options.seed + len(found))  # the starts are random; the same ones in however many calls
        a, b = operators[i], operators[j]
        solver = peer.SimilarityTransformDist(iters=options.iterations, lr=options.lr, score_method="angular")
        score, spent = timed(
            lambda: solver.fit_score(a.astype(np.float32), b.astype(np.float32)))  # it alters its operands
        found.append((float(score), angle(a, b, solver.C_star), spent))
    return found


def peer_results(peer, systems, options):
    """Operators, seconds of the fits, and (score, residual, seconds) of the pairs: what was kept, and what is new."""
    kept = options.keep is not None and options.keep.exists()
    with np.load(options.keep) if kept else contextlib.nullcontext({}) as file:
        theirs, seconds = (list(file["operators"]), float(file["fits"])) if kept else fit_by_peer(peer, systems)
        found = [tuple(row) for row in file["pairs"]] if kept else []
    if options.first is None:
        score_by_peer(peer, theirs, options, found)
    if options.keep is not None and options.first is None:
        np.savez(options.keep, operators=theirs, fits=seconds, pairs=found)
    return theirs, seconds, np.array(found)


def compare(what, values, reference, rows):
    excess = values - reference
    rows.append([what, len(values), int((excess <= ROUNDING).sum()), f"{max(0.0, excess.max()):.1e}",
                 f"{np.mean(values):.5f}", f"{np.mean(reference):.5f}"])
    return {"pairs": len(values), "at_or_below": int((excess <= ROUNDING).sum()), "largest_excess": float(excess.max())}


def main():
    p = session.parser(__doc__.splitlines()[0])
    p.add_argument("--systems", type=int, default=20)
    p.add_argument("--trials", type=int, default=200)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--iterations", type=int, default=1500,
                   help="Adam steps of dsa-metric, the default of its class DSA")
    p.add_argument("--lr", type=float, default=5e-3)
    p.add_argument("--keep", type=pathlib.Path, help="file of what dsa-metric gave: read if it is there, and written")
    p.add_argument("--first", type=int,
                   help="compare the first so many of the systems, of whose pairs --keep holds all")
    p.add_argument("--seconds", type=float, help="end after so many of dsa-metric's pairs; with --keep")
    options = p.parse_args()
    session.pin(options.core)
    warnings.simplefilter("ignore")

    import DSA as peer
    import torch

    import kindred
    from kindred import compat

    torch.set_num_threads(1)
    rhos = np.linspace(0.5, 60, options.systems)
    systems = [
        kindred.simulate.lorenz(rho, trials=options.trials, stream=k, seed=options.seed) for k, rho in enumerate(rhos)
    ]
    document = {"machine": session.machine(), "arguments": {k: str(v) for k, v in vars(options).items()}}
    # What the first call of each loads is no system's time.
    peer.DSA([x[:4] for x in systems[:2]], n_delays=2, rank=2, iters=2).fit_score()
    compat.DSA([x[:4] for x in systems[:2]], n_delays=2, rank=2, score_method="angular").fit_score()

    theirs, fit_seconds, pairs = peer_results(peer, systems, options)
    if options.first is not None:
        count = options.first
        systems, theirs, pairs = systems[:count], theirs[:count], pairs[: count * (count - 1) // 2]
    if len(pairs) < len(systems) * (len(systems) - 1) // 2:
        return print(f"{len(pairs)} pairs so far: call again")
    reported, residual, pair_seconds = pairs[:, 0], pairs[:, 1], pairs[:, 2].sum()
    their_seconds = fit_seconds + pair_seconds
    print(f"{len(systems)} systems, {len(reported)} pairs; dsa-metric: "
          f"fits {fit_seconds:.2f} s, pairs {pair_seconds:.2f} s")

    times, agreement, ends = [], [], []
    operators = kindred.Operators.of(theirs)
    best = in_pairs(kindred.pairwise(operators, "dsa", effort="thorough", threads=1, progress=False))
    best = np.minimum(best, residual)
    for effort in EFFORTS:
        d, seconds = timed(lambda: compat.DSA(systems, score_method="angular", effort=effort, **FIT).fit_score())
        times.append([effort, f"{seconds:.3f}", f"{their_seconds / seconds:.0f}"])
        ends.append([effort, f"{np.abs(in_pairs(d) - residual).max():.1e}",
                     int((in_pairs(d) <= residual + ROUNDING).sum())])
        same = kindred.pairwise(operators, "dsa", effort=effort, threads=1, progress=False)
        values = in_pairs(same)
        document[effort] = {"seconds": seconds, "ratio": their_seconds / seconds,
                            "to_reported": compare(f"{effort}, to its score", values, reported, agreement),
                            "to_residual": compare(f"{effort}, to its C", values, residual, agreement),
                            "distances": values.tolist(), "own_fits": in_pairs(d).tolist(),
                            "lower_bounds": in_pairs(same.lower_bound).tolist(),
                            "refinements": in_pairs(same.refinements).tolist()}
    compare("dsa-metric's C, to the best known", residual, best, agreement)
    print("\nthe whole call, seconds, and dsa-metric's over it")
    session.table(["effort", "s", "ratio"], times)
    print(f"\nangles on the same operators (at or below: within {ROUNDING:g})")
    session.table(["", "pairs", "at or below", "largest excess", "mean", "mean of the other"], agreement)
    print("\neach with its own fits")
    session.table(["effort", "largest difference", "at or below"], ends)

    # Spectra: no search on either side, so of the same operators, both in float64, the values must be equal.
    their_spectral, seconds = timed(lambda: peer.DSA(systems, score_method="wasserstein", **FIT).fit_score())
    ours, our_seconds = timed(lambda: compat.DSA(systems, score_method="wasserstein", **FIT).fit_score())
    transport = peer.SimilarityTransformDist(score_method="wasserstein")
    there = np.array([float(transport.fit_score(torch.from_numpy(theirs[i].copy()), torch.from_numpy(theirs[j].copy())))
                      for i, j in zip(*np.tril_indices(len(theirs), -1))])
    same = np.abs(in_pairs(kindred.pairwise(operators, "spectral", threads=1, progress=False)) - there).max()
    their_spectral, ours = in_pairs(their_spectral), in_pairs(ours)
    document["wasserstein"] = {"ratio": seconds / our_seconds, "same_operators": float(same),
                               "own_fits": float(np.abs(ours - their_spectral).max())}
    print(f"\nwasserstein: {seconds:.2f} s and {our_seconds:.3f} s; largest difference {same:.1e} on "
          f"the same operators in float64, {np.abs(ours - their_spectral).max():.1e} with each one's own fits "
          f"(values up to {their_spectral.max():.2g})")
    document |= {"their_seconds": their_seconds, "reported": reported.tolist(), "residual": residual.tolist(),
                 "best": best.tolist()}
    if options.json is not None:
        np.save(options.json.with_suffix(".npy"), np.stack(theirs))
    session.write(options.json, document)


if __name__ == "__main__":
    sys.exit(main())
