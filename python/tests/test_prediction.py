"""Prediction, sweeps, eigenfunctions and subspace identification."""

import pickle

import numpy as np
import pytest

import kindred


def rotations(random, trials=5, steps=60, channels=5, noise=0.02):
    """Two rotations seen by a few channels."""
    t = np.arange(steps)
    mix = random.standard_normal((4, channels))
    x = []
    for phase in random.uniform(0, 6, trials):
        a, b = 0.3 * t + phase, 0.9 * t - phase
        x.append(np.stack([np.cos(a), np.sin(a), np.cos(b), np.sin(b)], axis=1) @ mix)
    return np.array(x) + noise * random.standard_normal((trials, steps, channels))


def test_a_prediction_by_the_right_rank_is_good_and_by_another_is_not(random):
    x = rotations(random)
    good = kindred.predict({"a": x}, rank=4, values=True)[0]
    poor = kindred.predict({"a": x}, rank=2)[0]
    assert good.name == "a" and good.facts["rank"] == 4
    assert good.reseeded["nmse"] < 0.01 < 0.1 < poor.reseeded["nmse"]
    assert good.one_step["r2"] > 0.99 and not poor.values
    # nmse by its definition; the first step has no prediction.
    z, y = good.values[0][1:], x[-1][1:]
    assert np.mean((z - y) ** 2) / np.var(y) == pytest.approx(good.reseeded["nmse"], rel=1e-9)


def test_a_sweep_finds_the_rank_and_goes_on_from_its_journal(random, tmp_path):
    systems = {"a": rotations(random, noise=0.1), "b": rotations(random, noise=0.1)}
    grid = dict(delays=[1, 2], rank=range(1, 6), progress=False)
    found = kindred.sweep(systems, journal=tmp_path / "j", **grid)
    assert len(found.points) == 10 and found.parameters["rank"] == 4
    values, windows, ranks = found.table()
    assert values.shape == (2, 5) and windows == [(1, 1), (1, 2)] and ranks == [1, 2, 3, 4, 5]
    assert np.nanmin(values) == pytest.approx(found.best_error, rel=0.2)
    again = kindred.sweep(systems, journal=tmp_path / "j", **grid)
    assert again.points == found.points and again.recommended == found.recommended
    with pytest.raises(ValueError, match="another sweep"):
        kindred.sweep({"a": systems["a"]}, journal=tmp_path / "j", **grid)
    assert kindred.pairwise(systems, "dsa", **found.parameters)["a", "b"] >= 0


def test_what_cannot_be_predicted_is_refused(random):
    x = rotations(random)
    for wrong in ("trials", "half:0.2", "time:1.5"):
        with pytest.raises(ValueError, match="hold_out"):
            kindred.predict({"a": x}, rank=4, hold_out=wrong)
    with pytest.raises(ValueError, match="delays"):
        kindred.sweep({"a": x}, delays=[0], rank=[2])
    with pytest.raises(ValueError, match="single trial"):
        kindred.predict({"a": x[0]}, rank=2)


def test_the_starting_point_follows_the_period():
    t = np.arange(400)
    x = np.sin(2 * np.pi * t / 40)[:, None] + 0.01 * np.random.default_rng(1).standard_normal((400, 2))
    assert kindred.starting_point({"a": x}) == (41, 2)


def test_eigenfunctions_turn_with_their_eigenvalues(random):
    x = rotations(random, noise=0)
    found = kindred.eigenfunctions({"a": x}, rank=4, ridge=0)[0]
    assert np.allclose(sorted(np.angle(found.eigenvalues)), [-0.9, -0.3, 0.3, 0.9], atol=1e-8)
    assert found.residuals.max() < 1e-6 and len(found.trials) == 5
    phi = found.trials[2]
    np.testing.assert_allclose(phi[1:], phi[:-1] * found.eigenvalues, atol=1e-6)


