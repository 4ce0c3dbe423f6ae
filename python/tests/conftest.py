import signal
import sys

import numpy as np
import pytest

import kindred


@pytest.fixture(scope="session")
def lorenz():
    """Six small Lorenz systems in three regimes: {name: trials x steps x 3}."""
    rhos = {"fixed a": 0.5, "fixed b": 0.75, "stable a": 5.0, "stable b": 15.0, "chaos a": 30.0, "chaos b": 50.0}
    return {name: kindred.simulate.lorenz(rho, trials=20, steps=120, stream=k)
            for k, (name, rho) in enumerate(rhos.items())}


@pytest.fixture
def interruptible():
    """SIGINT raises KeyboardInterrupt: a shell's background job, such as a test run may be, ignores it."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture(autouse=True)
def results_in_double_precision(request, monkeypatch):
    """kindred.compat gives torch tensors in single precision once a script, here another test, has imported torch."""
    if request.module.__name__.startswith("test_compat") and "torch" not in request.node.name:
        monkeypatch.delitem(sys.modules, "torch", raising=False)


FIT = {"delays": 10, "interval": 3, "rank": 6}


@pytest.fixture(scope="session")
def fit_options():
    return dict(FIT)
