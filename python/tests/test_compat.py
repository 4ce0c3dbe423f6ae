"""The calls, return shapes and definitions of dsa-metric 2.0.2, with closed cases."""

import itertools
import sys
import warnings

import numpy as np
import pytest

import kindred
import kindred.compat as peer
from kindred.compat import DMD, DMDConfig, GeneralizedDSA, SimilarityTransformDist, SimilarityTransformDistConfig
from kindred.compat._transport import spectra_distance
from kindred.compat.dmd import rank_of

RANDOM = np.random.default_rng(3)


def system(trials=4, steps=60, channels=3, seed=0):
    """A noisy rotation seen through random channels."""
    rng = np.random.default_rng(seed)
    angle = 0.1 + 0.05 * seed
    a = 0.99 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    x = np.empty((trials, steps, 2))
    x[:, 0] = rng.normal(size=(trials, 2))
    for t in range(1, steps):
        x[:, t] = x[:, t - 1] @ a.T
    out = x @ rng.normal(size=(2, channels)) + 0.01 * rng.normal(size=(trials, steps, channels))
    return out if trials > 1 else out[0]


def dsa(*args, **options):
    options.setdefault("score_method", "angular")
    return peer.DSA(*args, **{"n_delays": 5, "rank": 4, **options})


def test_return_shapes():
    x, y, z = (system(seed=s) for s in range(3))
    assert isinstance(dsa(x, y).fit_score(), float)
    assert dsa(x, [x, y, z]).fit_score().shape == (3,)
    assert dsa([x, y, z], x).fit_score().shape == (3,)
    square = dsa([x, y, z]).fit_score()
    assert square.shape == (3, 3) and (square == square.T).all() and (np.diag(square) == 0).all()
    with pytest.warns(UserWarning, match="When using cross-comparison"):
        assert dsa([x, y], [x, y, z]).fit_score().shape == (2, 3)
    assert dsa([x]).fit_score().shape == ()
    assert dsa(None, [x, y]).fit_score().shape == (2, 2)
    for method, one in (("default", dsa(x, y)), ("self-pairwise", dsa([x, y])), ("one-to-list", dsa(x, [y]))):
        assert one.method == method
    for bad in ((x,), (None, x), ((x, y),)):
        with pytest.raises(ValueError):
            dsa(*bad)


@pytest.mark.parametrize("score, metric", [("angular", "dsa"), ("euclidean", "dsa-euclidean"),
                                           ("wasserstein", "spectral")])
def test_scores_are_the_engines(score, metric):
    systems = [system(seed=s) for s in range(4)]
    found = dsa(systems, score_method=score).fit_score()
    expected = np.asarray(kindred.pairwise(systems, metric, delays=5, rank=4))
    # The same fits (lamb 1e-8 is the default ridge of both), the same search.
    assert np.abs(found - expected).max() < 1e-12


def test_parameters_are_broadcast_before_any_fit():
    systems = [system(seed=s) for s in range(3)]
    assert [d.n_delays for d in dsa(systems, n_delays=[1, 2, 3]).dmds[0]] == [1, 2, 3]
    two = dsa(systems, systems[:2], n_delays=([4, 5, 6], 7))
    assert [d.n_delays for d in two.dmds[0]] == [4, 5, 6] and [d.n_delays for d in two.dmds[1]] == [7, 7]
    assert two.n_delays == [[4, 5, 6], [7, 7]] and not hasattr(two, "delay_interval")
    assert dsa(systems, n_delays=np.float32(2.7)).dmds[0][0].n_delays == 2
    with pytest.raises(AssertionError):
        dsa(systems, n_delays=(1, 2))
    with pytest.raises(TypeError, match="n_delay"):
        dsa(systems, n_delay=3)
    with pytest.raises(TypeError, match="1.0.2"):
        dsa(systems, group="O(n)")


def test_nothing_is_altered_and_two_runs_are_equal():
    systems = [system(seed=s) for s in range(3)]
    kept = [s.copy() for s in systems]
    model = dsa(systems)
    first = model.fit_score()
    a = np.array(model.dmds[0][0].A_v)
    assert (model.score() == first).all() and (dsa(systems).fit_score() == first).all()
    model.update_compare_method("state", {"score_method": "wasserstein"})
    assert model.score().shape == (3, 3)
    assert (np.array(model.dmds[0][0].A_v) == a).all() and all((s == k).all() for s, k in zip(systems, kept))


