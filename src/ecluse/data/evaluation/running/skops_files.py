"""A skops file inspected before anything is built from it: its types, its sizes, its arrays.

skops is an archive: `schema.json`, which names types and loaders, and arrays in files beside it.
The library trusts every estimator of scikit-learn; here only what is on our list is built, and no
function, method or operator of any module. Standard library and NumPy's reader of headers.
Sources: https://skops.readthedocs.io/en/stable/persistence.html; CVE-2024-37065.
"""

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy

from ecluse.data.evaluation.running.sniffing import HEAD, is_pickle
from ecluse.domain.errors import InvalidInput

SCHEMA: Final = "schema.json"
MOST_ENTRIES: Final = 20_000
MOST_UNPACKED_BYTES: Final = 1024 * 1024 * 1024
MOST_SCHEMA_BYTES: Final = 64 * 1024 * 1024
MOST_RATIO: Final = 200
"""Bytes that one byte may become: arrays of trees reach 60, a bomb 1,000."""
MOST_DEPTH: Final = 200

LOADERS: Final = frozenset(
    {
        *("CachedNode", "DefaultDictNode", "DictNode", "DTypeNode", "JsonNode", "ListNode"),
        *("LossNode", "NdArrayNode", "ObjectNode", "SetNode", "SliceNode", "SparseMatrixNode"),
        *("TreeNode", "TupleNode", "TypeNode", "RandomStateNode", "RandomGeneratorNode"),
    }
)
"""Readers of skops that build values. Not there: those of functions, of methods, of partial calls,
of operators, of bytes, of what `__reduce__` gives: each reaches for code by its name."""

