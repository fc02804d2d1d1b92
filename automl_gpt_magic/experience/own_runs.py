"""From finished trainings on the very rows of a plan to its evidence: they count more than any similar dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..records.curve import LOWER_IS_BETTER, Array, Curve
from ..records.evidence import Evidence, Forecast, Forecasting, OwnRuns
from ..records.metric import METRICS
from ..records.run import Run
from ..records.space import SearchSpace, StepLimit

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class _Tried:
    """One configuration's first run, and what it measured as multiples of the forecast, by metric."""

    number: int
    run: Run
    configuration: Mapping[str, Any]
    level: Mapping[str, float]


def learn(
    runs: Mapping[int, Run],
    evidence: Evidence,
    forecast: Forecasting,
    *,
    space: SearchSpace,
    fixed: Mapping[str, Any],
    split: Mapping[str, Any],
    code: str,
    most_seconds: float | None,
    most_steps: StepLimit | None = None,
) -> tuple[Evidence, Forecasting]:
    """Return evidence and forecast with what was measured on the same rows.

    The forecast is brought to the measured level: for a configuration that was trained, to its own; for others, to the
    mean. A level is a factor and not a difference, so that it changes no order of configurations that were not trained
    and no loss becomes negative. The best measured configuration takes the transferred one's place where it is better
    than the forecast of that. A configuration counts once, by its first run: training it again changes nothing.

    Parameters
    ----------
    runs : mapping of number to Run
        All on the same rows and of the same task, the oldest first.
    evidence : Evidence
    forecast : callable
        From a whole configuration.
    space : SearchSpace
        Runs of other families do not count.
    fixed : mapping
        The values of the model card; a configuration with others cannot be taken.
    split : mapping
        Runs with another do not count.
    code : str
        Digest of the plan's own data and model cell; where runs of the same code are there, others do not count.
    most_seconds : float or None
        The request's limit on training time; a run that took longer cannot be taken.
    most_steps : StepLimit or None
        Its limit on the steps of a training; a run with more cannot be taken.
    """
    metric = next(iter(forecast(evidence.configuration).curves), "")
    alike = {
        number: run
        for number, run in runs.items()
        if run.family == space.family and run.split == split and metric in run.curves and math.isfinite(run.final)
    }
    counted = {number: run for number, run in alike.items() if run.code == code} or alike
    tried = _tried(counted, forecast, space)
    if not tried:
        return evidence, forecast
    level = _mean_level(tried)
    corrected = _corrected(forecast, tried, level)
    allowed = [one for one in tried if _may_be_taken(one, fixed, most_seconds, most_steps)]
    best = min(allowed, key=lambda one: _sign(metric) * one.run.curves[metric].final, default=None)
    note = " ".join(filter(None, [evidence.note, _note(len(counted), metric, level)]))
    evidence = replace(evidence, own=OwnRuns(len(counted), None, level), note=note)
    if best is None or not _wins(best, evidence, corrected, metric):
        return evidence, corrected
    reason = _reason(best, metric)
    reasons = {parameter.name: reason for parameter in space.parameters if parameter.name not in fixed}
    own = OwnRuns(len(counted), best.number, level)
    return replace(evidence, configuration=best.configuration, reasons=reasons, own=own), corrected


def _tried(runs: Mapping[int, Run], forecast: Forecasting, space: SearchSpace) -> list[_Tried]:
    """Return each configuration of the space with its first run."""
    found: dict[tuple[Any, ...], _Tried] = {}
    for number, run in runs.items():
        configuration = in_space(run.configuration, space)
        if configuration is not None and (values := tuple(configuration.values())) not in found:
            found[values] = _Tried(number, run, configuration, _level(run, forecast(configuration)))
    return list(found.values())


def in_space(configuration: Mapping[str, Any], space: SearchSpace) -> dict[str, Any] | None:
    """Return a configuration in the space's order; None where its hyperparameters or their values are others."""
    if set(configuration) != {parameter.name for parameter in space.parameters}:
        return None
    try:
        return {parameter.name: parameter.check(configuration[parameter.name]) for parameter in space.parameters}
    except ParameterError:
        return None


