"""The DSA distance, side by side: kindred and the Python packages on the same pairs, in one session, on one core.

    python bench/peers/pavf.py --program build/release/bin/bench_pavf --ranks 10 20 50 --core 1 --json pavf.json

Pairs come from families.py. They are measured in rounds of one pair of each family and kind: first the packages, then
kindred at every effort, so that a slow minute of the machine falls on all alike. A package's time is processor time,
which other programs do not stretch; kindred's is elapsed time, so that a busy machine can only count against it. A
package's distance is not its float32 score but the float64 residual of the C it returns (projected to the nearest
orthogonal matrix): ||A - C B C^T||_F for operators of unit norm, as an angle 2 asin(. / 2).
"""

import session  # before NumPy

import importlib
import json
import math
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import families

EFFORTS = ("fast", "default", "thorough")
WORSE = {"worse_by_0.1_percent": "0.1 %", "worse_by_1_percent": "1 %"}


def angle(a, b, c):
    """The angle reached by the nearest orthogonal matrix to c."""
    u, _, vh = np.linalg.svd(np.asarray(c, dtype=np.float64))
    q = u @ vh
    return 2.0 * math.asin(min(1.0, np.linalg.norm(a - q @ b @ q.T) / 2.0))


def import_or_none(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"{name} left out: {error} (see bench/peers/requirements.txt)")
        return None


def dsa_metric(iterations):
    """The reference: Adam on a Cayley map, two starts of `iterations` steps, learning rate 0.01."""
    package = import_or_none("DSA")
    if package is None:
        return {}

    def solve(a, b):
        solver = package.SimilarityTransformDist(iters=iterations, lr=0.01, score_method="angular")
        solver.fit_score(a, b)
        return solver.C_star

    return {"dsa-metric": solve}


def fastdsa():
    """Optimisers of fastDSA, as their constructors make them: `ro` with 200 iterations, as in its README, `land` with
    1000."""
    regularised = import_or_none("fastDSA.RegularizationTerm")
    landing = import_or_none("fastDSA.LandingAlgorithm")
    if regularised is None or landing is None:
        return {}

    def ro(a, b):
        solver = regularised.SimilarityTransformDist()
        solver.fit_score(a.astype(np.float32), b.astype(np.float32))
        return solver.C_star

    def land(a, b):
        solver = landing.SimilarityTransformDist(metrics=("angular",), device="cpu")
        solver.fit_score(a.astype(np.float32), b.astype(np.float32))
        return solver.C_final

    return {"fastdsa-ro": ro, "fastdsa-land": land}


def peers(names, iterations):
    found = {}
    if "dsa-metric" in names:
        found |= dsa_metric(iterations)
    if "fastdsa" in names:
        found |= fastdsa()
    if found:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(0)
        for solve in found.values():  # what the first call loads is no pair's time
            solve(np.diag([1.0, 0.5, 0.25]), np.diag([0.25, 1.0, 0.5]))
    return found


def measure_peer(solve, pair):
    start = time.process_time()
    c = solve(pair.a, pair.b)
    seconds = time.process_time() - start
    return {"distance": angle(pair.a, pair.b, c), "seconds": seconds}


def measure_kindred(program, batch, effort, precision, certify, folder):
    """One run of bench_pavf over the batch; a record per pair."""
    operators, result = folder / "pairs.npy", folder / "result.json"
    np.save(operators, np.stack([[pair.a, pair.b] for pair in batch]))
    command = [program, "--pairs", operators, "--effort", effort, "--precision", precision, "--json", result]
    command += ["--certify"] if certify else []
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        session.fail(f"{program} returned {done.returncode}: {done.stderr.strip()}")
    document = json.loads(result.read_text())
    if len(document["pairs"]) != len(batch):
        session.fail(f"{program} reported {len(document['pairs'])} pairs, expected {len(batch)}")
    return [record | {"prepare_seconds": document["prepare_seconds"]} for record in document["pairs"]]


def geometric_mean(values):
    return float(np.exp(np.mean(np.log(values))))


def column(records, method, field):
    return np.array([record[method][field] for record in records])


