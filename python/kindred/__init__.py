"""kindred: how alike the dynamics of many systems are.

    import kindred
    d = kindred.pairwise({"a": x, "b": y, "c": z}, "dsa", delays=33, interval=6, rank=20)
    d["a", "b"], d.lower_bound, d.status

A recording is an array of time x channels or trials x time x channels. See ``pairwise``, ``cross``, ``fit``, ``sweep``,
``predict``, ``align``, ``metric_names``, ``stats``, ``simulate``, ``testcase``; ``kindred.compat`` takes the place of
dsa-metric, ``kindred.sklearn`` that of a scikit-learn transformer.
"""

from . import _core
from . import simulate, stats, testcase

from ._distances import DistanceMatrix
from ._engine import Alignment, Engine, align, compare_operators, cross, fit, pairwise, preprocess
from ._errors import (
    Cancelled,
    ConversionWarning,
    DeviceError,
    Error,
    FileError,
    InvalidArgument,
    InvalidData,
    OutOfMemory,
)
from ._files import load, load_operators, save
from ._metrics import (
    CCA,
    CKA,
    DSA,
    RSA,
    DistanceCorrelation,
    InputDSA,
    LinearRegression,
    Matching,
    Metric,
    MetricName,
    NeighbourGraph,
    Procrustes,
    Shape,
    Spectral,
    SpectralGrassmann,
    StochasticShape,
    metric_names,
)
from ._operators import Operator, Operators, Spectrum
from ._prediction import Eigenfunctions, Prediction, Sweep, eigenfunctions, predict, starting_point, sweep
from ._systems import Systems

__version__: str = _core.version

def devices() -> list:
    """Kind, name and details of every device that this build can use on this machine; the CPU is always there."""
    return _core.devices()

__all__ = [
    "Alignment",
    "CCA",
    "CKA",
    "Cancelled",
    "ConversionWarning",
    "DSA",
    "DeviceError",
    "DistanceCorrelation",
    "DistanceMatrix",
    "Eigenfunctions",
    "Engine",
    "Error",
    "FileError",
    "InputDSA",
    "InvalidArgument",
    "InvalidData",
    "LinearRegression",
    "Matching",
    "Metric",
    "MetricName",
    "NeighbourGraph",
    "Operator",
    "Operators",
    "OutOfMemory",
    "Prediction",
    "Procrustes",
    "RSA",
    "Shape",
    "Spectral",
    "SpectralGrassmann",
    "Spectrum",
    "StochasticShape",
    "Sweep",
    "Systems",
    "align",
    "compare_operators",
    "cross",
    "devices",
    "eigenfunctions",
    "fit",
    "load",
    "load_operators",
    "metric_names",
    "pairwise",
    "predict",
    "preprocess",
    "save",
    "simulate",
    "starting_point",
    "stats",
    "sweep",
    "testcase",
]
