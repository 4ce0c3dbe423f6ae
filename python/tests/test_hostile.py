"""Every door of the package against what it cannot use: an exception that names the argument, never a crash."""

import gc
import signal
import threading
import weakref

import numpy as np
import pytest

import kindred
from kindred import compat

X = np.random.default_rng(1).normal(size=(4, 30, 3))
A = np.random.default_rng(2).normal(size=(5, 5)) / 3
FIT = {"delays": 2, "rank": 2, "progress": False}


class Raises:
    """An object whose array cannot be had."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array today")


class Lies:
    """An object whose array is no array."""

    def __array__(self, dtype=None, copy=None):
        return [1, 2]


def with_value(value):
    bad = X.copy()
    bad[2, 5, 1] = value
    return bad


ragged = np.empty(2, dtype=object)
ragged[:] = [X[0], X[1, :9]]

RECORDINGS = {
    "NaN": with_value(np.nan),
    "Inf": with_value(-np.inf),
    "an array of objects": ragged,
    "numbers as objects": X.astype(object),
    "complex": X + 1j,
    "words": np.full((30, 3), "a"),
    "dates": np.zeros((30, 3), dtype="datetime64[s]"),
    "records": np.zeros((30, 3), dtype=[("a", "f8"), ("b", "f8")]),
    "no axis": np.array(1.0),
    "one axis": X[0, :, 0],
    "five axes": X[None, None],
    "no trials": X[:0],
    "no steps": X[:, :0],
    "no channels": X[:, :, :0],
    "one step": X[:, :1],
    "an empty list": [],
    "lists in lists": [[[1.0, 2.0], [3.0, 4.0]]],
    "channels that differ": [X[0], X[1][:, :2]],
    "a trial of three axes": [X, X[None]],
    "masked": np.ma.masked_greater(X, 1),
    "nothing": None,
    "a number": 3.5,
    "a word": "x.npy",
    "a set": {1.0, 2.0},
    "a generator": (x for x in X),
    "a class": np.ndarray,
    "an array that raises": Raises(),
    "an array that lies": Lies(),
}

DOORS = {
    "pairwise": lambda x: kindred.pairwise([X, x], **FIT),
    "pairwise, sample by sample": lambda x: kindred.pairwise([X, x], "cka", progress=False),
    "pairwise, by name": lambda x: kindred.pairwise({"good": X, "bad": x}, **FIT),
    "cross, rows": lambda x: kindred.cross([x], [X], **FIT),
    "cross, columns": lambda x: kindred.cross([X], [x], **FIT),
    "fit": lambda x: kindred.fit([X, x], **FIT),
    "preprocess": lambda x: kindred.preprocess([X, x], scaling="zscore"),
    "a trial": lambda x: kindred.pairwise([X, [X[0], x]], **FIT),
    "compat.DSA": lambda x: compat.DSA([X, x], n_delays=2, rank=2, score_method="angular").fit_score(),
    "compat.DMD": lambda x: compat.DMD(x, n_delays=2, rank=2).fit(),
}
# What is of use there: one trial of the two may be all of these.
WELCOME = {("a trial", "a trial of three axes"), ("a trial", "lists in lists"), ("compat.DSA", "a trial of three axes"),
           ("compat.DMD", "a trial of three axes"), ("preprocess", "one step"),
           ("pairwise, sample by sample", "one step"), ("preprocess", "NaN"),
           ("preprocess", "Inf")}  # what is not finite stays so, and the comparison refuses it


def allowed(error):
    """The kinds that the package promises, or what the object itself raised."""
    return isinstance(error, (ValueError, TypeError, IndexError, kindred.Error)) or "no array today" in str(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("what", RECORDINGS)
def test_recordings(door, what):
    if (door, what) in WELCOME:
        pytest.skip("not hostile there")
    with pytest.raises(Exception) as caught:
        DOORS[door](RECORDINGS[what])
    assert allowed(caught.value), repr(caught.value)
    words = ("systems", "rows", "columns", "'1'", "'0'", "'bad'", "trial", "data", "X", "dim", "1", "no array today")
    assert any(word in str(caught.value) for word in words), str(caught.value)


COLLECTIONS = {"nothing": None, "a number": 3, "a word": "folder", "one array": X, "an empty list": [],
               "an empty dict": {}, "a generator": (x for x in [X, X]), "an iterator": iter([X, X]), "a set": {1, 2},
               "an array of objects": ragged}


@pytest.mark.parametrize("what", COLLECTIONS)
@pytest.mark.parametrize("door", ["pairwise", "cross, rows", "cross, columns", "fit", "preprocess", "compat"])
def test_collections(door, what):
    systems = COLLECTIONS[what]
    call, argument = {
        "pairwise": (lambda: kindred.pairwise(systems, **FIT), "systems"),
        "cross, rows": (lambda: kindred.cross(systems, [X], **FIT), "rows"),
        "cross, columns": (lambda: kindred.cross([X], systems, **FIT), "columns"),
        "fit": (lambda: kindred.fit(systems, **FIT), "systems"),
        "preprocess": (lambda: kindred.preprocess(systems, scaling="zscore"), "systems"),
        "compat": (lambda: compat.DSA(systems, n_delays=2, rank=2, score_method="angular").fit_score(),
                   "X|systems|element"),
    }[door]
    if door == "compat" and what in ("an empty list",):
        assert call().size == 0  # as dsa-metric
        return
    with pytest.raises((ValueError, TypeError, kindred.Error), match=argument):
        call()


OPERATORS = {
    "NaN": np.full((3, 3), np.nan), "not square": np.ones((3, 4)), "a vector of NaN": np.full(3, np.nan),
    "three axes": np.ones((2, 3, 3)), "empty": np.ones((0, 0)), "complex": np.eye(3) + 1j,
    "words": np.full((3, 3), "a"), "objects": np.full((2, 2), None), "nothing": None, "a number": 2.0,
    "a list of words": [["a"]], "a ragged list": [[1.0, 2.0], [3.0]], "a generator": (x for x in A),
}


@pytest.mark.parametrize("what", OPERATORS)
@pytest.mark.parametrize("door", ["align", "compare_operators", "Operators.of", "compat"])
def test_operators(door, what):
    bad = OPERATORS[what]
    call, argument = {
        "align": (lambda: kindred.align(A, bad), "b"),
        "compare_operators": (lambda: kindred.compare_operators(A, bad), "b"),
        "Operators.of": (lambda: kindred.Operators.of({"good": A, "bad": bad}), "bad|values"),
        "compat": (lambda: compat.SimilarityTransformDist().fit_score(A, bad), "B"),
    }[door]
    with pytest.raises((ValueError, TypeError, IndexError, AssertionError, kindred.Error), match=argument):
        call()


def test_operators_that_are_no_collection():
    for bad in (None, 3, "a", np.eye(3), {}, []):
        with pytest.raises((ValueError, TypeError), match="values"):
            kindred.Operators.of(bad)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 100_000, "", "<script>alert(1)</script>", "a,b\n\"c\""])
def test_names(name, tmp_path):
    try:
        d = kindred.pairwise({name: X, "other": X[:, ::-1].copy()}, **FIT)
    except (ValueError, UnicodeError, TypeError):
        return
    assert d.names[0] == name
    d.report(tmp_path / "page.html")
    assert "<script>alert" not in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in d._repr_html_()


def test_views_without_memory_of_their_own():
    """Strides of zero (broadcast), strides over other data, a read-only map, an array that is not aligned."""
    row = X[:1]
    many = np.broadcast_to(row, (3, 30, 3))
    expected = kindred.pairwise([np.array(many), X], **FIT)
    assert (np.asarray(kindred.pairwise([many, X], **FIT)) == np.asarray(expected)).all()
    odd = np.zeros(X.nbytes + 1, dtype=np.uint8)[1:].view(np.float64).reshape(X.shape)
    odd[...] = X
    assert not odd.flags.aligned
    assert (np.asarray(kindred.pairwise([odd, row], **FIT)) == np.asarray(kindred.pairwise([X, row], **FIT))).all()


def test_an_array_that_is_dropped_while_the_computation_runs():
    """The list is emptied after the call has begun: the library alone keeps the arrays, until the call has ended."""
    systems = [np.random.default_rng(k).normal(size=(20, 200, 10)) for k in range(6)]
    expected = np.asarray(kindred.pairwise([x.copy() for x in systems], delays=5, rank=10, progress=False))
    alive, found = [weakref.ref(x) for x in systems], {}
    begun, dropped = threading.Event(), threading.Event()

    def told(stage, done, total):
        begun.set()
        assert dropped.wait(60)

    def work():
        engine = kindred.Engine("cpu", threads=1)
        found["d"] = np.asarray(kindred.pairwise(systems, delays=5, rank=10, progress=told, engine=engine))

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(60)
    systems.clear()
    gc.collect()
    during = [ref() is not None for ref in alive]
    dropped.set()
    thread.join()
    gc.collect()
    assert all(during) and (found["d"] == expected).all()
    assert not any(ref() is not None for ref in alive)


def test_an_array_that_changes_its_memory():
    """NumPy refuses to resize what the library still refers to."""
    engine, x = kindred.Engine("cpu", threads=1), np.random.default_rng(0).normal(size=(30, 3))
    refused = []

    def told(stage, done, total):
        try:
            x.resize((3000, 3))
        except ValueError as error:
            refused.append(error)

    kindred.pairwise([x, X], delays=2, rank=2, engine=engine, progress=told)
    assert refused and x.shape == (30, 3)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals")
def test_ctrl_c_ends_a_long_call(interruptible):
    """A real signal, no progress bar: the call ends with KeyboardInterrupt, and the engine is of use afterwards."""
    systems = [np.random.default_rng(k).normal(size=(4, 60, 8)) for k in range(60)]
    operators = kindred.fit(systems, delays=6, rank=30, progress=False)
    engine, main = kindred.Engine("cpu", threads=1), threading.main_thread()
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(main.ident, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(1000):  # until the signal comes, however fast the machine
            kindred.pairwise(operators, effort="thorough", engine=engine, progress=False)
    timer.join()
    assert np.isfinite(np.asarray(kindred.pairwise([X, X[:, ::-1].copy()], engine=engine, **FIT))).all()


def test_many_threads_and_errors_at_once():
    """Good and bad calls side by side, each thread with its own engine; none disturbs another."""
    expected = np.asarray(kindred.pairwise([X, X[:, ::-1].copy()], **FIT))
    wrong = []

    def work(k):
        for n in range(20):
            if (k + n) % 3:
                if not (np.asarray(kindred.pairwise([X, X[:, ::-1].copy()], threads=1, **FIT)) == expected).all():
                    wrong.append((k, n))
            else:
                try:
                    kindred.pairwise([X, with_value(np.nan)], threads=1, **FIT)
                    wrong.append((k, n))
                except ValueError:
                    pass

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_a_progress_that_misbehaves():
    def again(stage, done, total):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        kindred.pairwise([X, X], delays=2, rank=2, progress=again)
    with pytest.raises(TypeError):
        kindred.pairwise([X, X], delays=2, rank=2, progress=lambda: None)
    assert kindred.pairwise([X, X], delays=2, rank=2, progress=lambda *a: "anything").shape == (2, 2)


def test_results_outlive_what_made_them():
    def made():
        engine = kindred.Engine("cpu", threads=1)
        x = X.copy()
        return kindred.pairwise([x, x[:, ::-1]], engine=engine, **FIT), kindred.fit([x], engine=engine, **FIT)

    d, operators = made()
    gc.collect()
    matrix, first = d.distances, operators[0]
    del d, operators
    gc.collect()
    np.zeros(1_000_000)
    assert matrix.shape == (2, 2) and np.isfinite(matrix).all() and np.isfinite(first).all()
    with pytest.raises(ValueError):
        matrix[0, 0] = 1
