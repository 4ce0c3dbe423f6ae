"""Models with inputs, with the calls of dsa-metric 2.0.2 (DMDc, InputDSA, ControllabilitySimilarityTransformDist)."""

import warnings

import numpy as np
import pytest

import kindred
import kindred.compat as peer
from kindred.compat import DMDc, InputDSA

A = np.array([[0.9, 0.2, 0.0], [-0.2, 0.8, 0.1], [0.0, 0.1, 0.5]])
B = np.array([[1.0, 0.0], [0.3, -1.0], [0.0, 0.5]])


def driven(seed, steps=(60, 41, 52), a=A, b=B):
    """Trials of x(t+1) = A x(t) + B u(t) from random starts."""
    rng = np.random.default_rng(seed)
    xs, us = [], []
    for count in steps:
        x, u = np.zeros((count, 3)), rng.normal(size=(count, 2))
        x[0] = rng.normal(size=3)
        for t in range(count - 1):
            x[t + 1] = a @ x[t] + b @ u[t]
        xs.append(x)
        us.append(u)
    return xs, us


def rotated(seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


def fitted(*args, **options):
    model = DMDc(*args, **options)
    model.fit()
    return model


def test_a_driven_map_is_recovered_from_trials_of_any_length():
    x, u = driven(0)
    model = fitted(x, u, lamb=0)
    # The data are exact, so a pair of steps across a trial's end would show; rounding times a condition number of a
    # few.
    assert np.abs(np.asarray(model.A_havok_dmd) - A).max() < 1e-12
    assert np.abs(np.asarray(model.B_havok_dmd) - B).max() < 1e-12
    expected = np.sort_complex(np.linalg.eigvals(A))
    assert np.sort_complex(np.linalg.eigvals(model.A_v)) == pytest.approx(expected, abs=1e-12)
    assert np.asarray(model.B_v).shape == (3, 2) and model.rank_input == 5 and model.rank_output == 3 == len(model.A)
    told = model.predict(reseed=10**6)  # from the first step and the inputs alone
    assert max(np.abs(np.asarray(p) - q).max() for p, q in zip(told, x)) < 1e-10
    assert peer.ResidualComputer(model).compute_residuals().max() < 1e-20


def test_the_definition_with_delays_ranks_and_ridge():
    """Against the normal equations of the rows as they are defined, one after another."""
    x, u = driven(1)
    d, tau, s, lamb = 3, 2, 2, 0.5
    model = fitted(x, u, n_delays=d, delay_interval=tau, steps_ahead=s, lamb=lamb, rank_output=4)
    before, after = [], []
    for xi, ui in zip(x, u):
        for t in range((d - 1) * tau, len(xi) - s):
            before.append(np.concatenate([xi[t], xi[t - tau], xi[t - 2 * tau], ui[t]]))
            after.append(np.concatenate([xi[t + s], xi[t + s - tau], xi[t + s - 2 * tau]]))
    before, after = np.array(before), np.array(after)
    # With all directions kept, the model is the ridge solution.
    both = np.linalg.solve(before.T @ before + lamb * np.eye(11), before.T @ after).T
    r = np.linalg.svd(after)[2][:4].T
    a, b = r.T @ both[:, :9] @ r, r.T @ both[:, 9:]
    signs = np.diag(np.sign(np.diag(r.T @ np.asarray(model.Ur)[:, :4])))
    assert np.abs(signs @ np.asarray(model.A_v) @ signs - a).max() < 1e-10
    assert np.abs(signs @ np.asarray(model.B_v) - b).max() < 1e-10
    low = fitted(x, u, n_delays=d, delay_interval=tau, steps_ahead=s, lamb=lamb, rank_input=6, rank_output=4)
    p, v = np.linalg.svd(before, full_matrices=False)[1:]
    cut = (v[:6].T * (1 / (p[:6] ** 2 + lamb))) @ v[:6] @ before.T @ after
    assert np.abs(np.asarray(low.A_havok_dmd) - cut[:9].T).max() < 1e-10
    assert fitted(x, u, n_delays=d, n_control_delays=d).B_havok_dmd.shape == (9, 6)
    low.recalc_rank(rank_explained_variance_output=0.5)
    low.compute_dmdc()
    assert low.rank_output == len(low.A_v) < 4 and low.rank_input == 6


def controllability(a, b):
    out = [b]
    for h in range(1, len(a)):
        out += [np.linalg.matrix_power(a, h) @ b, np.linalg.matrix_power(a.T, h) @ b]
    return np.hstack(out)


def test_distances_are_the_minima():
    rng = np.random.default_rng(2)
    a1, a2 = rng.normal(size=(3, 3)) / 2, rng.normal(size=(3, 3)) / 2
    b1, b2 = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    q = rotated(3)
    for score in ("euclidean", "angular"):
        sim = peer.ControllabilitySimilarityTransformDist(score_method=score, return_distance_components=True)
        assert max(sim.fit_score(a1, q @ a1 @ q.T, b1, q @ b1)) < 1e-7  # dsa-metric 2.0.2: not invariant
        joint, state, control = sim.fit_score(a1, a2, b1, b2)
        k1, k2 = controllability(a1, b1), controllability(a2, b2)
        u, s, vt = np.linalg.svd(k1 @ k2.T)
        c = u @ vt
        if score == "euclidean":
            expected = [np.linalg.norm(x - y) for x, y in ((k1, c @ k2), (a1, c @ a2 @ c.T), (b1, c @ b2))]
        else:
            angle = lambda x, y: np.arccos((x * y).sum() / np.linalg.norm(x) / np.linalg.norm(y))
            expected = [angle(k1, c @ k2), angle(a1, c @ a2 @ c.T), angle(b1, c @ b2)]
        assert (joint, state, control) == pytest.approx(expected, abs=1e-7)
        distance = peer.ControllabilitySimilarityTransformDist(score_method=score, compare="control")
        u, _, vt = np.linalg.svd(b1 @ b2.T)
        aligned = u @ vt @ b2
        expected = np.linalg.norm(b1 - aligned) if score == "euclidean" else angle(b1, aligned)
        assert distance.fit_score(a1, a2, b1, b2) == pytest.approx(expected, abs=1e-7)


def test_input_dsa():
    q = rotated(4)
    systems = [driven(5), driven(6, a=q @ A @ q.T, b=q @ B), driven(7, a=0.6 * A, b=B),
               driven(8, a=A, b=B[:, ::-1] * 2)]
    xs, us = [x for x, _ in systems], [u for _, u in systems]
    config = {"n_delays": 1, "lamb": 0}
    peer.dsa.said.discard("joint")
    with pytest.warns(peer.JointDistanceWarning):
        model = InputDSA(xs, us, dmd_class=DMDc, dmd_config=config)
        joint = model.fit_score()
    # The first two systems are one in two bases: R^T A R of exact data, up to rounding.
    assert joint.shape == (4, 4) and (joint == joint.T).all()
    assert joint[0, 1] < 1e-10 and joint[0, 2] > 0.1 and joint[0, 3] > 0.1
    with pytest.warns(UserWarning, match="will change the output shape"):
        model.update_compare_method("joint", {"score_method": "angular", "return_distance_components": True})
    parts = model.score()
    assert parts.shape == (4, 4, 3) and model.sims.shape == (4, 4, 3) and parts[0, 1].max() < 1e-7
    with pytest.warns(UserWarning) as said:
        kind, adapted = model.update_compare_method("state", peer.SimilarityTransformDistConfig(score_method="angular"))
    assert [str(w.message)[:20] for w in said] == ["Changing return_dist", "Warning: You are usi"]
    states = model.score()
    assert kind is peer.SimilarityTransformDist and adapted["score_method"] == "angular"
    assert states[0, 1] < 1e-6 and states[0, 2] < 1e-6 and states[0, 3] < 1e-6  # 0.6 A is A but for its norm
    model.update_compare_method("control", {"score_method": "euclidean"})
    inputs = model.score()
    assert inputs[0, 2] < 1e-10 and inputs[0, 3] > 0.1
    one = InputDSA(xs[0][0], us[0][0], xs[2:], us[2:], dmd_class=DMDc, dmd_config=peer.DMDcConfig)
    assert one.method == "one-to-list" and one.fit_score() == pytest.approx(joint[0, 2:], abs=1e-9)
    both = InputDSA(xs[0][0], us[0][0], xs[2][1], us[2][1], dmd_class=DMDc, dmd_config=config,
                    simdist_config={"compare": "joint", "return_distance_components": True}).fit_score()
    assert both.shape == (3,) and both[0] == pytest.approx(joint[0, 2], abs=1e-9)
    assert isinstance(InputDSA(np.stack([xs[0][1]] * 2), np.stack([us[0][1]] * 2), xs[2][0], us[2][0], dmd_class=DMDc,
                               dmd_config=config).fit_score(), float)


def test_the_call_seen_in_the_wild():
    (y1, u1), (y2, u2) = driven(9), driven(10, a=0.5 * A)
    model = InputDSA([y1, y2], [u1, u2], dmd_class=DMDc, dmd_config={"n_delays": 2, "rank_output": 10},
                     simdist_config={"score_method": "euclidean", "compare": "control"})
    assert model.fit_score().shape == (2, 2) and model.dmd_config["rank_output"] == [[10, 10]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.update_compare_method(compare="state", simdist_config=peer.SimilarityTransformDistConfig)
    assert model.score().shape == (2, 2)


def test_what_does_not_fit_together_is_an_error():
    x, u = driven(11)
    with pytest.raises(ValueError, match="no control data is provided"):
        peer.GeneralizedDSA([x, x], dmd_class=DMDc, dmd_config=peer.DMDcConfig)
    with pytest.raises(ValueError, match="does not fit a control operator"):
        peer.GeneralizedDSA([x, x], simdist_config=peer.ControllabilitySimilarityTransformDistConfig)
    with pytest.warns(UserWarning, match="It is ignored"):
        peer.GeneralizedDSA([x, x], X_control=[u, u])
    with pytest.raises(ValueError, match="X_control: 1 systems, expected 2"):
        InputDSA([x, x], [u], dmd_class=DMDc)
    with pytest.raises(ValueError, match="trial 1 has 40 steps, expected 41"):
        DMDc(x, [u[0], u[1][1:], u[2]])
    with pytest.raises(ValueError, match="2 trials, expected 3"):
        DMDc(x, u[:2])
    with pytest.raises(ValueError, match="otherwise use DMD"):
        DMDc(x)
    with pytest.raises(ValueError, match="rank_input, rank_thresh_input"):
        DMDc(x, u, rank_input=2, rank_thresh_input=0.1)
    bad = [c.copy() for c in u]
    bad[2][3, 1] = np.inf
    with pytest.raises(ValueError, match="control_data: trial 2, step 3, channel 1 is inf"):
        DMDc(x, bad).fit()
    with pytest.raises(ValueError, match="align_inputs"):
        peer.ControllabilitySimilarityTransformDist(align_inputs=True)
    with pytest.raises(kindred.Error, match="3 states and 2 inputs"):
        peer.ControllabilitySimilarityTransformDist().fit_score(A, A[:2, :2], B, B[:2])


def test_sweeps_with_inputs():
    x, u = driven(12, steps=(50, 50, 50, 50, 50))
    sweeper = peer.DefaultSweeper(x, "n_delays", [1, 2], "rank", [2, 3, 5], model_class="DMDc", control_data=u,
                                  compute_residuals=True)
    sweeper.sweep()
    assert np.isnan(sweeper.aics[0, 2]) and sweeper.mases[0, 1] < 1e-6 and sweeper.residuals[0, 1] < 1e-12
    with pytest.raises(ValueError, match="control_data required"):
        peer.DefaultSweeper(x, model_class="DMDc")


def test_operators_given_one_by_one_keep_their_inputs():
    x, u = driven(13)
    pair = kindred.fit([x, [2 * t for t in x]], control=[u, u], rank=3)
    direct = kindred.pairwise(pair, "input-joint", progress=False)
    assert np.array_equal(direct,
                          kindred.pairwise(kindred.Operators.of([pair[0], pair[1]]), "input-joint", progress=False))
