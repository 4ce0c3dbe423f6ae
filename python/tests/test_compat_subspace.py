"""Subspace identification with the calls of dsa-metric 2.0.2 (SubspaceDMDc, OnlineKalman, InputDSA's default)."""

import numpy as np
import pytest

import kindred
import kindred.compat as peer
from kindred.compat import InputDSA, SubspaceDMDc
from kindred.compat.subspace_dmdc import OnlineKalman

A = np.array([[0.9, 0.3, 0.0], [-0.3, 0.8, 0.1], [0.0, 0.1, 0.5]])
B = np.array([[1.0, 0.0], [0.3, -1.0], [0.0, 0.5]])
C = np.array([[1.0, 0.0, 0.5]])  # one channel of three states


def observed(seed, steps=(60, 41, 52), a=A, b=B, c=C, noise=0.0):
    """Trials of y = C x, x(t+1) = A x(t) + B u(t), with noise of that size on both."""
    rng = np.random.default_rng(seed)
    ys, us = [], []
    for count in steps:
        x, u, y = rng.normal(size=len(a)), rng.normal(size=(count, b.shape[1])), np.zeros((count, len(c)))
        for t in range(count):
            y[t] = c @ x + noise * rng.normal(size=len(c))
            x = a @ x + b @ u[t] + noise * rng.normal(size=len(a))
        ys.append(y)
        us.append(u)
    return ys, us


def identified(*args, **options):
    model = SubspaceDMDc(*args, **options)
    model.fit()
    return model


def by_definition(ys, us, d, r, lamb, custom):
    """A, B and C row by row: least squares on past and future inputs together, then the past's part of it."""
    past, inputs, later, where = [], [], [], []
    for k, (y, u) in enumerate(zip(ys, us)):
        for t in range(d, len(y) - d):
            past.append(np.concatenate([u[t - d : t].ravel(), y[t - d : t].ravel()]))
            inputs.append(u[t : t + d].ravel())
            later.append(y[t : t + d].ravel())
            where.append((k, t))
    past, inputs, later = np.array(past), np.array(inputs), np.array(later)
    k = np.linalg.lstsq(np.hstack([past, inputs]), later, rcond=None)[0][: past.shape[1]].T
    told = past @ k.T
    o = told - inputs @ np.linalg.lstsq(inputs, told, rcond=None)[0] if custom else told
    values, u = np.linalg.eigh(o.T @ o)
    s, u = np.sqrt(values[::-1][:r]), u[:, ::-1][:, :r]
    x = told @ u / np.sqrt(s)
    now = [i for i in range(len(where) - 1) if where[i + 1] == (where[i][0], where[i][1] + 1)]
    w = np.array([np.concatenate([x[i], us[where[i][0]][where[i][1]]]) for i in now])
    both = np.linalg.solve(w.T @ w + lamb * np.eye(w.shape[1]), w.T @ x[[i + 1 for i in now]]).T
    return both[:, :r], both[:, r:], (u * np.sqrt(s))[: ys[0].shape[1]], s


@pytest.mark.parametrize("backend", ["n4sid", "custom"])
@pytest.mark.parametrize("lamb", [0, 2.0])
def test_the_definition(backend, lamb):
    ys, us = observed(0, c=np.vstack([C, [[0.2, 1.0, 0.0]]]), noise=0.1)
    model = identified(ys, us, n_delays=4, rank=3, lamb=lamb, backend=backend)
    a, b, c, s = by_definition(ys, us, 4, 3, lamb, backend == "custom")
    # The oracle squares O: its singular values carry eps (s_1 / s_3)^2, here below 1e-12, and directions the same over
    # their gaps.
    assert model.info["singular_values_O"][:3] == pytest.approx(s, rel=1e-9)
    signs = np.diag(np.sign((np.asarray(model.C_v) * c).sum(0)))
    assert np.abs(signs @ model.A_v @ signs - a).max() < 1e-8 and np.abs(signs @ model.B_v - b).max() < 1e-8
    assert np.abs(model.C_v @ signs - c).max() < 1e-8
    assert model.A is model.A_v and model.B is model.B_v and model.C is model.C_v