def test_unequal_ranks_fall_back_with_a_warning():
    x, y = system(seed=0), system(seed=1)
    model = dsa([x, y], rank=[2, 4])
    with pytest.warns(UserWarning, match="shapes are not aligned"):
        model.fit_score()
    shares = dsa([x, y], rank=[2, 4], score_method="wasserstein").fit_score()
    mu, nu = (np.linalg.eigvals(np.array(d.A_v)) for d in dsa_fitted([x, y], rank=[2, 4]).dmds[0])
    # Each point of the smaller spectrum stands for two of the larger: an assignment among four.
    cost = np.abs(np.repeat(mu, 2)[:, None] - nu) ** 2
    best = min(sum(cost[i, p[i]] for i in range(4)) for p in itertools.permutations(range(4))) / 4
    assert shares[0, 1] == pytest.approx(best, abs=1e-10)


def dsa_fitted(*args, **options):
    model = dsa(*args, **options)
    model.fit_dmds()
    return model


def test_transport_is_exact_for_unequal_counts():
    linprog = pytest.importorskip("scipy.optimize").linprog
    for n, m in ((1, 4), (2, 3), (5, 7), (6, 6), (8, 3)):
        mu = RANDOM.normal(size=n) + 1j * RANDOM.normal(size=n)
        nu = RANDOM.normal(size=m) + 1j * RANDOM.normal(size=m)
        value, plan, cost = spectra_distance(mu, nu)
        assert np.abs(plan.sum(1) - 1 / n).max() < 1e-15 and np.abs(plan.sum(0) - 1 / m).max() < 1e-15
        rows = np.kron(np.eye(n), np.ones(m))
        columns = np.kron(np.ones(n), np.eye(m))
        best = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=[1 / n] * n + [1 / m] * m)
        assert value == pytest.approx(best.fun, abs=1e-9)


def test_rank_rules():
    sigma = np.array([2.0, 1.5, 1.0, 0.5])
    share = np.cumsum(sigma**2) / np.sum(sigma**2)
    assert rank_of(sigma, 10, None, 0.9, None) == 3 and rank_of(sigma, 10, None, 5.0, None) == 1
    assert rank_of(sigma, 10, None, None, (share[0] + share[1]) / 2) == 2 and rank_of(sigma, 10, None, None, 1.0) == 4
    assert rank_of(sigma, 10, 9, None, None) == 4 and rank_of(sigma, 3, None, None, None) == 3
    with pytest.raises(ValueError, match="More than one rank"):
        DMD(system(), rank=2, rank_thresh=0.1)


def test_dmd_recovers_a_linear_map():
    a = np.diag([0.8, 0.5, -0.3]) + 0.05
    x = np.empty((200, 3))
    x[0] = 1
    for t in range(1, 200):
        x[t] = x[t - 1] @ a.T + 0.1 * np.random.default_rng(t).normal(size=3)
    dmd = DMD(x, n_delays=1)
    dmd.fit()
    # The least-squares estimate of A; independent: the normal equations of the data themselves.
    expected = np.linalg.lstsq(x[:-1], x[1:], rcond=None)[0].T
    assert np.abs(np.asarray(dmd.A_havok_dmd) - expected).max() < 1e-6  # ridge 1e-8 of unit-norm directions
    assert np.asarray(dmd.H).shape == (200, 3) and dmd.A_v.cpu().shape == (3, 3) and dmd.A_v.device.type == "cpu"
    told = np.asarray(dmd.predict())
    assert told.shape == x.shape and (told[0] == x[0]).all() and np.abs(told[1:] - x[:-1] @ expected.T).max() < 1e-5


def test_embedding_and_reranking():
    x = system(trials=2, steps=20)
    embedded = np.asarray(peer.embed_signal_torch(x, 3, 2))
    assert embedded.shape == (2, 16, 9)
    assert (embedded[1, 5] == np.concatenate([x[1, 9], x[1, 7], x[1, 5]])).all()
    dmd = DMD(x, n_delays=4, rank=5)
    dmd.fit()
    dmd.recalc_rank(rank=2)
    dmd.compute_havok_dmd()
    other = DMD(n_delays=4, rank=2)
    other.fit(x)
    assert dmd.rank == 2 and np.abs(np.asarray(dmd.A_v) - np.asarray(other.A_v)).max() < 1e-12
    with pytest.raises(ValueError, match="The number of delays is too large"):
        DMD(x, n_delays=40).fit()


