"""kindred.stats against independent formulas, and against the figures of the command line's promises."""

import itertools

import numpy as np
import pytest

import kindred


@pytest.fixture
def groups(random):
    """Points of three groups on a plane, and their distances."""
    points = np.concatenate([random.normal(size=(4, 2)) + 4 * k for k in range(3)])
    return np.linalg.norm(points[:, None] - points[None], axis=2), ["a"] * 4 + ["b"] * 4 + ["c"] * 4, points


def test_groups_equal_their_formulas(groups):
    d, labels, _ = groups
    n, found = len(d), kindred.stats.compare_groups(d, labels, permutations=199, resamples=50)
    total = (d**2)[np.triu_indices(n, 1)].sum() / n
    inside = [d[i, j] ** 2 for i, j in itertools.combinations(range(n), 2) if labels[i] == labels[j]]
    within = sum(inside) / 4
    assert found.systems == 12 and found.groups == 3 and found.left_out == []
    assert found.r_squared == pytest.approx(1 - within / total, rel=1e-12)
    assert found.pseudo_f == pytest.approx(((total - within) / 2) / (within / 9), rel=1e-12)
    assert found.within.value == pytest.approx(np.mean(np.sqrt(inside)), rel=1e-12)
    assert found.within.low <= found.within.value <= found.within.high
    assert found.accuracy == 1 and 0 < found.silhouette < 1
    assert found.permanova.p <= 0.02 and found.permanova.permutations == 199
    again = kindred.stats.compare_groups(d, labels, permutations=199, resamples=50)
    assert again == found


def test_several_matrices_share_their_q(groups, random):
    d, labels, _ = groups
    noise = random.uniform(1, 2, size=d.shape)
    noise = (noise + noise.T) * (1 - np.eye(len(d)))
    found = kindred.stats.compare_groups({"good": d, "noise": noise}, labels, permutations=199, resamples=0)
    assert [g.name for g in found] == ["good", "noise"]
    assert found[0].permanova.q == pytest.approx(min(2 * found[0].permanova.p, found[1].permanova.p), rel=1e-12)
    assert np.isnan(found[0].within.low)


def test_mantel_and_embedding(groups):
    d, _, points = groups
    iu = np.triu_indices(len(d), 1)
    squares = d**2
    c = kindred.stats.correlate(d, squares, permutations=99, resamples=20)
    assert c.pearson.value == pytest.approx(np.corrcoef(d[iu], squares[iu])[0, 1], rel=1e-12)
    assert c.spearman.value == pytest.approx(1, rel=1e-12)
    assert c.pearson_test.p == pytest.approx(0.01)
    assert len(kindred.stats.correlate_all([d, squares, d], permutations=9, resamples=0)) == 3
    e = kindred.stats.embedding(d)
    assert e.coordinates.shape == (12, 2) and e.stress == pytest.approx(0, abs=1e-7)
    back = np.linalg.norm(e.coordinates[:, None] - e.coordinates[None], axis=2)
    assert back == pytest.approx(d, abs=1e-9)


def test_comparisons_bring_their_labels(random):
    systems = {f"{label}{k}": random.normal(size=(30, 3)) @ mix for label, mix in
               (("a", np.eye(3)), ("b", np.diag([9.0, 1, 1]))) for k in range(3)}
    d = kindred.pairwise(systems, "procrustes")
    with pytest.raises(ValueError, match="labels"):
        kindred.stats.compare_groups(d)
    assert kindred.stats.compare_groups(d, ["a"] * 3 + ["b"] * 3, resamples=0).name == "procrustes"
    with pytest.raises(kindred.InvalidArgument, match="labels"):
        kindred.stats.compare_groups(d, ["a", "b"])
    with pytest.raises(ValueError, match="rows against columns"):
        kindred.stats.compare_groups(kindred.cross(systems, systems, "cka"), ["a"] * 6)


def test_the_mean_of_two_shapes_lies_half_way(random):
    x, y = random.normal(size=(40, 4)), random.normal(size=(40, 4))
    mean = kindred.stats.shape_mean([x, y])
    d = kindred.pairwise([x, y], "procrustes-euclidean")[0, 1]
    assert mean.converged and mean.mean.shape == (40, 4)
    assert mean.distances == pytest.approx([d / 2, d / 2], rel=1e-9)
    assert np.abs(mean.coordinates[:, 0]) == pytest.approx([d / 2, d / 2], rel=1e-9)
    angle = kindred.stats.shape_mean({"x": x, "y": y}, unit_norm=True)
    assert angle.distances[0] == pytest.approx(kindred.pairwise([x, y], "procrustes")[0, 1] / 2, rel=1e-9)