@pytest.mark.parametrize("backend", ["n4sid", "custom"])
def test_states_behind_one_channel_are_found(backend):
    ys, us = observed(1)
    model = identified(ys, us, n_delays=5, rank=3, lamb=0, backend=backend)
    expected = np.sort_complex(np.linalg.eigvals(A))
    assert np.sort_complex(np.linalg.eigvals(model.A_v)) == pytest.approx(expected, abs=1e-7)
    for power in range(4):  # what does not depend on the states' basis
        assert model.C_v @ np.linalg.matrix_power(model.A_v, power) @ model.B_v == pytest.approx(
            C @ np.linalg.matrix_power(A, power) @ B, abs=1e-7)
    assert model.info["singular_values_O"][3] < 1e-8 * model.info["singular_values_O"][0]
    residuals = peer.ResidualComputer(model)
    assert residuals.get_average_residual() < 1e-10 and residuals.compute()[1].shape == (3, 3)
    chosen = identified(ys, us, n_delays=5, lamb=0, backend=backend)  # 99.9 % of the energy
    share = np.cumsum(chosen.info["singular_values_O"] ** 2) / (chosen.info["singular_values_O"] ** 2).sum()
    assert chosen.info["rank_used"] == 1 + (share < 0.999).sum() == len(chosen.A_v)


@pytest.mark.parametrize("backend, regression", [("n4sid", "n4sid"), ("custom", "projected-subspace")])
def test_it_is_the_estimator_of_the_library_in_other_coordinates(backend, regression):
    ys, us = observed(2, noise=0.1)
    # dsa-metric leaves the last window of a trial out: one more step, which is not looked at, brings it back.
    longer = [[np.vstack([trial, np.full((1, trial.shape[1]), 1e3)]) for trial in trials] for trials in (ys, us)]
    model = identified(*longer, n_delays=4, rank=3, lamb=0, backend=backend)
    op = kindred.fit([ys], control=[us], delays=4, rank=3, ridge=0, regression=regression, progress=False)[0]
    expected = np.sort_complex(np.linalg.eigvals(op))
    assert np.sort_complex(np.linalg.eigvals(model.A_v)) == pytest.approx(expected, abs=1e-9)
    for power in range(4):
        assert model.C_v @ np.linalg.matrix_power(model.A_v, power) @ model.B_v == pytest.approx(
            op.C @ np.linalg.matrix_power(op, power) @ op.B, abs=1e-9)


def four_systems():
    """Random systems of 4 states, 2 inputs and 3 channels, 3 trials of 80 steps, noise of 0.05."""
    out = []
    for seed in range(4):
        r = np.random.default_rng(seed)
        a = r.normal(size=(4, 4))
        a *= 0.9 / np.abs(np.linalg.eigvals(a)).max()
        b, c, ys, us = r.normal(size=(4, 2)), r.normal(size=(3, 4)), [], []
        for _ in range(3):
            x, u, y = r.normal(size=4), r.normal(size=(80, 2)), []
            for t in range(80):
                y.append(c @ x + 0.05 * r.normal(size=3))
                x = a @ x + b @ u[t] + 0.05 * r.normal(size=4)
            ys.append(np.array(y))
            us.append(u)
        out.append((np.array(ys), np.array(us)))
    return [y for y, _ in out], [u for _, u in out]