_PLAIN: Final = (
    *("builtins.bool", "builtins.dict", "builtins.float", "builtins.int", "builtins.list"),
    *("builtins.set", "builtins.slice", "builtins.str", "builtins.tuple"),
    *("collections.OrderedDict", "collections.defaultdict"),
    *("numpy.bool", "numpy.bool_", "numpy.dtype", "numpy.float32", "numpy.float64", "numpy.int32"),
    *("numpy.int64", "numpy.ndarray", "numpy.uint32", "numpy.uint64", "numpy.uint8"),
    *("numpy.random._generator.Generator", "numpy.random.mtrand.RandomState"),
    *("scipy.sparse._csc.csc_matrix", "scipy.sparse._csr.csr_matrix"),
    *("scipy.sparse._csc.csc_array", "scipy.sparse._csr.csr_array"),
)
_ESTIMATORS: Final = (
    *("sklearn.calibration.CalibratedClassifierCV", "sklearn.decomposition._pca.PCA"),
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.decomposition._truncated_svd.TruncatedSVD",
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
    *("sklearn.dummy.DummyClassifier", "sklearn.dummy.DummyRegressor"),
    *("sklearn.ensemble._bagging.BaggingClassifier", "sklearn.ensemble._bagging.BaggingRegressor"),
    "sklearn.ensemble._forest.ExtraTreesClassifier",
    "sklearn.ensemble._forest.ExtraTreesRegressor",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._gb.GradientBoostingClassifier",
    "sklearn.ensemble._gb.GradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    *("sklearn.ensemble._voting.VotingClassifier", "sklearn.ensemble._stacking.StackingClassifier"),
    "sklearn.ensemble._weight_boosting.AdaBoostClassifier",
    "sklearn.feature_extraction.text.CountVectorizer",
    "sklearn.feature_extraction.text.HashingVectorizer",
    "sklearn.feature_extraction.text.TfidfTransformer",
    "sklearn.feature_extraction.text.TfidfVectorizer",
    *("sklearn.impute._base.MissingIndicator", "sklearn.impute._base.SimpleImputer"),
    "sklearn.linear_model._base.LinearRegression",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._coordinate_descent.Lasso",
    "sklearn.linear_model._glm.glm.GammaRegressor",
    "sklearn.linear_model._glm.glm.PoissonRegressor",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._logistic.LogisticRegressionCV",
    *("sklearn.linear_model._ridge.Ridge", "sklearn.linear_model._ridge.RidgeClassifier"),
    "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    "sklearn.linear_model._stochastic_gradient.SGDRegressor",
    *("sklearn.multiclass.OneVsRestClassifier", "sklearn.naive_bayes.BernoulliNB"),
    *("sklearn.naive_bayes.GaussianNB", "sklearn.naive_bayes.MultinomialNB"),
    "sklearn.neighbors._classification.KNeighborsClassifier",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
    "sklearn.neural_network._multilayer_perceptron.MLPRegressor",
    *("sklearn.pipeline.FeatureUnion", "sklearn.pipeline.Pipeline"),
    *("sklearn.preprocessing._data.MaxAbsScaler", "sklearn.preprocessing._data.MinMaxScaler"),
    *("sklearn.preprocessing._data.Normalizer", "sklearn.preprocessing._data.PowerTransformer"),
    "sklearn.preprocessing._data.QuantileTransformer",
    *("sklearn.preprocessing._data.RobustScaler", "sklearn.preprocessing._data.StandardScaler"),
    "sklearn.preprocessing._discretization.KBinsDiscretizer",
    *("sklearn.preprocessing._encoders.OneHotEncoder",),
    "sklearn.preprocessing._encoders.OrdinalEncoder",
    *("sklearn.preprocessing._label.LabelBinarizer", "sklearn.preprocessing._label.LabelEncoder"),
    "sklearn.preprocessing._polynomial.PolynomialFeatures",
    "sklearn.preprocessing._polynomial.SplineTransformer",
    *("sklearn.svm._classes.LinearSVC", "sklearn.svm._classes.LinearSVR"),
    *("sklearn.svm._classes.SVC", "sklearn.svm._classes.SVR"),
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._classes.ExtraTreeClassifier",
    "sklearn.tree._classes.ExtraTreeRegressor",
)
_LOSSES: Final = tuple(
    f"sklearn._loss._loss.{name}"
    for name in (
        *("CyAbsoluteError", "CyExponentialLoss", "CyHalfBinomialLoss", "CyHalfGammaLoss"),
        *("CyHalfMultinomialLoss", "CyHalfPoissonLoss", "CyHalfSquaredError", "CyHuberLoss"),
        *("CyHalfTweedieLoss", "CyHalfTweedieLossIdentity", "CyPinballLoss"),
    )
)
_INSIDE: Final = (
    *(
        f"sklearn._loss.link.{name}"
        for name in ("HalfLogitLink", "IdentityLink", "Interval", "LogLink", "LogitLink")
    ),
    "sklearn._loss.link.MultinomialLogit",
    *(
        f"sklearn._loss.loss.{name}"
        for name in (
            *("AbsoluteError", "ExponentialLoss", "HalfBinomialLoss", "HalfGammaLoss"),
            *("HalfMultinomialLoss", "HalfPoissonLoss", "HalfSquaredError", "HuberLoss"),
            "PinballLoss",
        )
    ),
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.linear_model._sgd_fast.Hinge",
    "sklearn.linear_model._sgd_fast.ModifiedHuber",
    "sklearn.linear_model._sgd_fast.SquaredHinge",
)
NAMED: Final = {
    "sklearn.tree._tree.Tree": "trees and forests: its arrays are checked before it predicts",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": "boosted trees by "
    "histogram: its arrays are checked before it predicts",
    "sklearn.calibration._CalibratedClassifier": "a model and its calibrator, values alone",
    "sklearn.calibration._SigmoidCalibration": "two numbers",
    "sklearn.isotonic.IsotonicRegression": "a table of steps",
    "sklearn.utils._bunch.Bunch": "a dictionary of estimators (voting, stacking)",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer": "what training left behind",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer": "what training left behind",
    "sklearn.neighbors._kd_tree.KDTree": "neighbours: runs here, never leaves, since it holds rows",
    "sklearn.metrics._dist_metrics.EuclideanDistance64": "the distance of neighbours",
}
"""Types that the library does not trust and that models need, each with the reason."""
TYPES: Final = frozenset({*_PLAIN, *_ESTIMATORS, *_LOSSES, *_INSIDE, *NAMED})
_MEMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,80}\.(npy|npz)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SkopsFacts:
    """What a file holds: its types, the estimator at its root, the bytes of its arrays."""

    types: tuple[str, ...]
    root: str
    entries: int
    unpacked_bytes: int

    @property
    def trusted(self) -> list[str]:
        """The types to name to the library: all are on our list."""
        return list(self.types)