def test_reduced_rank_regression_is_the_dense_one():
    x = system(trials=3, steps=40)
    dmd = DMD(x, n_delays=3, rank=4, reduced_rank_reg=True, lamb=1e-6)
    dmd.fit()
    h = [np.asarray(peer.embed_signal_torch(t, 3)) for t in x]
    v, s, _ = np.linalg.svd(np.concatenate(h), full_matrices=False)
    at, minus, plus = 0, [], []
    for block in h:
        minus.append(v[at : at + len(block) - 1])
        plus.append(v[at + 1 : at + len(block)])
        at += len(block)
    minus, plus = np.concatenate(minus), np.concatenate(plus)
    b = np.linalg.solve(minus.T @ minus + 1e-6 * np.eye(9), minus.T @ plus)
    w = np.linalg.eigh(plus.T @ minus @ b)[1][:, ::-1][:, :4]
    assert np.abs(np.asarray(dmd.A_v) - b @ w @ w.T).max() < 1e-8
    assert np.linalg.matrix_rank(np.asarray(dmd.A_v), tol=1e-8) == 4


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("score", ["angular", "euclidean"])
def test_rotated_copies(n, score):
    x = RANDOM.uniform(size=(n, n))
    q, _ = np.linalg.qr(RANDOM.normal(size=(n, n)))
    sim = SimilarityTransformDist(score_method=score)
    assert sim.fit_score(x, q @ x @ q.T) < 1e-6
    c = np.asarray(sim.C_star)
    assert np.abs(c @ c.T - np.eye(n)).max() < 1e-8 and len(sim.losses) == 1


def test_wasserstein_of_matrices_and_spectra():
    a, b = RANDOM.normal(size=(2, 6, 6))
    sim = SimilarityTransformDist(score_method="wasserstein")
    value = sim.fit_score(a, b)
    spectra = [np.linalg.eigvals(operator).astype(complex) for operator in (a, b)]
    assert value == pytest.approx(sim.fit_score(*spectra), abs=1e-9)
    assert sim.fit_score(a, a) < 1e-12 < value
    for bad, error in (((a[0], b), IndexError), ((a[:3], b), AssertionError),
                       ((a, np.linalg.eigvals(b).astype(complex)), ValueError)):
        with pytest.raises(error):
            sim.fit_score(*bad)
    with pytest.raises(ValueError, match="score_method"):
        SimilarityTransformDist(score_method="cosine")


def test_configurations():
    x, y = system(seed=0), system(seed=1)
    for config in ({"n_delays": 3, "rank": 4, "lamb": 0.01}, DMDConfig(n_delays=3, rank=4, lamb=0.01)):
        for sim in ({"iters": 1500, "score_method": "euclidean", "lr": 1e-3},
                    SimilarityTransformDistConfig(score_method="euclidean")):
            model = GeneralizedDSA([x, y], dmd_class=DMD, similarity_class=SimilarityTransformDist, dmd_config=config,
                                   simdist_config=sim)
            assert model.dmds[0][0].n_delays == 3 and model.fit_score().shape == (2, 2)
    assert GeneralizedDSA([x, y]).dmds[0][0].lamb == 0 and dsa([x, y]).dmds[0][0].lamb == 1e-8
    with pytest.raises(ValueError, match="does not fit a control operator"):
        GeneralizedDSA([x, y], simdist_config={"compare": "joint"})


def test_version_one():
    x, y = system(seed=0), system(seed=1)
    old = peer.DSA([x, y], None, 5, 1, 4, compat="1.0.2")
    assert old.dmds[0][0].n_delays == 5 and old.dmds[0][0].lamb == 0
    assert old.fit_score().shape == (2, 2)
    raw = peer.DSA(x, y, n_delays=5, rank=4, score_method="euclidean", compat="1.0.2").fit_score()
    a, b = (np.asarray(d.A_v) for d in dsa_fitted([x, y], lamb=0.0).dmds[0])
    assert raw == pytest.approx(kindred.align(a, b, score="euclidean", normalize=False).distance, rel=1e-6)


