"""The preparation of recordings, from keywords and from manifests."""

import json
import pickle

import numpy as np
import pytest

import kindred


@pytest.fixture
def waves():
    t = np.arange(120.0)
    make = lambda pace: np.stack([np.exp(-0.01 * t) * np.sin(pace * (t + 1) * (c + 1)) + 0.1 * c for c in range(3)], 1)
    return {"a": make(0.11), "b": make(0.13), "c": make(0.17)}


def test_bins_filter_and_thinning_are_their_equations(waves):
    x = waves["a"]
    binned = kindred.preprocess({"a": x}, bin=5, bin_by="sum")[0]
    np.testing.assert_allclose(binned, x.reshape(24, 5, 3).sum(1), rtol=1e-13, atol=1e-13)
    j = np.arange(-8, 9)
    w = np.exp(-(j**2) / 8.0)
    expected = np.stack([np.convolve(x[:, c], w, "same") / np.convolve(np.ones(120), w, "same") for c in range(3)], 1)
    np.testing.assert_allclose(kindred.preprocess({"a": x}, smooth=2)[0], expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(kindred.preprocess({"a": x}, every=7)[0], x[::7])
    assert kindred.preprocess({"a": x}, components="variance:0.5")[0].shape[1] < 3


def test_missing_samples_are_left_out_and_counted(waves):
    whole = kindred.fit({"a": waves["a"]}, delays=4, rank=5)
    waves["b"][40:42, 1] = np.nan
    with pytest.raises(ValueError, match="'b', trial 0, time 40, channel 1"):
        kindred.fit(waves, delays=4, rank=5)
    fitted = kindred.fit(waves, delays=4, rank=5, nan="drop")
    assert [f["windows_left_out"] for f in fitted.facts] == [0, 5, 0]
    np.testing.assert_array_equal(fitted["a"], whole["a"])
    prepared = kindred.preprocess(waves, nan="drop")
    assert prepared.gaps[1] == {"values": 2, "interpolated": 0, "steps_left_out": 2, "short_pieces_left_out": 0}
    assert [len(trial) for trial in prepared[1]] == [40, 78]
    with pytest.raises(ValueError, match="'b' was cut at missing samples"):
        kindred.pairwise(prepared, "cka")
    with pytest.raises(ValueError, match="was cut"):  # also after a journey between processes
        kindred.pairwise(pickle.loads(pickle.dumps(prepared)), "cka")
    assert np.isfinite(kindred.pairwise(waves, "cka", nan="interpolate", largest_gap=2)["a", "b"])


def test_a_manifest_brings_its_own_steps(waves, tmp_path):
    for name, values in waves.items():
        np.save(tmp_path / f"{name}.npy", values)
    own = [{"name": n, "file": f"{n}.npy", "preprocess": {"bin": 4, "trial_average": False}} for n in waves]
    (tmp_path / "m.json").write_text(json.dumps({"systems": own}))
    loaded = kindred.load(tmp_path / "m.json")
    expected = kindred.pairwise(waves, "cka", bin=4, smooth=1)
    for systems in (loaded, pickle.loads(pickle.dumps(loaded))):
        assert kindred.pairwise(systems, "cka", smooth=1)["a", "b"] == expected["a", "b"]
        assert kindred.pairwise(systems, "cka", smooth=1, names=["x", "y", "z"])["x", "y"] == expected["a", "b"]


def test_impossible_steps_name_what_is_wrong(waves):
    for steps, part in [({"bin": 0}, "bin"), ({"components": "variance:2"}, "variance"), ({"causal": True}, "smooth"),
                        ({"nan": "interpolate"}, "largest_gap"), ({"scaling": "minmax"}, "unit-trial"),
                        ({"bin": 500}, "'a', trial 0: 120 steps")]:
        with pytest.raises(ValueError, match=part):
            kindred.preprocess(waves, **steps)
    with pytest.raises(TypeError, match="bins"):
        kindred.preprocess(waves, bins=3)