def test_distances_are_those_of_dsa_metric():
    ys, us = four_systems()
    config = {"n_delays": 4, "rank": 4}
    # What dsa-metric 2.0.2 gives for these systems. Spectra are compared there in single precision.
    control = [0.36351841, 0.18749361, 0.2614322, 0.19258798, 0.24408058, 0.11738964]
    spectra = [0.33261183, 0.18596181, 0.20740424, 0.09518022, 0.22447513, 0.14587048]
    lower = np.tril_indices(4, -1)
    found = InputDSA(ys, us, dmd_config=config, simdist_config={"compare": "control"}).fit_score()
    assert found[lower] == pytest.approx(control, abs=1e-7)
    with pytest.warns(UserWarning, match="comparing the states alone"):
        states = InputDSA(ys, us, dmd_config=config, simdist_config={"compare": "state", "score_method": "wasserstein"})
    assert states.fit_score()[lower] == pytest.approx(spectra, abs=1e-6)
    q = np.linalg.qr(np.random.default_rng(9).normal(size=(3, 3)))[0]
    config = peer.SubspaceDMDcConfig(n_delays=4, rank=4)
    joint = InputDSA([ys[0], ys[0] @ q.T], [us[0], us[0]], dmd_config=config).fit_score()
    assert joint[0, 1] < 1e-6  # channels in another orthonormal basis: the same system
    assert InputDSA(ys[0], us[0], ys[1], us[1], dmd_config=config).method == "default"


def test_the_filter_predicts_and_runs_free_between_measurements():
    ys, us = observed(3)
    model = identified(ys, us, n_delays=5, rank=3, lamb=0)
    told = model.predict()
    assert [p.shape for p in told] == [y.shape for y in ys]
    assert max(np.abs(p[20:] - y[20:]).max() for p, y in zip(told, ys)) < 1e-3  # the start is unknown to the filter
    seldom = model.predict(ys, us, reseed=10)  # without measurements the exact model still tells the outputs
    assert max(np.abs(p[30:] - y[30:]).max() for p, y in zip(seldom, ys)) < 0.02 * np.std(ys[0])
    one = model.predict(np.stack([ys[0], ys[0]]), np.stack([us[0], us[0]]))
    assert one.shape == (2, 60, 1) and np.array_equal(one[0], one[1])
    assert np.array_equal(one[0], model.predict(ys[0], us[0]))
    kalman = OnlineKalman(model)
    with pytest.raises(ValueError, match="forward filter"):
        kalman.smooth()
    before = kalman.step(ys[0][0], us[0][0])
    assert before[0].shape == (1, 1) and before[1].shape == (3, 1)
    ahead = kalman.x_predicteds[-1].copy()
    kalman.step(None, us[0][1])
    assert np.array_equal(kalman.x_filtereds[-1], ahead) and not kalman.kalman_gains[-1].any()
    kalman.step(np.array([np.nan]), us[0][2])
    assert np.array_equal(kalman.x_filtereds[-1], kalman.x_predicteds[-2]) and len(kalman.get_history()["us"]) == 3


def test_the_filter_is_the_best_linear_estimate():
    """Against the conditional mean of all states and measurements at once, a Gaussian system of eight steps with
    correlated noises."""
    rng = np.random.default_rng(4)
    factor = rng.normal(size=(4, 4)) / 2
    noise = factor @ factor.T + 0.1 * np.eye(4)  # of (measurement, states)

    class Model:
        A_v, B_v, C_v = A, B, C
        info = {"R_hat": noise[:1, :1], "Q_hat": noise[1:, 1:], "S_hat": noise[1:, :1]}

    steps, u, y = 8, rng.normal(size=(8, 2)), rng.normal(size=(8, 1))
    kalman = OnlineKalman(Model)
    for t in range(steps):
        kalman.step(None if t in (2, 5) else y[t], u[t], reg_coef=0)
    # x(t) = mean(t) + G(t) z, y(t) = C x(t) + its noise, z = (x(0), noises of every step).
    size = 3 + 4 * steps
    spread = np.zeros((size, size))
    spread[:3, :3] = np.eye(3)
    g, mean, states, measured, means = np.eye(3, size), np.zeros(3), [], [], []
    for t in range(steps):
        own = slice(3 + 4 * t, 7 + 4 * t)
        spread[own, own] = noise
        row = C @ g
        row[:, 3 + 4 * t] += 1
        states.append((mean, g))
        measured.append(row)
        means.append(C @ mean)
        g = A @ g
        g[:, 4 + 4 * t : 7 + 4 * t] += np.eye(3)
        mean = A @ mean + B @ u[t]
    for t in range(steps):
        known = [s for s in range(t + 1) if s not in (2, 5)]
        h = np.vstack([measured[s] for s in known])
        error = np.concatenate([y[s] - means[s] for s in known])
        expected = states[t][0] + states[t][1] @ spread @ h.T @ np.linalg.solve(h @ spread @ h.T, error)
        assert kalman.x_filtereds[t].ravel() == pytest.approx(expected, abs=1e-9)


