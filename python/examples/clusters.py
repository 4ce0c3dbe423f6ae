"""Clustering, nearest neighbours and an embedding by scikit-learn, from distances of dynamics."""

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.manifold import MDS
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

import kindred
from kindred.sklearn import PairwiseDynamics

rhos = [0.25, 0.5, 0.75, 5, 10, 15, 30, 40, 50]
regimes = np.repeat(["one attractor", "two attractors", "chaos"], 3)
systems = [kindred.simulate.lorenz(rho, trials=50, stream=k) for k, rho in enumerate(rhos)]

metric = PairwiseDynamics("dsa", {"delays": 33, "interval": 6, "rank": 10})
distances = metric.fit_transform(systems)

clusters = AgglomerativeClustering(3, metric="precomputed", linkage="average").fit_predict(distances)
plane = MDS(2, dissimilarity="precomputed", random_state=0).fit_transform(distances)
for rho, regime, cluster, (x, y) in zip(rhos, regimes, clusters, plane):
    print(f"rho {rho:5}  {regime:15} cluster {cluster}  at ({x:6.2f}, {y:6.2f})")

# transform(new systems) gives their distances to those of the fit, so the estimator works in a pipeline; a nearest
# neighbour of each system among the others:
nearest = [regimes[np.argsort(row)[1]] for row in distances]
print("nearest neighbour has the same regime:", int(sum(a == b for a, b in zip(nearest, regimes))), "of", len(rhos))
