"""The calls that compare, against independent formulas, and what their results promise."""

import itertools
import pickle
import threading

import numpy as np
import pytest

import kindred


def test_dsa_separates_regimes_and_keeps_its_promises(lorenz, fit_options):
    d = kindred.pairwise(lorenz, "dsa", **fit_options)
    values = np.asarray(d)
    assert values.shape == (6, 6) and values.dtype == np.float64
    assert (values == values.T).all() and (np.diag(values) == 0).all()
    assert (d.lower_bound <= values).all()
    assert set(np.unique(d.status)) <= {"exact", "certified", "converged"}
    assert d.names == list(lorenz) and d["fixed a", "fixed b"] == values[0, 1]
    within = [values[0, 1], values[2, 3], values[4, 5]]
    between = [values[i, j] for i, j in itertools.combinations(range(6), 2) if i // 2 != j // 2]
    assert np.mean(within) < np.mean(between)


def test_operators_first_gives_the_same_bits(lorenz, fit_options):
    operators = kindred.fit(lorenz, **fit_options)
    assert len(operators) == 6 and operators["chaos a"].shape == (6, 6)
    assert operators[0].facts["status"] in ("ok", "rank_excess")
    for metric in ("dsa", "spectral"):
        direct, second = kindred.pairwise(lorenz, metric, **fit_options), kindred.pairwise(operators, metric)
        assert (np.asarray(direct) == np.asarray(second)).all()


def test_several_ranks_from_one_factorisation(lorenz):
    several = kindred.fit(lorenz, delays=10, interval=3, rank=[2, 5])
    for rank, operators in zip((2, 5), several):
        alone = kindred.fit(lorenz, delays=10, interval=3, rank=rank)
        for a, b in zip(operators, alone):
            # The same subspace up to signs: invariants agree to rounding of the Gram route, about 1e-8
            # (docs/metrics.md).
            assert np.linalg.norm(a) == pytest.approx(np.linalg.norm(b), rel=1e-6)


def test_cka_equals_its_formula(random):
    x, y = random.normal(size=(40, 5)), random.normal(size=(40, 7))
    xc, yc = x - x.mean(0), y - y.mean(0)
    s = np.linalg.norm(yc.T @ xc) ** 2 / (np.linalg.norm(xc.T @ xc) * np.linalg.norm(yc.T @ yc))
    d = kindred.pairwise([x, y], "cka")
    # arccos near s: the derivative 1 / sqrt(1 - s^2) is of order one here, and sums of 40 terms round to a few eps.
    assert d[0, 1] == pytest.approx(np.arccos(s), abs=1e-13)
    assert kindred.pairwise([x, y], "cka", normalized=True)[0, 1] == pytest.approx(np.arccos(s) * 2 / np.pi, abs=1e-13)
    assert kindred.pairwise([x, y], kindred.CKA(score="similarity"))[0, 1] == pytest.approx(s, abs=1e-13)


def test_procrustes_equals_its_formula(random):
    x, y = random.normal(size=(40, 5)), random.normal(size=(40, 5))
    xc, yc = x - x.mean(0), y - y.mean(0)
    nuclear = np.linalg.svd(xc.T @ yc, compute_uv=False).sum()
    expected = np.sqrt((xc**2).sum() + (yc**2).sum() - 2 * nuclear)
    assert kindred.pairwise([x, y], "procrustes-euclidean")[0, 1] == pytest.approx(expected, rel=1e-12)


def test_spectral_equals_the_assignment(random):
    optimize = pytest.importorskip("scipy.optimize")
    a, b = random.normal(size=(2, 7, 7)) / 3
    mu, nu = np.linalg.eigvals(a), np.linalg.eigvals(b)
    cost = np.abs(mu[:, None] - nu) ** 2
    rows, columns = optimize.linear_sum_assignment(cost)
    # Eigenvalues of these well-conditioned matrices are good to about 1e-13.
    assert kindred.compare_operators(a, b, "spectral") == pytest.approx(cost[rows, columns].mean(), abs=1e-11)


def test_align_finds_a_rotated_copy(random):
    a = random.normal(size=(8, 8))
    q, _ = np.linalg.qr(random.normal(size=(8, 8)))
    found = kindred.align(a, q.T @ a @ q, score="euclidean")
    assert found.distance < 1e-7 and found.lower_bound <= found.distance
    assert np.linalg.norm(found.C @ found.C.T - np.eye(8)) < 1e-10  # polished in double precision
    assert np.linalg.norm(found.aligned - a) < 1e-6 * np.linalg.norm(a)
    assert kindred.compare_operators(a, q.T @ a @ q) < 1e-7


def test_cross_is_a_part_of_pairwise(lorenz, fit_options):
    names = list(lorenz)
    rows, columns = {n: lorenz[n] for n in names[:2]}, {n: lorenz[n] for n in names[2:]}
    full = np.asarray(kindred.pairwise(lorenz, **fit_options))
    part = kindred.cross(rows, columns, **fit_options)
    assert part.shape == (2, 4) and (np.asarray(part) == full[:2, 2:]).all()
    assert part["fixed a", "chaos b"] == full[0, 5] and part.column_names == names[2:]
    with pytest.raises(ValueError, match="condensed"):
        part.condensed()


def test_condensed_is_scipys_order(lorenz, fit_options):
    distance = pytest.importorskip("scipy.spatial.distance")
    d = kindred.pairwise(lorenz, **fit_options)
    assert (distance.squareform(d.condensed()) == np.asarray(d)).all()


def test_threads_and_views_change_no_bit(lorenz, fit_options):
    one = kindred.pairwise(lorenz, threads=1, **fit_options)
    two = kindred.pairwise(lorenz, threads=2, **fit_options)
    turned = {n: np.asfortranarray(x) for n, x in lorenz.items()}
    moved = {n: x.transpose(2, 0, 1).copy() for n, x in lorenz.items()}
    assert (np.asarray(one) == np.asarray(two)).all()
    assert (np.asarray(one) == np.asarray(kindred.pairwise(turned, **fit_options))).all()
    assert (np.asarray(one) == np.asarray(kindred.pairwise(moved, layout="channels,trials,time", **fit_options))).all()
    lists = {n: list(x) for n, x in lorenz.items()}
    assert (np.asarray(one) == np.asarray(kindred.pairwise(lists, **fit_options))).all()


def test_two_engines_in_two_threads(lorenz, fit_options):
    expected = np.asarray(kindred.pairwise(lorenz, **fit_options))
    out = {}

    def work(key):
        engine = kindred.Engine("cpu", threads=1)
        out[key] = np.asarray(kindred.pairwise(lorenz, engine=engine, progress=False, **fit_options))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert (out[0] == expected).all() and (out[1] == expected).all()


def test_progress_is_told_and_can_cancel(lorenz, fit_options):
    seen = []
    kindred.pairwise(lorenz, progress=lambda *event: seen.append(event), **fit_options)
    assert ("pairs", 15, 15) in seen

    class Stop(Exception):
        pass

    def stop(stage, done, total):
        raise Stop

    with pytest.raises(Stop):
        kindred.pairwise(lorenz, progress=stop, **fit_options)


def test_keyboard_interrupt_ends_the_call(lorenz, fit_options, interruptible):
    import _thread

    def interrupt(stage, done, total):
        _thread.interrupt_main()

    with pytest.raises(KeyboardInterrupt):
        kindred.pairwise(lorenz, progress=interrupt, **fit_options)


def test_journal_is_taken_up(lorenz, fit_options, tmp_path):
    journal = tmp_path / "run.journal"
    first = kindred.pairwise(lorenz, journal=journal, **fit_options)
    again = kindred.pairwise(lorenz, journal=journal, **fit_options)
    assert (np.asarray(first) == np.asarray(again)).all()
    with pytest.raises(ValueError, match="another comparison"):
        kindred.pairwise(lorenz, journal=journal, effort="fast", **fit_options)


def test_results_pickle(lorenz, fit_options):
    d = kindred.pairwise(lorenz, **fit_options)
    other = pickle.loads(pickle.dumps(d))
    assert (np.asarray(other) == np.asarray(d)).all() and (other.status == d.status).all() and other.names == d.names
    operators = pickle.loads(pickle.dumps(kindred.fit(lorenz, **fit_options)))
    assert (np.asarray(kindred.pairwise(operators)) == np.asarray(d)).all()
    metric = kindred.DSA(delays=3, effort="fast")
    assert pickle.loads(pickle.dumps(metric)) == metric


def test_files(lorenz, fit_options, tmp_path):
    for name, x in lorenz.items():
        np.save(tmp_path / f"{name}.npy", x)
    systems = kindred.load(sorted(tmp_path.glob("*.npy")))
    assert systems.names == sorted(lorenz)
    d = kindred.pairwise(systems, **fit_options)
    kindred.save(tmp_path / "d.npz", d)
    kindred.save(tmp_path / "ops.npz", kindred.fit(systems, **fit_options))
    assert (np.load(tmp_path / "d.npz")["distances"] == np.asarray(d)).all()
    assert (np.asarray(kindred.pairwise(kindred.load_operators(tmp_path / "ops.npz"))) == np.asarray(d)).all()
    with pytest.raises(kindred.FileError, match="nowhere.npy"):
        kindred.load(tmp_path / "nowhere.npy")


def test_report_and_notebook(lorenz, fit_options, tmp_path):
    d = kindred.pairwise(lorenz, labels=[n.split()[0] for n in lorenz], **fit_options)
    d.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "<svg" in page and "fixed a" in page and "between / within" in page
    assert "iframe" in d._repr_html_()


def test_frame(lorenz, fit_options):
    pytest.importorskip("pandas")
    frame = kindred.pairwise(lorenz, **fit_options).to_dataframe()
    assert list(frame.index) == list(lorenz) and frame.loc["fixed a", "fixed a"] == 0


def test_metrics_are_listed_and_described():
    names = {m.name for m in kindred.metric_names()}
    assert {"dsa", "spectral", "cka", "procrustes", "cca", "rsa", "shape", "linear-regression"} <= names
    assert "delays" in kindred.DSA.__doc__ and kindred.DSA(rank=3).parameters()["rank"] == 3


def test_preprocess_and_simulate_are_seeded(lorenz):
    assert (kindred.simulate.lorenz(28, seed=3, trials=2) == kindred.simulate.lorenz(28, seed=3, trials=2)).all()
    assert kindred.simulate.linear([0.9 + 0.1j], trials=3, steps=20).shape == (3, 20, 2)
    out = kindred.preprocess(lorenz, components=2, scaling="centre")
    assert out[0][0].shape[-1] == 2


def test_testcase_finds_the_regimes():
    views = kindred.testcase.run("regimes", ["dsa", "cka"], seeds=2, permutations=99)
    first = views[0]
    assert first["question"] == "separation" and {m["metric"] for m in first["metrics"]} == {"dsa", "cka"}
    assert first["metrics"][0]["ratio"][0] > 1 and 0 < first["metrics"][0]["p"] <= 1
    assert "regimes" in kindred.testcase.names() and len(kindred.testcase.systems("regimes")) == 9
    with pytest.raises(ValueError, match="regimes"):
        kindred.testcase.run("regime")
