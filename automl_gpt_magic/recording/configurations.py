"""Which families are recorded, and the configurations that all datasets of a family share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..planning.families import family_named
from ..planning.families.family import Family
from ..records.space import Parameter

Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Recorded:
    """How a family is recorded.

    Attributes
    ----------
    family : str
    steps : int
        Every run goes to this step, so that any smaller number of steps is a prefix of it.
    n_wide, n_narrow : int
        How many configurations fill the search space, and how many the region where they are usually good.
    sensible : mapping
        One configuration that a practitioner would start from; the rest is the library's default.
    wide, narrow : mapping of name to (low, high)
        The two regions, where they differ from the search space; of choices, which of them by number.
    most_rows : int
        Larger datasets are sampled.
    """

    family: str
    steps: int
    n_wide: int
    n_narrow: int
    sensible: Mapping[str, Any] = field(default_factory=dict)
    wide: Ranges = field(default_factory=dict)
    narrow: Ranges = field(default_factory=dict)
    most_rows: int = 6_000

    @property
    def model(self) -> Family:
        return family_named(self.family)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a configuration sets: every hyperparameter but the number of steps."""
        return tuple(one for one in self.model.space.parameters if one.name != self.model.rounds)


# The narrow region of XGBoost is where, in a first recording of 64 space-filling configurations on 52 of the datasets,
# four fifths of each dataset's six best lay; LightGBM's follows it. Those of the networks keep a run to
# seconds: of images, that limits channels and numbers a patch the most.
RECORDED: tuple[Recorded, ...] = (
    Recorded(
        "XGBoost",
        600,
        94,
        96,
        {"learning_rate": 0.05, "max_depth": 5, "subsample": 0.8, "colsample_bytree": 0.8},
        narrow={
            "learning_rate": (0.017, 0.3),
            "max_depth": (3, 9),
            "min_child_weight": (0.7, 10),
            "subsample": (0.6, 0.95),
            "colsample_bytree": (0.5, 0.95),
            "reg_lambda": (0.008, 3.2),
            "reg_alpha": (0.0001, 0.85),
            "gamma": (0, 3.4),
        },
    ),
    Recorded(
        "LightGBM",
        600,
        23,
        23,
        {"learning_rate": 0.05, "num_leaves": 20, "subsample": 0.8, "colsample_bytree": 0.8},
        narrow={
            "learning_rate": (0.017, 0.2),
            "num_leaves": (6, 64),
            "min_child_samples": (4, 60),
            "subsample": (0.6, 0.95),
            "colsample_bytree": (0.5, 0.95),
        },
    ),
    Recorded(
        "PyTorch MLP",
        40,
        11,
        11,
        {"learning_rate": 0.003, "batch_size": 128, "width": 192, "depth": 2, "dropout": 0.3},
        wide={"batch_size": (48, 1024), "width": (16, 384), "depth": (1, 5)},
        narrow={
            "learning_rate": (0.0005, 0.012),
            "batch_size": (48, 256),
            "width": (48, 256),
            "depth": (1, 3),
            "dropout": (0.05, 0.5),
        },
        most_rows=4_000,
    ),
    Recorded(
        "CNN",
        12,
        11,
        11,
        {"learning_rate": 0.003, "batch_size": 64, "channels": 16, "depth": 3, "dropout": 0.3},
        wide={"batch_size": (32, 512), "channels": (4, 16), "depth": (1, 4)},
        narrow={"learning_rate": (0.0005, 0.012), "batch_size": (32, 128), "channels": (6, 16), "depth": (2, 3)},
        most_rows=1_300,
    ),
    Recorded(
        "ViT",
        12,
        11,
        11,
        {"learning_rate": 0.002, "batch_size": 64, "patch_size": 7, "dim": 64, "depth": 2},
        wide={"batch_size": (32, 512), "patch_size": (1, 3), "dim": (16, 48), "depth": (1, 3)},
        narrow={
            "learning_rate": (0.0005, 0.006),
            "batch_size": (32, 128),
            "dim": (24, 48),
            "depth": (1, 2),
            "dropout": (0, 0.2),
        },
        most_rows=800,
    ),
)


def recorded_family(name: str) -> Recorded:
    """Return how the family of this name is recorded.

    Raises
    ------
    KeyError
        If it is not.
    """
    return {one.family: one for one in RECORDED}[name]


def shared_configurations(recorded: Recorded) -> list[dict[str, Any]]:
    """Return the library's default, a sensible constant, and two space-filling sets (scrambled Sobol points)."""
    from scipy.stats import qmc

    parameters = recorded.parameters
    default = {parameter.name: parameter.default for parameter in parameters}
    wide, narrow = (
        qmc.Sobol(len(parameters), seed=seed).random(128)[:count]
        for seed, count in ((1, recorded.n_wide), (2, recorded.n_narrow))
    )
    filling = [_configuration(parameters, point, recorded.wide) for point in wide]
    filling += [_configuration(parameters, point, {**recorded.wide, **recorded.narrow}) for point in narrow]
    return [default, {**default, **recorded.sensible}, *filling]


def _configuration(parameters: tuple[Parameter, ...], point: Any, ranges: Ranges) -> dict[str, Any]:
    return {
        one.name: _value(one, float(share), ranges.get(one.name)) for one, share in zip(parameters, point, strict=True)
    }


def _value(parameter: Parameter, share: float, limits: tuple[float, float] | None) -> Any:
    if parameter.kind == "choice":
        first, last = limits or (0, len(parameter.choices) - 1)
        return parameter.choices[min(int(first + share * (last - first + 1)), int(last))]
    low, high = limits or (parameter.low, parameter.high)
    if parameter.kind == "int" and not parameter.log:
        return min(int(low + share * (high - low + 1)), int(high))
    value = math.exp(math.log(low) + share * math.log(high / low)) if parameter.log else low + share * (high - low)
    return round(value) if parameter.kind == "int" else float(f"{value:.4g}")