def test_any_class_with_fit_and_an_operator():
    class Mine:
        def __init__(self, scale=1.0):
            self.scale = scale

        def fit(self, x):
            flat = np.concatenate(list(x))
            self.A = self.scale * np.linalg.lstsq(flat[:-1], flat[1:], rcond=None)[0].T

    d = GeneralizedDSA([system(seed=0), system(seed=1)], dmd_class=Mine, dmd_config={"scale": 0.5},
                       simdist_config={"score_method": "angular"}).fit_score()
    assert d.shape == (2, 2) and d[0, 1] > 0


def test_statistics():
    x = RANDOM.normal(size=(2, 30, 3))
    z = x + 0.1
    assert peer.mae(x, z) == pytest.approx(0.1) and peer.mse(x, z) == pytest.approx(0.01)
    assert peer.nmse(x, z) == pytest.approx(0.01 / x.var()) and peer.correl(x, z) == pytest.approx(1)
    assert peer.log_mse(x, z) == pytest.approx(np.log(0.01))
    assert peer.log_mse(x, z, norm=False) == pytest.approx(180 * np.log(0.01))
    assert peer.aic(x, z, 4) == pytest.approx(np.log(0.01) + 34 / 180)
    assert set(peer.compute_all_stats(x, z, 4)) >= {"MAE", "MASE", "MSE", "NMSE", "R2", "Correl", "AIC", "logMSE"}
    assert peer.measure_nonnormality_transpose(np.diag([1.0, 2.0])) == 0


def test_distance_to_the_identity():
    x = system()
    dmd = DMD(x, n_delays=5, rank=4)
    dmd.fit()
    a = np.asarray(dmd.A_v, dtype=float)
    closed = np.arccos(np.trace(a) / np.linalg.norm(a) / 2)
    assert peer.dsa_to_id(x, 4, 5) == pytest.approx(closed, abs=1e-7)
    assert kindred.compare_operators(a, np.eye(4)) == pytest.approx(closed, abs=1e-7)


def test_splits_of_one_recording():
    x = system(trials=6)
    assert peer.compare_data_splits(x, rank=4, n_delays=3, nsplits=3) >= 0
    assert peer.compare_data_splits(x, rank=4, n_delays=3, method="custom", splits=[30], reduce=False).shape == (2, 2)


def test_sweeps():
    from kindred.compat.sweeps import split_train_test, sweep_ranks_delays

    x = system(trials=5, channels=4)
    assert split_train_test(x)[0].shape[0] == 4 and split_train_test(x[0])[0].shape[0] == 48
    assert split_train_test(x[:1])[0].shape[1] == 48
    aics, mases, nnormals, residuals = sweep_ranks_delays(x, [1, 2], [2, 4, 8])
    assert aics.shape == (2, 3) and np.isnan(aics[0, 2]) and np.isfinite(residuals[1]).all()
    sweeper = peer.DefaultSweeper(x, "n_delays", [1, 2], "rank", [2, 3])
    with pytest.raises(RuntimeError):
        sweeper.aics
    sweeper.sweep()
    assert sweeper.dim == 4 and peer.sweeps.sweep_local_dmd(x, [1, 2], [2, 3]).aics == pytest.approx(sweeper.aics)
    assert set(sweeper.get_results()) >= {"param1_name", "param1_values", "aics", "mases", "mses", "nnormals"}


def test_residuals_vanish_on_exact_dynamics():
    a = np.array([[0.9, -0.2], [0.2, 0.9]])
    x = np.stack([np.linalg.matrix_power(a, t) @ [1.0, 0.5] for t in range(40)])
    dmd = DMD(x, rank=2, lamb=0)
    dmd.fit()
    # Squared residuals of rounding: (1e-15)^2 amplified by the condition number of two directions.
    assert peer.ResidualComputer(dmd).compute_residuals().max() < 1e-20


def test_hostile():
    x = system()
    bad = x.copy()
    bad[1, 2, 0] = np.nan
    with pytest.raises(ValueError, match="trial 1, step 2, channel 0"):
        dsa([x, bad]).fit_score()
    with pytest.raises(ValueError, match="fit_dmds"):
        dsa([x, x]).score()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dsa([[x[0], x[1, :30]], [x[2], x[3]]]).fit_score().shape == (2, 2)