def summarise(records, methods, reference):
    """Per method: mean ratio to the best, shares worse than the reference, time per pair, the reference's time over
    it."""
    best = np.min([column(records, method, "distance") for method in methods], axis=0)
    rows = {}
    for method in methods:
        distance, seconds = column(records, method, "distance"), column(records, method, "seconds")
        rows[method] = {
            "pairs": len(records),
            "mean_distance": float(distance.mean()),
            "max_distance": float(distance.max()),
            "milliseconds": 1e3 * geometric_mean(seconds),
        }
        if all(record["kind"] != "rotated" for record in records):  # whose best is 0
            rows[method]["mean_over_best"] = float(np.mean(distance / best))
        if "status" in records[0][method]:
            rows[method]["certified"] = sum(record[method]["status"] == "certified" for record in records)
        if "prepare_seconds" in records[0][method]:
            rows[method]["prepare_milliseconds"] = 1e3 * float(np.median(column(records, method, "prepare_seconds")))
        if reference is not None:
            other = column(records, reference, "distance")
            rows[method] |= {
                "worse_by_0.1_percent": int(np.sum(distance > 1.001 * other)),
                "worse_by_1_percent": int(np.sum(distance > 1.01 * other)),
                "faster": geometric_mean(column(records, reference, "seconds") / seconds),
            }
    return rows


def report(rank, records, methods, reference):
    """Prints a table per rank and returns its figures by (family, kind)."""
    groups = {}
    for record in records:
        groups.setdefault((record["kind"], record["family"]), []).append(record)
    figures, rows = [], []
    header = ["", "pairs", "mean distance", "largest", "mean / best", "> ref 0.1 %", "> ref 1 %", "certified"]
    header += ["ms an operator", "ms a pair", "ref time / time"]

    def line(title, row):
        return [
            title,
            row["pairs"],
            f"{row['mean_distance']:.3e}",
            f"{row['max_distance']:.3e}",
            f"{row['mean_over_best']:.4f}" if "mean_over_best" in row else "-",
            row.get("worse_by_0.1_percent", "-"),
            row.get("worse_by_1_percent", "-"),
            row.get("certified", "-"),
            f"{row['prepare_milliseconds']:.4g}" if "prepare_milliseconds" in row else "-",
            f"{row['milliseconds']:.4g}",
            f"{row['faster']:.0f}" if "faster" in row else "-",
        ]

    for (kind, family), members in groups.items():
        summary = summarise(members, methods, reference)
        figures.append({"rank": rank, "family": family, "kind": kind, "methods": summary})
        rows += [line(f"{kind} {family} {method}", summary[method]) for method in methods]
    for kind in dict.fromkeys(kind for kind, _ in groups):
        summary = summarise([record for record in records if record["kind"] == kind], methods, reference)
        for method in methods:
            if reference is not None:  # families weigh the same, whatever their number of pairs
                per_family = [f["methods"][method]["faster"] for f in figures if f["kind"] == kind]
                summary[method]["faster"] = geometric_mean(per_family)
        figures.append({"rank": rank, "family": "all", "kind": kind, "methods": summary})
        rows += [line(f"{kind} ALL {method}", summary[method]) for method in methods]
    print(f"\nr = {rank}")
    session.table(header, rows)
    return figures


def against_fastest(records, methods, effort="kindred-default"):
    """fastDSA's fastest optimiser against the default effort: ratio of times, pairs where kindred's distance is
    smaller."""
    others = [method for method in methods if method.startswith("fastdsa")]
    if not others or effort not in methods:
        return None
    fastest = min(others, key=lambda method: geometric_mean(column(records, method, "seconds")))
    ratio = column(records, fastest, "seconds") / column(records, effort, "seconds")
    smaller = int(np.sum(column(records, effort, "distance") < column(records, fastest, "distance")))
    figure = {"method": fastest, "faster": geometric_mean(ratio), "least": float(ratio.min())}
    figure |= {"smaller": smaller, "pairs": len(records)}
    print(
        f"{effort} against {fastest}: {figure['faster']:.0f} times faster (least {figure['least']:.0f}),"
        f" smaller distance on {smaller} of {len(records)} pairs"
    )
    return figure


