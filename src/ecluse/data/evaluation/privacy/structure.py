"""What of its persons a fitted estimator holds: rows, leaves, parameters.

Nothing of scikit-learn is loaded here: the estimator is what the sandbox built.
Source: Preen and Smith, SACRO-ML, structural attack (counts of parameters, least leaf, rows held).
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ecluse.data.evaluation.arrays import Floats
from ecluse.domain.disclosure import ModelFacts, ModelKind

LEAF: Final = -1
_KINDS: Final = (
    (("KNeighbors", "RadiusNeighbors", "NearestCentroid"), ModelKind.NEIGHBOURS),
    (("LinearSV", "LogisticRegression", "LinearRegression", "Ridge", "Lasso"), ModelKind.LINEAR),
    (("ElasticNet", "PoissonRegressor", "GammaRegressor", "SGD"), ModelKind.LINEAR),
    (("LinearDiscriminant", "GaussianNB", "BernoulliNB", "MultinomialNB"), ModelKind.LINEAR),
    (("SVC", "SVR"), ModelKind.SUPPORT_VECTORS),
    (("GaussianProcess",), ModelKind.GAUSSIAN_PROCESS),
    (("MLP",), ModelKind.NETWORK),
    (("DecisionTree", "ExtraTreeClassifier", "ExtraTreeRegressor"), ModelKind.TREE),
    (("Forest", "ExtraTrees", "Boosting", "AdaBoost"), ModelKind.ENSEMBLE),
)


def facts_of(estimator: Any, rows: Floats) -> ModelFacts:
    """Return what an estimator holds of the persons it was trained on, one a row.

    Of an ensemble, parameters are those of its largest tree: trees share the persons. Leaves are
    counted over all training rows, in every tree.
    """
    last, given = _last(estimator, rows)
    kind = kind_of(last)
    trees = list(_trees(last))
    leaves = tuple(int(one) for tree in trees for one in _occupied(tree, given))
    leaves += tuple(_histogram_leaves(last))
    return ModelFacts(kind, len(rows), _parameters(last, trees), leaves)


def kind_of(estimator: Any) -> ModelKind:
    """Return the kind of an estimator by its class; what is not known is OTHER."""
    name = type(estimator).__name__
    for starts, kind in _KINDS:
        if any(start in name for start in starts):
            return kind
    return ModelKind.OTHER


def _last(estimator: Any, rows: Floats) -> tuple[Any, Any]:
    """Return the step of a pipeline that predicts, and the rows as they reach it."""
    steps = getattr(estimator, "steps", None)
    if steps is None:
        return estimator, rows
    given = estimator[:-1].transform(rows) if len(steps) > 1 else rows
    return _last(steps[-1][1], given)


def _trees(estimator: Any) -> Iterator[Any]:
    """Yield the trees of an estimator, each with `apply`."""
    if hasattr(estimator, "tree_"):
        yield estimator
    members = getattr(estimator, "estimators_", None)
    for one in np.asarray(members, dtype=object).ravel() if members is not None else ():
        yield from _trees(one)


def _occupied(tree: Any, rows: Any) -> Floats:
    """Return how many rows reach each leaf that one reaches."""
    found = tree.apply(np.asarray(rows, np.float32))
    return np.asarray(np.unique(found, return_counts=True)[1])


def _histogram_leaves(estimator: Any) -> Iterator[int]:
    for stage in getattr(estimator, "_predictors", ()):
        for one in stage:
            nodes = one.nodes
            yield from (int(count) for count in nodes["count"][nodes["is_leaf"] == 1])


def _parameters(estimator: Any, trees: list[Any]) -> int:
    """Return how many numbers training chose; of trees, those of the largest."""
    if trees:
        return max(_of_tree(one) for one in trees)
    sizes = [len(one.nodes) for stage in getattr(estimator, "_predictors", ()) for one in stage]
    if sizes:
        return max(sizes)
    names = ("coef_", "intercept_", "coefs_", "intercepts_", "theta_", "var_", "feature_log_prob_")
    return sum(_size(getattr(estimator, name, None)) for name in names)


def _of_tree(tree: Any) -> int:
    """Two numbers an inner node (feature, cut), classes minus one a leaf."""
    inner = int((tree.tree_.children_left != LEAF).sum())
    classes = int(np.max(tree.tree_.n_classes))
    return 2 * inner + (int(tree.tree_.node_count) - inner) * max(1, classes - 1)


def _size(values: Any) -> int:
    if values is None:
        return 0
    if isinstance(values, list):
        return sum(int(np.size(one)) for one in values)
    return int(np.size(values))