def test_trials_without_a_window_are_left_out():
    ys, us = observed(5, steps=(50, 10, 40))
    model = identified(ys, us, n_delays=5, rank=3)
    assert model.info["valid_trials"] == [0, 2]
    assert model.info["T_per_trial"] == [40, 30] and model.info["T_total"] == 70
    assert model.info["trial_lengths"] == [50, 10, 40] and model.info["X_hat"].shape == (3, 70)
    without = identified([ys[0], ys[2]], [us[0], us[2]], n_delays=5, rank=3)
    assert np.array_equal(model.A_v, without.A_v)
    x, after, u = model.get_training_latent_states()
    assert x.shape == after.shape == (68, 3) and np.array_equal(u[0], us[0][5]) and np.array_equal(u[39], us[2][5])
    assert model.project_to_latent(ys, us)[0].shape == (97, 3)
    states = model.project_to_latent(ys, us, return_aligned=False, method="filter")
    assert [p.shape for p in states] == [(50, 3), (10, 3), (40, 3)]
    with pytest.warns(UserWarning, match="Only 1 out of 4 trials"):
        identified([ys[0], ys[1], ys[1], ys[1]], [us[0], us[1], us[1], us[1]], n_delays=5, rank=2)
    with pytest.raises(ValueError, match="No trials have sufficient time points"):
        identified(ys[1], us[1], n_delays=5)


def test_what_cannot_be_identified_is_an_error():
    ys, us = observed(6)
    for options, match in (({"backend": "moesp"}, "expected n4sid or custom"), ({"n_delays": 0}, "n_delays"),
                           ({"rank": 0}, "rank")):
        with pytest.raises(ValueError, match=match):
            SubspaceDMDc(ys, us, **options)
    with pytest.raises(ValueError, match="otherwise use DMD"):
        SubspaceDMDc(ys)
    with pytest.raises(ValueError, match="trial 0 has 59 steps, expected 60"):
        SubspaceDMDc(ys, [us[0][1:], us[1], us[2]])
    with pytest.raises(ValueError, match="there is no state to identify"):
        identified(np.zeros((30, 1)), us[0][:30], n_delays=2)
    bad = [y.copy() for y in ys]
    bad[1][3, 0] = np.nan
    with pytest.raises(ValueError, match="data: trial 1, step 3, channel 0 is nan"):
        identified(bad, us, n_delays=2)
    model = SubspaceDMDc(ys, us, n_delays=3)
    assert model.A_v is None and model.info is None
    with pytest.raises(NotImplementedError):
        model.compute_svd()
    with pytest.raises(ValueError, match="fit first"):
        model.predict()


def test_sweeps():
    ys, us = observed(7, steps=(60,) * 5)
    sweeper = peer.DefaultSweeper(ys, "n_delays", [2, 4], "rank", [2, 3], model_class="SubspaceDMDc", control_data=us,
                                  reseed=5, compute_residuals=True, save_models=True).sweep()
    assert sweeper.mases[1, 1] < 0.2 * sweeper.mases[1, 0] and np.isfinite(sweeper.residuals[1]).all()
    assert np.isfinite(sweeper.aics[0, 0]) and np.isnan(sweeper.aics[0, 1])  # rank 3 of two delays of one channel
    assert isinstance(sweeper.fitted_models[1][1], SubspaceDMDc)
