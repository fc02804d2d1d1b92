"""The configurations that every recorded dataset shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..planning.families import XGBOOST
from ..records.space import Parameter

ROUNDS = 600
# Every run is recorded to the last round, so that any n_estimators up to ROUNDS is a prefix of it.
RECORDED = tuple(parameter for parameter in XGBOOST.parameters if parameter.name != "n_estimators")
_SENSIBLE = {"learning_rate": 0.05, "max_depth": 5, "subsample": 0.8, "colsample_bytree": 0.8}
_NARROWED: Mapping[str, tuple[float, float]] = {
    "learning_rate": (0.01, 0.15),
    "max_depth": (3, 8),
    "min_child_weight": (1, 16),
    "subsample": (0.6, 1),
    "colsample_bytree": (0.4, 0.9),
    "reg_lambda": (0.1, 20),
    "gamma": (0, 2),
}


def shared_configurations(n_wide: int = 38, n_narrow: int = 24) -> list[dict[str, Any]]:
    """Return XGBoost's default, one sensible constant, and two space-filling sets (scrambled Sobol points).

    The wide set covers the whole search space, the narrow one the region where configurations are usually good.
    """
    from scipy.stats import qmc

    default = {parameter.name: parameter.default for parameter in RECORDED}
    points = qmc.Sobol(len(RECORDED), seed=1).random(64)[: n_wide + n_narrow]
    ranges: list[Mapping[str, tuple[float, float]]] = [{}] * n_wide + [_NARROWED] * n_narrow
    filling = [_configuration(point, narrowed) for point, narrowed in zip(points, ranges, strict=True)]
    return [default, {**default, **_SENSIBLE}, *filling]


def _configuration(point: Any, narrowed: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    return {
        parameter.name: _value(parameter, float(share), *narrowed.get(parameter.name, (parameter.low, parameter.high)))
        for parameter, share in zip(RECORDED, point, strict=True)
    }


def _value(parameter: Parameter, share: float, low: float, high: float) -> float | int:
    if parameter.kind == "int":
        return min(int(low + share * (high - low + 1)), int(high))
    if parameter.log:
        return float(f"{math.exp(math.log(low) + share * math.log(high / low)):.4g}")
    return float(f"{low + share * (high - low):.4g}")
