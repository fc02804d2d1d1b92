"""What the references search: fixed, so that figures of different versions are comparable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.configurations import recorded_family
from automl_gpt_magic.records.space import Parameter

# Of XGBoost all ranges are those of the package's space, which a test holds to the published ones.
_STEPS: Mapping[str, Mapping[str, Any]] = {
    "XGBoost": {"low": 50, "high": 600, "log": False},
    "LightGBM": {"low": 50, "high": 600, "log": False},
    "PyTorch MLP": {"low": 1, "high": 40},
}
_CONSTANTS: Mapping[str, Mapping[str, Any]] = {
    "XGBoost": {"learning_rate": 0.05, "max_depth": 5, "n_estimators": 300, "subsample": 0.8},
    "LightGBM": {"learning_rate": 0.05, "num_leaves": 20, "n_estimators": 300, "subsample": 0.8},
    "PyTorch MLP": {**recorded_family("PyTorch MLP").sensible, "epochs": 20},
}
FAMILIES = tuple(_STEPS)


@dataclass(frozen=True)
class Space:
    """A family's searched space, and the two configurations that need no search."""

    family: str
    steps: str
    parameters: tuple[Parameter, ...]
    default: Mapping[str, Any]
    constant: Mapping[str, Any]

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Return the configuration that Optuna proposes, its floats short enough to be written down exactly."""
        return {one.name: _suggest(trial, one) for one in self.parameters}

    def row(self, configuration: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values in the order of the parameters."""
        return tuple(configuration[one.name] for one in self.parameters)

    def configuration(self, row: tuple[Any, ...] | list[Any]) -> dict[str, Any]:
        """Undo `row`; further entries are ignored."""
        return {one.name: value for one, value in zip(self.parameters, row, strict=False)}


def space_of(family: str) -> Space:
    """Return the searched space of one of `FAMILIES`."""
    model, recorded = family_named(family), recorded_family(family)
    parameters = tuple(
        replace(one, **_STEPS[family]) if one.name == model.rounds else _within(one, recorded.wide.get(one.name))
        for one in model.space.parameters
    )
    default = model.space.default
    return Space(family, model.rounds, parameters, default, {**default, **_CONSTANTS[family]})


def _within(parameter: Parameter, limits: tuple[float, float] | None) -> Parameter:
    return replace(parameter, low=limits[0], high=limits[1]) if limits else parameter


def _suggest(trial: Any, one: Parameter) -> Any:
    if one.kind == "choice":
        return trial.suggest_categorical(one.name, list(one.choices))
    if one.kind == "int":
        return trial.suggest_int(one.name, int(one.low), int(one.high), log=one.log)
    return float(f"{trial.suggest_float(one.name, one.low, one.high, log=one.log):.4g}")