def test_subspace_identification_sees_behind_one_channel(random, tmp_path):
    a = np.array([[0.9, 0.3, 0.0], [-0.3, 0.9, 0.0], [0.0, 0.0, 0.5]])
    b, c = np.array([[1.0], [0.5], [1.0]]), np.array([[1.0, 0.0, 1.0]])
    outputs, inputs = [], []
    for steps in (80, 61):
        state, u, y = random.standard_normal(3), random.standard_normal((steps, 1)), np.zeros((steps, 1))
        for t in range(steps):
            y[t] = c @ state
            state = a @ state + b @ u[t]
        outputs.append(y)
        inputs.append(u)
    for regression in ("n4sid", "projected-subspace"):
        found = kindred.fit({"a": outputs}, control={"a": inputs}, regression=regression, delays=6, rank=3)
        op = found["a"]
        assert np.allclose(np.sort_complex(np.linalg.eigvals(op)), np.sort_complex(np.linalg.eigvals(a)), atol=1e-6)
        assert np.allclose([op.C @ np.linalg.matrix_power(op, k) @ op.B for k in range(4)],
                           [c @ np.linalg.matrix_power(a, k) @ b for k in range(4)], atol=1e-6)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(found))["a"].C, op.C)
        kindred.save(tmp_path / "ops.npz", found)
        np.testing.assert_array_equal(kindred.load_operators(tmp_path / "ops.npz")["a"].C, op.C)
        kindred.save(tmp_path / "stack.npz", found, stacked=True)
        np.testing.assert_array_equal(np.load(tmp_path / "stack.npz")["operators.B"], op.B[None])
        np.testing.assert_array_equal(kindred.load_operators(tmp_path / "stack.npz")["a"].C, op.C)


def test_bases_are_those_of_the_embedding(random):
    x = rotations(random)
    found = kindred.fit({"a": x}, delays=2, rank=3, basis=True)
    op = found["a"]
    rows = np.concatenate([np.hstack([trial[1:], trial[:-1]]) for trial in x])  # newest first
    assert np.allclose(op.sigma, np.linalg.svd(rows, compute_uv=False)[:3], rtol=1e-12)
    states = rows @ op.basis / op.sigma ** 2
    np.testing.assert_allclose(states.T @ states, np.eye(3), atol=1e-10)
    assert np.linalg.norm(rows - states @ op.basis.T) == pytest.approx(
        np.sqrt((np.linalg.svd(rows, compute_uv=False)[3:] ** 2).sum()), rel=1e-9)
    again = pickle.loads(pickle.dumps(found))["a"]
    assert (again.basis == op.basis).all() and (again.sigma == op.sigma).all()
    assert kindred.fit({"a": x}, rank=3)["a"].basis is None
    several = kindred.fit({"a": x}, delays=2, rank=[2, 3], basis=True)
    assert several[0]["a"].basis.shape == (10, 2) and np.allclose(several[1]["a"].sigma, op.sigma)


def test_a_system_that_cannot_be_predicted_spoils_no_other(random):
    x = rotations(random)
    gone = x.copy()
    gone[0, 7, 1] = np.nan
    prepared = kindred.preprocess({"gone": gone, "good": x}, nan="drop")
    found = kindred.predict(prepared, rank=4)
    assert "cut at missing samples" in found[0].facts["detail"]
    assert found[1].reseeded["nmse"] == kindred.predict({"good": x}, rank=4)[0].reseeded["nmse"]


def test_nystroem_features_and_pruned_spectra(random):
    systems = {"a": rotations(random), "b": rotations(random)}
    out = kindred.preprocess(systems, observables="nystroem", features=30)
    assert np.asarray(out[0]).shape[-1] == 30
    assert kindred.pairwise(systems, "dsa", observables="nystroem", features=30, rank=6)["a", "b"] >= 0
    assert kindred.pairwise(systems, "spectral", rank=5, prune=0.5)["a", "b"] >= 0
    still = {"still": np.ones((40, 2)), **systems}
    prepared = kindred.preprocess(still, observables="nystroem", features=30)
    assert "no scale for a kernel" in prepared.failures[0] and prepared.failures[1:] == ["", ""]
    assert pickle.loads(pickle.dumps(prepared)).failures == prepared.failures
    distances = np.asarray(kindred.pairwise(prepared, "dsa", rank=6))
    assert np.isnan(distances[0]).all() and np.isfinite(distances[1:, 1:]).all()
