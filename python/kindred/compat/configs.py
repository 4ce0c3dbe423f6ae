"""The configuration objects of dsa-metric, with its names and defaults."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Optional


@dataclass
class DefaultDMDConfig:
    n_delays: int = 1
    delay_interval: int = 1
    rank: Optional[int] = None
    lamb: float = 0
    send_to_cpu: bool = False


DMDConfig = DefaultDMDConfig


@dataclass
class DMDcConfig:
    n_delays: int = 1
    rank_input: Optional[int] = None
    rank_output: Optional[int] = None
    lamb: float = 0
    delay_interval: int = 1


@dataclass
class SubspaceDMDcConfig:
    n_delays: int = 1
    rank: Optional[int] = None
    lamb: float = 0
    backend: str = "n4sid"


@dataclass
class SimilarityTransformDistConfig:
    iters: int = 1500
    score_method: str = "wasserstein"
    lr: float = 5e-3
    compare: ClassVar[str] = "state"


@dataclass
class ControllabilitySimilarityTransformDistConfig:
    score_method: str = "euclidean"
    compare: str = "joint"
    align_inputs: bool = False
    return_distance_components: bool = False


def as_dict(config: Any, what: str) -> Dict[str, Any]:
    """A dict, a dataclass or an instance of one, as a dict; `compare` of a similarity included."""
    if isinstance(config, dict):
        return dict(config)
    if isinstance(config, type):
        config = config()
    if not dataclasses.is_dataclass(config):
        raise TypeError(f"{what}: {type(config).__name__}, expected a dict or a dataclass")
    out = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    if hasattr(config, "compare"):
        out.setdefault("compare", config.compare)
    return out
