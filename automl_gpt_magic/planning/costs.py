"""How much work a prediction of a planned model takes, and how large its file is, before anything is trained.

Of trees both follow from how many there are and how many leaves each has. How many leaves, what a leaf takes in the
file, and how the time of a prediction divides up was measured on 132 trainings of 10 to 1,080 trees, each on 180 to
2,400 rows of one of 15 public tables (with scikit-learn 1.9, XGBoost 3.2, LightGBM 4.7). A network's parameters and
multiply-adds are counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..records.card import DataCard
from ..records.table import TableProfile
from .families import Family
from .families.torch_training import TorchFamily

# Rows of the call by which two models are compared.
_ROWS = 1_000


@dataclass(frozen=True)
class Times:
    """What a prediction's time is a sum of, in microseconds; only the ratios hold on another machine.

    Attributes
    ----------
    call : float
        Of a call, whatever the model.
    part : float
        Of a call for each tree or layer.
    width : float
        Of a row for each tree, or for each number that a layer gives.
    step : float
        Of a row for each split on the way to a leaf, or for each multiply-add.
    least : int
        How many layers every network of the family has.
    """

    call: float
    part: float
    width: float
    step: float
    least: int = 0


@dataclass(frozen=True)
class _Trees:
    """What was fitted to measured trees of one family.

    ``scale`` × most leaves to the ``power`` are the leaves of a tree. Where classes are told apart, ``by_lambda`` and
    ``by_gamma`` are the powers of 1 + the L2 penalty, and of 1 + the least gain, that divide them. The file has
    ``whole`` bytes, and more for each tree, each node, and each node and class.
    """

    scale: float
    power: float
    times: Times
    whole: float
    tree: float
    node: float
    by_lambda: float = 0.0
    by_gamma: float = 0.0
    node_and_class: float = 0.0


_FOREST = Times(12_000, 120, 0.0144, 0.0072)
_TREES: Mapping[str, _Trees] = {
    "XGBoost": _Trees(2.28, 0.38, Times(207, 0.088, 0.0027, 0.0019), 893, 657, 34, by_gamma=0.55),
    "LightGBM": _Trees(1.54, 0.775, Times(369, 0.236, 0.0018, 0.0072), 2_970, 231, 48, by_lambda=0.34),
    "HistGradientBoosting": _Trees(0.96, 0.9, Times(49, 5.99, 0.0015, 0.0081), 53_400, 3_870, 54.7),
    "RandomForestClassifier": _Trees(1.88, 0.63, _FOREST, 29_000, 16_800, 64, node_and_class=8),
    "RandomForestRegressor": _Trees(0.82, 0.98, _FOREST, 29_000, 15_300, 72),
}
_NETWORKS: Mapping[str, Times] = {
    "PyTorch MLP": Times(10, 110, 0.0015, 0.000022, least=2),
    "CNN": Times(66, 127, 0.0293, 0.000042, least=2),
    "ViT": Times(1, 238, 0.0062, 0.000032, least=5),
}
_NAMES_OF_A_LAYER = 350  # bytes in a file of weights
_BOOTSTRAPPED = 0.63  # of the rows that a tree of a forest is grown on


@dataclass(frozen=True)
class Work:
    """What decides how long the predictions of one model take, and how large its file is.

    Attributes
    ----------
    parts : float
        Trees or layers.
    width, steps : float
        For one row; see `Times`.
    n_bytes : float
    times : Times
    is_counted : bool
        Whether the size follows from the configuration alone.
    """

    parts: float
    width: float
    steps: float
    n_bytes: float
    times: Times
    is_counted: bool = False

    def seconds(self, batch: int) -> float:
        """Return how long a call takes where `Times` were measured; elsewhere ratios of it hold."""
        return 1e-6 * (self.times.call + self._taken(self.parts, batch))

    @property
    def amount(self) -> float:
        """The part of a large call's time that a smaller model may save, as `seconds`."""
        return 1e-6 * self._taken(self.parts - self.times.least, _ROWS)

    def _taken(self, parts: float, batch: int) -> float:
        return self.times.part * parts + batch * (self.times.width * self.width + self.times.step * self.steps)


