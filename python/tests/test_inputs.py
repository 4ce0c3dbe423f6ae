"""Hostile and unusual input: an exception that names the argument, never a crash."""

import gc
import threading
import warnings

import numpy as np
import pytest

import kindred
from kindred._systems import Systems, as_systems

X = np.random.default_rng(1).normal(size=(4, 30, 3))
GOOD = {"a": X, "b": X[:, ::-1].copy()}


def compare(systems, **options):
    return kindred.pairwise(systems, "dsa", delays=2, rank=2, **options)


@pytest.mark.parametrize(
    "systems, error, words",
    [
        ([], ValueError, "systems: no systems"),
        ({}, ValueError, "systems: no systems"),
        (X, TypeError, "systems: one array"),
        ("a.npy", TypeError, "kindred.load"),
        (7, TypeError, "systems: int"),
        (None, TypeError, "systems"),
        ((x for x in [X, X]), TypeError, "read only once"),
        ([X, []], ValueError, "empty list of trials"),
        ([X, np.array([[1, "a"]], dtype=object)], TypeError, r"systems\[1\].*Python objects"),
        ([X, X.astype(complex)], TypeError, r"systems\[1\].*complex"),
        ([X, np.array([["a", "b"]])], TypeError, r"systems\[1\]"),
        ([X, X[0, :, 0]], ValueError, r"systems\[1\].*1 axes"),
        ([X, np.float64(3)], (ValueError, TypeError), r"systems\[1\]"),
        ([X, X[None, None]], ValueError, r"systems\[1\].*5 axes"),
        ([X, X[:0]], ValueError, "'1'"),
        ([X, X[:, :0]], ValueError, "'1'"),
        ([X, X[:, :, :0]], ValueError, "'1'"),
        ([X, [X[0], X[0][:, :2]]], ValueError, "'1'"),
        ([X, {"x": 1}], TypeError, r"systems\[1\]"),
        ([X, X[:, :1]], ValueError, "'1'"),
    ],
)
def test_refused(systems, error, words):
    with pytest.raises(error, match=words):
        compare(systems)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite_names_the_place(value):
    bad = X.copy()
    bad[2, 5, 1] = value
    with pytest.raises(ValueError, match=r"'bad'.*trial 2.*5.*1"):
        compare({"good": X, "bad": bad})


def test_options_are_checked():
    for options, error, words in [
        ({"delay": 3}, TypeError, "delays"),
        ({"metric": "dsaa"}, ValueError, "dsa"),
        ({"metric": 3}, TypeError, "metric"),
        ({"rank": -1}, ValueError, "rank"),
        ({"rank": "many"}, ValueError, "rank"),
        ({"effort": "lazy"}, ValueError, "effort"),
        ({"device": "tpu"}, ValueError, "device"),
        ({"threads": -1}, ValueError, "threads"),
        ({"memory": "lots"}, ValueError, "memory"),
        ({"layout": "space"}, ValueError, "layout"),
        ({"names": ["a"]}, ValueError, "names"),
        ({"labels": "ab"}, ValueError, "labels"),
        ({"engine": 3}, TypeError, "engine"),
        ({"delays": 100}, ValueError, "delays"),
        ({"certify": 1}, TypeError, "certify"),
    ]:
        metric = options.pop("metric", "dsa")
        with pytest.raises(error, match=words):
            kindred.pairwise([X, X], metric, **options)


def test_views_of_every_kind_give_the_same_bits():
    expected = np.asarray(compare(GOOD))
    wide = np.zeros((4, 60, 6))
    wide[:, ::2, ::2] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    fields = np.zeros((4, 30, 3), dtype=[("flag", "i1"), ("value", "f8")])
    fields["value"] = X
    for same in (wide[:, ::2, ::2], np.asfortranarray(X), read_only, X[:, ::-1][:, ::-1], X.astype(">f8"),
                 fields["value"], X[::-1].copy()[::-1], np.ma.MaskedArray(X)):
        assert (np.asarray(compare({"a": same, "b": GOOD["b"]})) == expected).all()
    assert (np.asarray(compare(np.stack([X, GOOD["b"]]))) == expected).all()


