"""In the place of dsa-metric: the same names, calls, defaults and return shapes, with kindred's engine behind them.

    import kindred.compat as DSA
    DSA.DSA(x, y, n_delays=33, delay_interval=6, rank=20, score_method="angular").fit_score()

or ``from kindred.compat import DSA, DMD, SimilarityTransformDist``. docs/python.md lists what differs. torch is used
where the script imports it, and is not needed.
"""

from . import dmd, dmdc, dsa, preprocessing, resdmd, simdist, stats, subspace_dmdc, sweeps
from ._arrays import embed_signal_torch
from .configs import (
    ControllabilitySimilarityTransformDistConfig,
    DefaultDMDConfig,
    DMDcConfig,
    DMDConfig,
    SimilarityTransformDistConfig,
    SubspaceDMDcConfig,
)
from .control import JointDistanceWarning
from .dmd import DMD
from .dmdc import DMDc
from .dsa import DSA, GeneralizedDSA, InputDSA
from .preprocessing import (
    coarse_grain,
    coarse_grain_space,
    featurize_data,
    gaussian_filter,
    nonlinear_dimensionality_reduction,
    normalize_data,
    normalize_dataset,
    pca_reduce,
)
from .resdmd import ResidualComputer
from .simdist import ControllabilitySimilarityTransformDist, SimilarityTransformDist
from .stats import (
    aic,
    compare_data_splits,
    compute_all_stats,
    correl,
    dsa_to_id,
    log_mse,
    mae,
    mase,
    measure_nonnormality_transpose,
    measure_transient_growth,
    mse,
    nmse,
    r2,
    torch_convert,
)
from .subspace_dmdc import SubspaceDMDc
from .sweeps import DefaultSweeper, PyKoopmanSweeper

__version__ = "2.0.0"  # what dsa-metric 2.0.2 says of itself


class pyKoopmanDMDConfig:
    """Observables and regressor of dsa-metric's fork of pykoopman: not in kindred."""

    def __init__(self, *_, **__):
        raise NotImplementedError(
            "pyKoopmanDMDConfig: kindred has no part of dsa-metric's fork of pykoopman; pass any class with "
            "fit(X) and A_v or A as dmd_class")