def work_of(
    family: Family,
    card: DataCard,
    table: TableProfile | None,
    configuration: Mapping[str, Any],
    n_steps: int | None = None,
) -> Work | None:
    """Return what a prediction with these hyperparameters takes; None for a family of which nothing is known.

    Parameters
    ----------
    family : Family
    card : DataCard
    table : TableProfile or None
    configuration : mapping
    n_steps : int or None
        How many steps are kept, where training stops early; None for all that are planned.
    """
    if family.name in _TREES:
        return _of_trees(family, card, configuration, n_steps)
    if isinstance(family, TorchFamily) and family.name in _NETWORKS:
        return _of_network(family, card, table, configuration)
    return None


def _of_network(
    family: TorchFamily, card: DataCard, table: TableProfile | None, configuration: Mapping[str, Any]
) -> Work | None:
    planned = family.architecture(card, table, configuration)
    if planned is None:
        return None
    saved = planned.refitted or planned
    n_layers = sum(layer.repeats for layer in saved.layers)
    given = sum(layer.repeats * math.prod(layer.output) for layer in saved.layers)
    n_bytes = saved.n_bytes + _NAMES_OF_A_LAYER * n_layers
    times = _NETWORKS[family.name]
    return Work(n_layers, given, saved.multiply_adds, n_bytes, times, is_counted=saved.exact)


def _of_trees(family: Family, card: DataCard, configuration: Mapping[str, Any], n_steps: int | None) -> Work | None:
    n_classes = len(card.class_balance) or len(card.label_space) if card.is_classification else 0
    if card.n_rows is None or (card.is_classification and n_classes < 2):
        return None
    fitted = _TREES[family.name]
    most = _most_leaves(family.name, card.n_rows, n_classes, configuration)
    rounds = n_steps or configuration[family.rounds]
    if family.name == "LightGBM" and most < 2:
        rounds = 1  # without a split that is allowed it stops
    each_round = 1 if n_classes < 3 or _is_forest(family.name) else n_classes
    trees = rounds * each_round * configuration.get("num_parallel_tree", 1)
    leaves = _leaves(fitted, most, configuration, is_classification=n_classes > 0)
    nodes = trees * (2 * leaves - 1)
    n_bytes = fitted.whole + trees * fitted.tree + nodes * (fitted.node + fitted.node_and_class * n_classes)
    return Work(trees, trees, trees * math.log2(leaves), n_bytes, fitted.times)


def _leaves(fitted: _Trees, most: float, configuration: Mapping[str, Any], *, is_classification: bool) -> float:
    """Return about how many leaves a tree has."""
    grown: float = fitted.scale * most**fitted.power
    if is_classification:
        grown /= (1 + configuration.get("reg_lambda", 0.0)) ** fitted.by_lambda
        grown /= (1 + configuration.get("gamma", 0.0)) ** fitted.by_gamma
    return min(max(1.0, grown), max(1.0, most))


def _most_leaves(family: str, n_rows: int, n_classes: int, configuration: Mapping[str, Any]) -> float:
    """Return how many leaves depth, limits and rows leave room for."""
    limits = [configuration.get(name) or 0 for name in ("num_leaves", "max_leaves", "max_leaf_nodes")]
    depth = configuration.get("max_depth") or 0
    limits.append(2.0 ** min(depth, 64) if depth > 0 else 0)
    share = _BOOTSTRAPPED if _is_forest(family) else configuration.get("subsample", 1.0)
    by_rows = share * n_rows / _rows_of_a_leaf(family, n_classes, configuration)
    return min([max(1.0, by_rows), *(float(limit) for limit in limits if limit > 0)])


def _is_forest(family: str) -> bool:
    return family.startswith("RandomForest")


def _rows_of_a_leaf(family: str, n_classes: int, configuration: Mapping[str, Any]) -> float:
    if family == "XGBoost":
        # The weight of a row is the second derivative of the loss; here that where all classes are as likely.
        weight = {0: 1.0, 2: 0.25}.get(n_classes, 2 * (1 - 1 / max(1, n_classes)) / max(1, n_classes))
        return max(1.0, float(configuration["min_child_weight"]) / weight)
    if family == "LightGBM":
        return float(configuration["min_child_samples"])
    return max(float(configuration["min_samples_leaf"]), float(configuration.get("min_samples_split", 0)) / 2)