def test_other_types_are_converted_with_a_word():
    whole = (X * 10).astype(int)
    with pytest.warns(kindred.ConversionWarning, match="int64"):
        first = compare([whole, X])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (np.asarray(first) == np.asarray(compare([whole.astype(float), X]))).all()
        compare([X.astype(np.float32), X.astype(np.float16)])


def test_objects_that_hold_arrays():
    class Holder:
        def __array__(self, dtype=None, copy=None):
            return X

    expected = np.asarray(compare(GOOD))
    assert (np.asarray(compare({"a": Holder(), "b": GOOD["b"]})) == expected).all()
    pandas = pytest.importorskip("pandas")
    frame = {"a": pandas.DataFrame(X[0]), "b": pandas.DataFrame(X[1])}
    assert (np.asarray(compare(frame)) == np.asarray(compare({"a": X[0], "b": X[1]}))).all()


def first_trial(values, layout="auto"):
    """What the library sees of the first trial: a view of the memory that it computes from."""
    held = Systems(as_systems(values, layout=layout))[0]
    return held[0]


def test_torch_tensors():
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(X).requires_grad_()
    assert (np.asarray(compare({"a": tensor, "b": GOOD["b"]})) == np.asarray(compare(GOOD))).all()
    with pytest.raises(TypeError, match="sparse"):
        compare([X, torch.eye(3).to_sparse()])
    # Used where they lie, whatever their strides: the collection's view begins at the tensor's own memory.
    for used, layout in ((tensor, "auto"), (tensor.detach().float(), "auto"),
                         (tensor.permute(0, 2, 1), "trials,channels,time"), (tensor[:, 5:], "auto")):
        view = first_trial([used], layout)
        assert view.__array_interface__["data"][0] == used.data_ptr() and view.dtype.itemsize == used.element_size()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        half = np.asarray(compare({"a": tensor.detach().bfloat16(), "b": GOOD["b"]}))
    assert np.allclose(half, np.asarray(compare(GOOD)), atol=0.1)
    with pytest.warns(kindred.ConversionWarning, match="int32"):
        compare([(10 * tensor.detach()).int(), X])


def test_xarray():
    xarray = pytest.importorskip("xarray")
    array = xarray.DataArray(X, dims=("trial", "time", "channel"))
    assert (np.asarray(compare({"a": array, "b": GOOD["b"]})) == np.asarray(compare(GOOD))).all()
    assert first_trial([array]).__array_interface__["data"][0] == X.__array_interface__["data"][0]


def test_ragged_trials():
    d = compare({"a": [X[0], X[1, :20]], "b": [X[2, :25], X[3]]})
    assert np.isfinite(np.asarray(d)).all()


def test_one_engine_is_for_one_thread_at_a_time():
    engine, inside, errors = kindred.Engine("cpu", threads=1), threading.Event(), []

    def progress(stage, done, total):
        if not inside.is_set():
            inside.set()
            try:
                kindred.pairwise(GOOD, engine=engine, delays=2, rank=2, progress=False)
            except ValueError as error:
                errors.append(str(error))

    kindred.pairwise(GOOD, engine=engine, delays=2, rank=2, progress=progress)
    assert errors and "another thread" in errors[0]


def test_ten_thousand_calls_leak_nothing():
    resource = pytest.importorskip("resource")
    small, engine = [X[:2, :8], X[2:, :8]], kindred.Engine("cpu", threads=1)

    def burst(count):
        for _ in range(count):
            kindred.pairwise(small, "cka", engine=engine, progress=False)

    burst(2000)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    burst(8000)
    gc.collect()
    # In KiB. A leak of one 500-byte object a call would be 4 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3000