def inspect(path: Path) -> SkopsFacts:
    """Return what a skops file holds, if it holds nothing that is refused.

    Raises:
        InvalidInput: it is no skops file; it swells, holds a pickle, or names a type or a loader
            that is not on the list.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = _check_entries(archive.infolist())
            for entry in archive.infolist():
                _check_member(archive, entry)
            schema = json.loads(archive.read(SCHEMA))
    except (zipfile.BadZipFile, ValueError, KeyError, RecursionError, OSError, EOFError):
        raise InvalidInput(
            "The file is no skops archive that can be read: save it again."
        ) from None
    types = tuple(sorted(set(_types(schema, depth=0))))
    return SkopsFacts(types, _full_name(schema), len(archive.infolist()), size)


def _check_entries(entries: list[zipfile.ZipInfo]) -> int:
    """Return how many bytes an archive unpacks to, if it is no bomb. Raises InvalidInput."""
    if len(entries) > MOST_ENTRIES:
        raise InvalidInput(f"The archive has {len(entries)} entries: {MOST_ENTRIES} at most.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or SCHEMA not in names:
        raise InvalidInput(f"The archive holds {SCHEMA} once, and no name twice: save it again.")
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > MOST_UNPACKED_BYTES or size > MOST_RATIO * max(packed, HEAD):
        raise InvalidInput(
            f"The archive unpacks {packed} bytes to {size}: it is not opened. Save it uncompressed."
        )
    return size


def _check_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.filename == SCHEMA:
        if entry.file_size > MOST_SCHEMA_BYTES:
            raise InvalidInput(
                f"{SCHEMA} has {entry.file_size} bytes: {MOST_SCHEMA_BYTES} at most."
            )
        return
    if _MEMBER.fullmatch(entry.filename) is None:
        raise InvalidInput("The archive holds a file that is no array: save the estimator alone.")
    with archive.open(entry) as file:
        head = file.read(HEAD)
    if is_pickle(head):
        raise InvalidInput("The archive holds a pickle in place of an array: it is not opened.")
    data = io.BytesIO(archive.read(entry))
    if entry.filename.endswith(".npy"):
        _check_array(data, entry.file_size)
    else:
        _check_sparse(data)


def _check_sparse(data: BinaryIO) -> None:
    """Pass if a sparse matrix, an archive itself, holds arrays alone and does not swell."""
    with zipfile.ZipFile(data) as inner:
        size = sum(entry.file_size for entry in inner.infolist())
        packed = sum(entry.compress_size for entry in inner.infolist())
        if size > MOST_UNPACKED_BYTES or size > MOST_RATIO * max(packed, HEAD):
            raise InvalidInput(f"A matrix unpacks {packed} bytes to {size}: it is not opened.")
        for entry in inner.infolist():
            _check_array(io.BytesIO(inner.read(entry)), entry.file_size)


def _check_array(data: BinaryIO, size: int) -> None:
    """Pass if an array holds plain numbers, and as many as its header says."""
    version = npy.read_magic(data)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, kind = read(data)
    if kind.hasobject:
        raise InvalidInput("An array holds objects, that is a pickle: it is not opened.")
    announced = math.prod(shape) * np.dtype(kind).itemsize
    if announced != size - data.tell():
        raise InvalidInput("An array announces another size than it has: save the model again.")


def _types(value: Any, *, depth: int) -> Iterator[str]:
    """Yield every type that a schema names, if all are on the list. Raises InvalidInput."""
    if depth > MOST_DEPTH:
        raise InvalidInput(f"The estimator nests values over {MOST_DEPTH} deep: simplify it.")
    if isinstance(value, dict):
        if "__class__" in value:
            yield _checked(value)
        for inner in value.values():
            yield from _types(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _types(inner, depth=depth + 1)


def _checked(node: dict[str, Any]) -> str:
    name, loader = _full_name(node), node.get("__loader__")
    if loader not in LOADERS:
        raise InvalidInput(
            f"The model asks for the reader {_shown(loader)}, which reaches for code: build it "
            "from estimators alone, without functions of your own."
        )
    if name not in TYPES:
        raise InvalidInput(
            f"The model holds {_shown(name)}, which is not on the list of types: use another "
            "estimator, or export it as ONNX."
        )
    return name


def _full_name(node: Any) -> str:
    if not isinstance(node, dict):
        raise InvalidInput(f"{SCHEMA} does not describe an estimator: save it again.")
    return f"{node.get('__module__')}.{node.get('__class__')}"


def _shown(name: object) -> str:
    kept = "".join(letter if letter.isprintable() else "?" for letter in str(name)[:80])
    return f"“{kept}”"