def _level(run: Run, forecast: Forecast) -> dict[str, float]:
    """Return what was measured at the run's last step as a multiple of what is forecast there, by metric."""
    level = {}
    for metric, measured in run.curves.items():
        if metric not in forecast.curves:
            continue
        curve = forecast.curves[metric]
        expected = _loss(metric, np.interp(measured.final_step, curve.steps, curve.value))
        factor = float(_loss(metric, measured.final) / expected) if expected > 0 else math.inf
        if 0 < factor < math.inf:
            level[metric] = factor
    return level


def _mean_level(tried: list[_Tried]) -> dict[str, float]:
    metrics = dict.fromkeys(metric for one in tried for metric in one.level)
    return {metric: float(np.median([one.level[metric] for one in tried if metric in one.level])) for metric in metrics}


def _corrected(forecast: Forecasting, tried: list[_Tried], level: Mapping[str, float]) -> Forecasting:
    def corrected(configuration: Mapping[str, Any]) -> Forecast:
        own = next((one.level for one in tried if one.configuration == configuration), {})
        plain = forecast(configuration)
        factors = {**level, **own}
        return replace(
            plain, curves={name: at_level(curve, factors.get(name, 1.0)) for name, curve in plain.curves.items()}
        )

    return corrected


def at_level(curve: Curve, factor: float) -> Curve:
    """Return a forecast at another level, its band as wide as it was."""
    metric = curve.metric
    value, training = (
        None if part is None else _loss(metric, _loss(metric, part) * factor) for part in (curve.value, curve.training)
    )
    assert value is not None
    quantiles = None if curve.quantiles is None else _possible(metric, value + (curve.quantiles - curve.value))
    return replace(curve, value=value, training=training, quantiles=quantiles)


def _loss(metric: str, value: Any) -> Any:
    """Return what is left to lose: an accuracy's distance to 1; it is its own inverse."""
    return value if LOWER_IS_BETTER.get(metric, True) else 1 - value


def _possible(metric: str, values: Array) -> Array:
    return np.clip(values, METRICS[metric].lowest, METRICS[metric].highest)


def _may_be_taken(
    one: _Tried, fixed: Mapping[str, Any], most_seconds: float | None, most_steps: StepLimit | None
) -> bool:
    in_time = most_seconds is None or one.run.seconds <= most_seconds
    in_steps = most_steps is None or most_steps.allows(one.configuration)
    return in_time and in_steps and all(one.configuration[name] == value for name, value in fixed.items())


def _wins(best: _Tried, evidence: Evidence, corrected: Forecasting, metric: str) -> bool:
    """Tell whether the best run is better than the transferred configuration is forecast, or of that very one."""
    if best.configuration == evidence.configuration:
        return True
    measured, expected = best.run.curves[metric].final, corrected(evidence.configuration).curves[metric].final
    return _sign(metric) * (expected - measured) > _ROUNDING * abs(expected)


def _sign(metric: str) -> int:
    return 1 if LOWER_IS_BETTER.get(metric, True) else -1


def _note(n_runs: int, metric: str, level: Mapping[str, float]) -> str:
    measured = f"{n_runs} run{'s on these rows were' if n_runs > 1 else ' on these rows was'} measured here"
    if metric not in level:
        return f"{measured}."
    moved = level[metric] - 1
    how = f"is {abs(moved):.1%} {'lower' if moved < 0 else 'higher'} by them, its band as wide as before"
    what = metric.replace("_", " ") if LOWER_IS_BETTER.get(metric, True) else f"error ({metric})"
    return f"{measured}: the predicted {what} {how}."


def _reason(best: _Tried, metric: str) -> str:
    measured = f"{metric.replace('_', ' ')} {best.run.curves[metric].final:.4g}"
    where = "imported" if best.run.imported else "measured here"
    return f"{where}: {measured} in run {best.number}, {best.run.date[:10]}"