def without_gpu():
    return all(kind != "cuda" for kind, *_ in kindred.devices())


def test_calls_seen_in_the_wild():
    """Lines of published scripts as they stand, with other data."""
    DSA = peer
    a, b = system(steps=250, seed=0), system(steps=250, seed=1)
    models = [a, b, system(steps=250, seed=2)]
    peer.dsa.said.clear()  # said once a process
    with pytest.warns(UserWarning, match="score_method is not given"):
        value = DSA.DSA(a, b, n_delays=33, rank=10, delay_interval=6, verbose=True, iters=1000, lr=1e-2,
                        device="cpu").fit_score()
    assert isinstance(value, float)
    scores = DSA.DSA(models, n_delays=3, rank=6, delay_interval=2, verbose=True, iters=1000, lr=1e-2).fit_score()
    assert scores.shape == (3, 3)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        square = peer.DSA(models, n_delays=3, rank=6, delay_interval=2, verbose=True, device="cuda",
                          score_method="wasserstein").fit_score()
        dmd = DMD(a, n_delays=3, rank=6, delay_interval=1, device="cuda")
        dmd.fit()
    assert square.shape == (3, 3)
    assert any("CUDA device 'cuda' requested" in str(w.message) for w in said) == without_gpu()
    assert peer.DSA(a, models, n_delays=3, rank=6, device="cpu", verbose=True, iters=500, lr=0.01,
                    score_method="wasserstein").fit_score().shape == (3,)
    model = GeneralizedDSA([a, b], dmd_class=DMD, similarity_class=SimilarityTransformDist,
                           dmd_config=DMDConfig(n_delays=3, rank=10, lamb=0.01),
                           simdist_config={"iters": 1500, "score_method": "euclidean", "lr": 1e-3},
                           verbose=True, device="cpu")
    assert model.fit_score().shape == (2, 2)
    other = DMD(b, n_delays=3, rank=6)
    other.fit()
    distance = SimilarityTransformDist(device="cpu", iters=2000, lr=1e-3, score_method="wasserstein")
    value = distance.fit_score(dmd.A_v.cpu(), other.A_v.cpu())
    assert value > 0


def test_calls_with_a_torch_device():
    torch = pytest.importorskip("torch")
    x, y = (torch.from_numpy(system(seed=s)) for s in range(2))
    device = torch.device("cpu")
    assert isinstance(peer.DSA(x, y, n_delays=3, rank=4, score_method="angular", device=device).fit_score(), float)


def test_results_are_torch_tensors_where_torch_is_imported():
    torch = pytest.importorskip("torch")
    x, y = (torch.from_numpy(system(seed=s)) for s in range(2))
    model = peer.DSA([x, y], n_delays=3, rank=4, score_method="wasserstein")
    model.fit_score()
    dmd = model.dmds[0][0]
    assert dmd.A_v.dtype == torch.float32 and dmd.A_v.device.type == "cpu" and dmd.H.device.type == "cpu"
    assert all(torch.is_complex(v) for side in model.cached_compare_objects for v in side)
    # Distances are those of the operators in double precision, to the bit.
    direct = kindred.pairwise([x, y], "spectral", delays=3, rank=4, progress=False)
    assert np.array_equal(model.score(), direct)
    sim = peer.SimilarityTransformDist(score_method="angular")
    assert sim.fit_score(dmd.A_v, dmd.A_v) < 1e-6 and torch.is_tensor(sim.C_star)


def test_inputs_are_compared_in_double_precision_where_torch_is_imported(monkeypatch):
    torch = pytest.importorskip("torch")
    x, u = system(seed=3), system(seed=4)[:, :, :2]
    config = {"dmd_class": peer.DMDc, "dmd_config": {"n_delays": 2, "rank_output": 4},
              "simdist_config": {"compare": "control"}}
    with_torch = peer.InputDSA([x, x + 0.1 * x**2], [u, u], **config).fit_score()
    assert torch.is_tensor(peer.embed_signal_torch(x, 2))
    monkeypatch.delitem(sys.modules, "torch")
    assert np.array_equal(with_torch, peer.InputDSA([x, x + 0.1 * x**2], [u, u], **config).fit_score())
