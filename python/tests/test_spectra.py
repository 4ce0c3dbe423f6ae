"""Systems of which the eigenvalues alone are known."""

import itertools
import pickle

import numpy as np
import pytest

import kindred


def assignment(a, b):
    """The least mean squared distance over permutations, the shorter padded with zeros."""
    size = max(len(a), len(b))
    a, b = (np.concatenate([z, np.zeros(size - len(z))]) for z in (a, b))
    return min(np.mean(np.abs(a - b[list(p)]) ** 2) for p in itertools.permutations(range(size)))


def test_spectra_of_unequal_numbers_agree_with_all_assignments():
    rng = np.random.default_rng(1)
    spectra = {f"s{k}": rng.standard_normal(k) + 1j * rng.standard_normal(k) for k in (1, 3, 4, 5)}
    d = kindred.pairwise(kindred.Operators.of(spectra), "spectral")
    assert list(d.names) == list(spectra)
    for (i, a), (j, b) in itertools.product(enumerate(spectra.values()), repeat=2):
        assert abs(d[i, j] - assignment(a, b)) <= 1e-14 * (1 + d[i, j])


def test_spectra_and_operators_stand_side_by_side():
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    both = kindred.Operators.of([turn, np.array([1j, -1j]), [1.0, 1.0]], names=["turn", "given", "real"])
    d = kindred.pairwise(both, "spectral")
    assert d["turn", "given"] <= 1e-15 and abs(d["given", "real"] - 2) <= 1e-15
    assert isinstance(both["given"], kindred.Spectrum) and both["given"].name == "given"
    assert np.array_equal(both["given"], [1j, -1j]) and both["turn"].shape == (2, 2)
    again = pickle.loads(pickle.dumps(both))
    assert again.names == both.names and np.array_equal(again["given"], both["given"])
    assert kindred.compare_operators([1j], [-1j], "spectral-root") == 2
    stacked = kindred.Operators.of(list(np.array([[1j, 1], [0.5, 0.5]])))
    assert len(stacked) == 2 and kindred.pairwise(stacked, "spectral-share").shape == (2, 2)
    crossed = kindred.cross(both, stacked, "spectral-hausdorff")
    assert np.isfinite(np.array(crossed)).all()


def test_spectra_from_files(tmp_path):
    spectra = {"a": np.array([0.5 + 0.5j]), "b": np.array([0.1, 0.2], dtype=np.complex64), "c": np.array([0.3])}
    np.savez(tmp_path / "s.npz", **spectra)
    read = kindred.load_operators(tmp_path / "s.npz")
    assert read.names == ["a", "b", "c"] and np.array_equal(read["a"], [0.5 + 0.5j])
    words = "'a' is given by its eigenvalues alone; there is no operator to write"
    with pytest.raises(kindred.InvalidArgument, match=words):
        kindred.save(tmp_path / "o.npz", read)


@pytest.mark.parametrize(
    "values, error, words",
    [
        ({"net": []}, kindred.InvalidData, r"'net' has shape \(0,\)"),
        ({"net": [1, np.nan]}, kindred.InvalidData, r"'net' holds nan at \[1\]"),
        ({"net": np.eye(2) * 1j}, TypeError, "'net' holds complex values; operators are real"),
        ({"net": np.ones((2, 3))}, kindred.InvalidData, r"'net' has shape \(2, 3\), expected a square matrix"),
        ({"net": ["a", "b"]}, TypeError, "'net' holds values of type"),
    ],
)
def test_bad_spectra_are_refused_by_name(values, error, words):
    with pytest.raises(error, match=words):
        kindred.Operators.of(values)


def test_metrics_of_operators_refuse_spectra():
    spectra = kindred.Operators.of([[1j], [1.0]], names=["first", "second"])
    with pytest.raises(kindred.InvalidArgument, match="'first' is given by its eigenvalues alone"):
        kindred.pairwise(spectra, "dsa")
    with pytest.raises(kindred.InvalidArgument, match="without residuals"):
        kindred.pairwise(spectra, "spectral", prune=0.1)
