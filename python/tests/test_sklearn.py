import pickle

import numpy as np
import pytest

import kindred

pytest.importorskip("sklearn")
from kindred.sklearn import PairwiseDynamics  # noqa: E402

OPTIONS = {"delays": 5, "interval": 2, "rank": 4}


def test_fit_transform_is_pairwise_and_transform_is_cross(lorenz):
    systems = list(lorenz.values())
    model = PairwiseDynamics("dsa", OPTIONS)
    assert (model.fit_transform(systems) == np.asarray(kindred.pairwise(systems, **OPTIONS))).all()
    assert (model.transform(systems[:2]) == np.asarray(kindred.cross(systems[:2], systems, **OPTIONS))).all()
    assert model.n_systems_ == 6 and len(model.operators_) == 6
    other = pickle.loads(pickle.dumps(model))
    assert (other.transform(systems[:2]) == model.transform(systems[:2])).all()


def test_every_parameter_of_the_fit_is_used(lorenz):
    systems = list(lorenz.values())
    for options in ({"steps_ahead": 3}, {"ridge": 0.1}):
        model = PairwiseDynamics("dsa", {**OPTIONS, **options})
        assert (model.fit_transform(systems) == np.asarray(kindred.pairwise(systems, **OPTIONS, **options))).all()


def test_neighbours_clusters_and_embedding(lorenz):
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    systems, labels = list(lorenz.values()), [n.split()[0] for n in lorenz]
    classifier = make_pipeline(PairwiseDynamics("dsa", OPTIONS), KNeighborsClassifier(1, metric="precomputed"))
    assert (classifier.fit(systems, labels).predict(systems) == np.array(labels)).all()
    distances = PairwiseDynamics("dsa", OPTIONS).fit_transform(systems)
    found = AgglomerativeClustering(3, metric="precomputed", linkage="average").fit_predict(distances)
    assert len(set(found)) == 3


# Checks of scikit-learn that contradict a transformer whose samples are recordings.
EXCEPTIONS = {
    "check_dtype_object": "a table of Python objects is refused, not cast",
    "check_methods_subset_invariance":
        "columns are distances to the fitted systems; a pair's bits do not depend on the others",
    "check_fit2d_1feature": "a recording of one step has no dynamics",
}


def test_check_estimator():
    from sklearn.utils.estimator_checks import check_estimator

    try:
        results = check_estimator(PairwiseDynamics("cka"), on_fail=None)
    except TypeError:
        pytest.skip("this scikit-learn has no on_fail")
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    unexpected = {name: error for name, error in failed.items() if name not in EXCEPTIONS}
    assert not unexpected, unexpected
