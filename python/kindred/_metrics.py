"""Metrics by name, with parameters named as on the command line."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, List, NamedTuple, Tuple, Union

from . import _core

# Options of the command line that are another word for a field.
_SPELLINGS = {"normalized": "over_half_pi", "normalize": "unit_norm"}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "item"):  # NumPy's scalars
        value = value.item()
    return repr(value) if isinstance(value, float) else str(value)


class Metric:
    """A metric with its parameters. ``kindred.Metric("cka-song", normalized=True)``; the subclasses name the families.

    ``kindred.metric_names()`` lists the names; ``help`` of a subclass lists its parameters.
    """

    default: ClassVar[str] = "dsa"

    def __init__(self, name: str = "", **parameters: Any):
        self._core = _core.Metric(name or self.default)
        known = self.parameters()
        for key, value in parameters.items():
            field = _SPELLINGS.get(key, key)
            if field not in known:
                import difflib

                near = difflib.get_close_matches(key, list(known), 1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; it takes {', '.join(known)}"
                raise TypeError(f"'{key}' is no parameter of the metric '{self.name}'{hint}")
            if value is None:
                continue
            if isinstance(known[field], bool) and not isinstance(value, bool):
                raise TypeError(f"{key}: {value!r}, expected True or False")
            word = "standard" if field == "effort" and value == "default" else _text(value)
            self._core.set(field, word)

    @property
    def name(self) -> str:
        """The family: dsa, spectral, cka ..."""
        return self._core.text().split(",")[0]

    def parameters(self) -> Dict[str, Any]:
        """Every parameter with its value."""
        return {name: value for name, value, _, _ in self._core.fields()}

    def text(self) -> str:
        """The metric with every parameter in words."""
        return self._core.text()

    def unit(self) -> str:
        """What its values are, such as "radians"."""
        return self._core.unit()

    def is_similarity(self) -> bool:
        """Whether larger values mean more alike, so that they are no distances."""
        return self._core.is_similarity()

    def of_operators(self) -> bool:
        """Whether it compares DMD operators rather than the recordings themselves."""
        return self._core.of_operators()

    def __repr__(self) -> str:
        return f"<kindred.Metric {self.text()}>"

    def __reduce__(self) -> Any:
        return _metric_of, (type(self), self.name, self.parameters())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Metric) and self.text() == other.text()

    def __hash__(self) -> int:
        return hash(self.text())


def _metric_of(kind: Any, name: str, parameters: Dict[str, Any]) -> "Metric":
    """The metric that was pickled."""
    return kind(name, **parameters) if kind is Metric else kind(**parameters)


def _describe(cls: Any) -> Any:
    """Appends the parameters, as the library describes them, to the docstring of a family."""
    lines: List[str] = []
    for name, value, words, meaning in _core.Metric(cls.default).fields():
        choice = f" ({', '.join(words)})" if words else ""
        lines.append(f"    {name} = {value!r}: {meaning}{choice}")
    cls.__doc__ += "\n\n    Parameters\n    ----------\n" + "\n".join(lines)
    return cls


def _family(default: str) -> Any:
    def make(cls: Any) -> Any:
        cls.default = default
        return _describe(cls)

    return make


class _Family(Metric):
    def __init__(self, **parameters: Any):
        super().__init__(self.default, **parameters)


@_family("dsa")
class DSA(_Family):
    """Dynamical Similarity Analysis (arXiv 2306.10168): min over orthogonal C of ||A - C B C^T||_F between DMD
    operators of unit norm, as an angle in [0, pi] or a Euclidean distance in [0, 2], with a proven lower bound."""


@_family("spectral")
class Spectral(_Family):
    """Squared 2-Wasserstein distance between the operators' eigenvalues (arXiv 2302.09160), or its root."""


@_family("cka")
class CKA(_Family):
    """Linear centred kernel alignment of the recordings (arXiv 1905.00414)."""


@_family("procrustes")
class Procrustes(_Family):
    """Procrustes analysis of the recordings (arXiv 2110.14739)."""


@_family("shape")
class Shape(_Family):
    """Generalized shape metrics (arXiv 2110.14739): Procrustes after partial whitening."""


@_family("cca")
class CCA(_Family):
    """Mean canonical correlation of the recordings; SVCCA (arXiv 1706.05806) with an explained variance below 1."""


@_family("rsa")
class RSA(_Family):
    """Representational similarity analysis: correlation of dissimilarity matrices over samples."""


@_family("linear-regression")
class LinearRegression(_Family):
    """1 - R^2 of linear regression (ridge with a penalty, partial least squares with components) from one recording to
    the other, mean of both directions or one."""


@_family("permutation")
class Matching(_Family):
    """Channels matched with each other: by a permutation (arXiv 2110.14739), in part (soft matching, arXiv 2311.09466),
    or by their correlations (arXiv 1511.07543)."""


@_family("mutual-knn")
class NeighbourGraph(_Family):
    """The samples' nearest samples: shares of mutual ones, Jaccard similarity, CKNNA (arXiv 2405.07987), second-order
    cosine."""


@_family("distance-correlation")
class DistanceCorrelation(_Family):
    """Distance correlation of the samples (doi 10.1214/009053607000000505), biased or bias-corrected."""


@_family("input-joint")
class InputDSA(_Family):
    """Operators with inputs (arXiv 2510.25943): alignment of A and B together, or of B alone."""


@_family("sgot")
class SpectralGrassmann(_Family):
    """Spectral-Grassmann transport (arXiv 2509.24920): eigenvalues and eigenspaces together, in shared coordinates."""


@_family("stochastic")
class StochasticShape(_Family):
    """Shape distance of noisy responses over repeated trials (arXiv 2211.11665): means and covariances, or energy."""


MetricLike = Union[str, Metric]


def as_metric(metric: MetricLike, parameters: Dict[str, Any]) -> Metric:
    """The metric of a name with these parameters, or the metric given."""
    if isinstance(metric, Metric):
        if parameters:
            raise TypeError(f"metric: a metric object has its parameters already; pass {', '.join(parameters)} to it")
        return metric
    if not isinstance(metric, str):
        raise TypeError(f"metric: {type(metric).__name__}, expected a name or a kindred.Metric")
    return Metric(metric, **parameters)


class MetricName(NamedTuple):
    """A line of the list of metrics."""

    name: str
    aliases: Tuple[str, ...]
    summary: str


def metric_names() -> List[MetricName]:
    """All metrics by name, with their aliases (among them the names of similarity-repository) and what they are."""
    return [MetricName(name, tuple(aliases), summary) for name, aliases, summary in _core.metric_names()]