def over_ranks(document, methods, reference):
    """The figures of one kind of pair over several ranks."""
    for kind in dict.fromkeys(record["kind"] for record in document["pairs"]):
        records = [record for record in document["pairs"] if record["kind"] == kind]
        for method, row in summarise(records, methods, reference).items():
            worse = [f"{row[key]} worse by {text}" for key, text in WORSE.items() if key in row]
            near = [f"mean / best {row['mean_over_best']:.4f}"] if "mean_over_best" in row else []
            print(f"{kind} {method}, all ranks: {', '.join([f'{len(records)} pairs', *near, *worse])}")
    ratios = [figure["faster"] for figure in document.get("against_fastdsa", {}).values()]
    if ratios:
        print(f"against fastDSA's fastest, geometric mean over the ranks: {geometric_mean(ratios):.1f} times faster")


def check_lower_bounds(records, methods):
    """A certificate above the distance would be wrong: counted over every kindred run."""
    runs = [record[method] for record in records for method in methods if "lower_bound" in record[method]]
    broken = sum(run["lower_bound"] > run["distance"] for run in runs)
    if runs:
        print(f"lower bound above the distance: {broken} of {len(runs)}")
    return broken


def main():
    p = session.parser(__doc__.splitlines()[0])
    p.add_argument("--program", type=Path, help="kindred's bench_pavf; without it only the packages are measured")
    p.add_argument("--ranks", type=int, nargs="+", default=[10, 20, 50])
    p.add_argument("--per-family", type=int, default=12, help="pairs of each family and kind")
    p.add_argument("--families", nargs="+", choices=list(families.FAMILIES), default=list(families.FAMILIES))
    p.add_argument("--kinds", nargs="+", choices=families.KINDS, default=list(families.KINDS))
    p.add_argument("--seed", type=int, default=2026)
    p.add_argument("--efforts", nargs="+", choices=EFFORTS, default=list(EFFORTS))
    p.add_argument("--precision", choices=("mixed", "f64"), default="mixed")
    p.add_argument("--certify", action="store_true", help="have every minimum proven where it can be")
    p.add_argument("--peers", nargs="*", choices=("dsa-metric", "fastdsa"), default=["dsa-metric"])
    p.add_argument("--iterations", type=int, default=1000, help="of each of the reference's two starts")
    options = p.parse_args()

    session.pin(options.core)
    others = peers(options.peers, options.iterations)
    if options.program is None and not others:
        session.fail("nothing to measure: give --program, or install a package of bench/peers/requirements.txt")
    efforts = options.efforts if options.program is not None else []
    methods = [*others, *[f"kindred-{effort}" for effort in efforts]]
    reference = "dsa-metric" if "dsa-metric" in others else None
    document = {"machine": session.machine(), "options": {k: str(v) for k, v in vars(options).items()}}
    document |= {"pairs": [], "figures": []}

    for rank in options.ranks:
        drawn = families.pairs(rank, options.per_family, options.seed, options.families, options.kinds)
        round_size = len(drawn) // options.per_family
        records = []
        with tempfile.TemporaryDirectory() as folder:
            for begin in range(0, len(drawn), round_size):
                batch = drawn[begin : begin + round_size]
                rows = [{"rank": rank, "family": pair.family, "kind": pair.kind} for pair in batch]
                for row, pair in zip(rows, batch):
                    row |= {name: measure_peer(solve, pair) for name, solve in others.items()}
                for effort in efforts:
                    runs = measure_kindred(
                        options.program, batch, effort, options.precision, options.certify, Path(folder)
                    )
                    for row, run in zip(rows, runs):
                        row[f"kindred-{effort}"] = run
                records += rows
                document["pairs"] += rows
                session.write(options.json, document)
        document["figures"] += report(rank, records, methods, reference)
        fastest = against_fastest(records, methods)
        if fastest is not None:
            document.setdefault("against_fastdsa", {})[str(rank)] = fastest
        document["lower_bounds_broken"] = document.get("lower_bounds_broken", 0) + check_lower_bounds(records, methods)
        session.write(options.json, document)
    if len(options.ranks) > 1:
        over_ranks(document, methods, reference)


if __name__ == "__main__":
    main()
