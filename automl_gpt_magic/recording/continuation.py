"""Fit what a training's beginning says of its rest, on datasets whose forecast was made without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..experience.band import fitted_band
from ..experience.bank import Bank
from ..experience.continuation import Beginnings
from ..experience.level import expanded
from ..experience.trees import Trees

_FOLDS = 5
_DRAWS = 6  # of steps done and steps wanted, for each configuration
_LEAST_DONE, _MOST_DONE = 0.008, 0.9
_KNOTS = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
_TREES, _LEAVES, _LEARNING_RATE = 200, 31, 0.08
_LEAST_IN_A_LEAF, _LEAVES_TO_FILL = 20, 1_500


@dataclass(frozen=True, eq=False)
class Forecast:
    """The forecasts of C' configurations on one dataset that was left out, and what was measured, each (C', T)."""

    group: int
    task: str
    points: np.ndarray[Any, Any]
    forecast: np.ndarray[Any, Any]
    spread: np.ndarray[Any, Any]
    measured: np.ndarray[Any, Any]


def fitted_continuation(
    forecasts: Mapping[str, Sequence[Forecast]], bank: Bank
) -> tuple[Trees, dict[str, dict[str, Any]]]:
    """Return trees fitted to all datasets, and for each arm the `Band` around what such trees say of datasets left out.

    Parameters
    ----------
    forecasts : mapping of arm to sequence of Forecast
        Of every dataset, by what was known of it.
    bank : Bank
    """
    drawn = {arm: _drawn(every, bank) for arm, every in forecasts.items()}
    features = np.concatenate([one.begun.features() for one in drawn.values()])
    rest = np.concatenate([one.came - one.begun.moved for one in drawn.values()])
    groups = np.concatenate([one.groups for one in drawn.values()])
    moved = np.concatenate([one.begun.moved for one in drawn.values()])
    said = np.empty(len(rest))
    for fold in range(_FOLDS):
        out = groups % _FOLDS == fold
        if out.any():
            said[out] = _trained(features[~out], rest[~out]).predict(features[out])
    errors = expanded(moved + rest) - expanded(moved + said)
    ends = np.cumsum([len(one.came) for one in drawn.values()])[:-1]
    bands = {
        arm: fitted_band(missed, one.begun.signs, one.begun.places, one.groups, list(np.log(_KNOTS)), one.tasks)
        for (arm, one), missed in zip(drawn.items(), np.split(errors, ends), strict=True)
    }
    booster = _trained(features, rest)
    return as_arrays([tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]), bands


class _Drawn(NamedTuple):
    """Beginnings, what came at the wanted steps, and each one's group and task."""

    begun: Beginnings
    came: np.ndarray[Any, Any]
    groups: np.ndarray[Any, Any]
    tasks: np.ndarray[Any, Any]


def _drawn(forecasts: Sequence[Forecast], bank: Bank) -> _Drawn:
    """Return beginnings at random steps."""
    chance = np.random.default_rng(0)
    every = [one for one in forecasts for _ in range(_DRAWS)]
    parts = {name: np.concatenate([getattr(one, name) for one in every]) for name in ("points", "forecast", "spread")}
    measured = np.concatenate([one.measured for one in every])
    sizes = [len(one.measured) for one in every]
    groups, tasks = (np.repeat([getattr(one, name) for one in every], sizes) for name in ("group", "task"))
    rounds = bank.rounds.astype("float64")
    wanted = chance.choice(rounds[rounds >= rounds[-1] / 12], len(measured))
    share = np.exp(chance.uniform(np.log(_LEAST_DONE), np.log(_MOST_DONE), len(measured)))
    done = np.clip(np.round(share * wanted), 1, np.maximum(wanted - 1, 1))
    begun = Beginnings(rounds=rounds, measured=measured, done=done, wanted=wanted, **parts)
    came = replace(begun, done=wanted).moved
    return _Drawn(begun, came, groups, tasks)


def _trained(features: np.ndarray[Any, Any], rest: np.ndarray[Any, Any]) -> Any:
    import lightgbm

    settings = {
        "objective": "regression_l1",
        "num_leaves": _LEAVES,
        "learning_rate": _LEARNING_RATE,
        "min_data_in_leaf": max(_LEAST_IN_A_LEAF, len(rest) // _LEAVES_TO_FILL),
        "verbosity": -1,
        "seed": 0,
        "deterministic": True,
        "num_threads": 1,
    }
    return lightgbm.train(settings, lightgbm.Dataset(features, rest), _TREES)


def as_arrays(roots: Sequence[dict[str, Any]]) -> Trees:
    """Return LightGBM's trees, as ``dump_model`` gives them."""
    each = [_flat(root) for root in roots]
    size = max(len(nodes) for nodes in each)
    padded = np.array([nodes + [(-1, 0.0, 0, 0, 0.0)] * (size - len(nodes)) for nodes in each])
    kinds = ("int16", "float32", "int16", "int16", "float32")
    return Trees(*(padded[:, :, place].astype(kind) for place, kind in enumerate(kinds)))


def _flat(root: dict[str, Any]) -> list[tuple[float, float, float, float, float]]:
    """Return the nodes of a tree: feature, threshold, left, right and value."""
    nodes: list[tuple[float, float, float, float, float]] = []

    def place(node: dict[str, Any]) -> int:
        number = len(nodes)
        if "leaf_value" in node:
            nodes.append((-1, 0.0, 0, 0, node["leaf_value"]))
            return number
        nodes.append((node["split_feature"], node["threshold"], 0, 0, 0.0))
        left, right = place(node["left_child"]), place(node["right_child"])
        nodes[number] = (node["split_feature"], node["threshold"], left, right, 0.0)
        return number

    place(root)
    return nodes
