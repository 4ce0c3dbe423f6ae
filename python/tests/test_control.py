"""Systems with inputs."""

import pickle

import numpy as np
import pytest

import kindred

A = np.array([[0.8, 0.3], [-0.3, 0.7]])
B = np.array([[1.0], [-0.5]])


def driven(random, steps):
    x, u = np.zeros((steps, 2)), random.standard_normal((steps, 1))
    x[0] = random.standard_normal(2)
    for t in range(steps - 1):
        x[t + 1] = A @ x[t] + B @ u[t]
    return x, u


def test_a_driven_system_is_recovered_from_trials_of_different_length(random, tmp_path):
    trials = [driven(random, steps) for steps in (60, 41)]
    recordings, inputs = {"a": [x for x, _ in trials]}, {"a": [u for _, u in trials]}
    fitted = kindred.fit(recordings, control=inputs, rank=2, ridge=0)
    a = fitted["a"]
    assert abs(np.trace(a) - 1.5) < 1e-8 and abs(np.linalg.det(a) - 0.65) < 1e-8
    x = np.concatenate(recordings["a"])
    # In the basis in which the states are orthonormal, B^T B is B^T (x^T x)^-1 B.
    np.testing.assert_allclose(a.B.T @ a.B, B.T @ np.linalg.solve(x.T @ x, B), rtol=1e-8)
    again = pickle.loads(pickle.dumps(fitted))["a"]
    np.testing.assert_array_equal(again.B, a.B)
    kindred.save(tmp_path / "ops.npz", fitted)
    np.testing.assert_array_equal(np.load(tmp_path / "ops.npz")["a.B"], a.B)
    np.testing.assert_array_equal(kindred.load_operators(tmp_path / "ops.npz")["a"].B, a.B)
    assert kindred.fit(recordings, rank=2)["a"].B is None


def test_what_was_held_out_is_predicted_with_its_inputs(random):
    trials = [driven(random, steps) for steps in (60, 41, 50)]
    recordings, inputs = {"a": [x for x, _ in trials]}, {"a": [u for _, u in trials]}
    with_inputs = kindred.predict(recordings, control=inputs, rank=2, ridge=0, reseed=0, values=True)[0]
    assert with_inputs.reseeded["nmse"] < 1e-16
    np.testing.assert_allclose(with_inputs.values[0], trials[-1][0], atol=1e-8)
    assert kindred.predict(recordings, rank=2, ridge=0, reseed=0)[0].reseeded["nmse"] > 0.3
    found = kindred.sweep(recordings, control=inputs, delays=[1, 2], rank=[1, 2, 3], progress=False)
    assert found.parameters == {"delays": 1, "interval": 1, "rank": 2}
    with pytest.raises(ValueError, match="number of systems is 1, that of their inputs 2"):
        kindred.sweep(recordings, control=[inputs["a"], inputs["a"]], rank=[1, 2])


def test_inputs_of_another_length_are_refused(random):
    x, u = driven(random, 50)
    with pytest.raises(ValueError, match="49 steps, expected 50 as in system 'a'"):
        kindred.fit({"a": x}, control={"a": u[1:]}, rank=2)
    with pytest.raises(ValueError, match="number of systems is 1, that of their inputs 2"):
        kindred.pairwise({"a": x}, "dsa", control=[u, u], rank=2)


def test_inputs_in_a_dict_go_by_name(random):
    (x, u), (y, v) = driven(random, 50), driven(random, 50)
    expected = kindred.fit({"a": x, "b": y}, control=[u, v], rank=2)
    for control in ({"a": u, "b": v}, {"b": v, "a": u}):
        np.testing.assert_array_equal(kindred.fit({"a": x, "b": y}, control=control, rank=2)["b"].B, expected["b"].B)
    with pytest.raises(ValueError, match="no inputs of system 'b'"):
        kindred.fit({"a": x, "b": y}, control={"a": u, "c": v}, rank=2)
    with pytest.raises(ValueError, match="inputs of 'c', which is none"):
        kindred.fit({"a": x, "b": y}, control={"a": u, "b": v, "c": v}, rank=2)
