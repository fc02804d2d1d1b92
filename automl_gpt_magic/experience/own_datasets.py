"""From finished trainings on other rows than a plan's to its evidence, beside the recorded datasets.

What a configuration measured on other data says little of its level here, but something of the order of configurations.
So only differences count: how much better a run was than the run on the same rows that the recorded ones think best,
against how much better it should have been. The measured difference is brought to the spread of the predicted ones, as
losses vary more on some data than on others, and mixed with the predicted one by a weight below `_MOST_WEIGHT`.

The weights were chosen by taking recorded datasets of XGBoost for the user's own, with 5 to 40 of their configurations.
Those of unrelated data do no harm up to a weight of 0.15 and harm from 0.2 or 0.3 on, however similar the cards are;
those of more or fewer rows of the same table do none at 0.5. With only the level of each dataset removed, or with
differences that kept their size, recommendations were worse at every weight that was tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import one_line
from ..records.curve import LOWER_IS_BETTER
from ..records.evidence import Evidence, Forecast, Forecasting, OwnDataset
from ..records.run import Run
from ..records.space import SearchSpace, StepLimit
from .own_runs import at_level, in_space

Floats = NDArray[np.float64]

# Fewer configurations do not tell which are good: their dataset is shown and changes nothing.
_FEWEST = 5
# With very many configurations: whether the dataset is other rows of the same table.
_MOST_WEIGHT = {True: 0.5, False: 0.15}
_HALF_WEIGHT_AT = 10  # configurations
_ROUNDING = 1e-9
_LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class _Tried:
    """One configuration's first run, and the logarithms of its measured loss and of the one that is forecast here."""

    run: Run
    configuration: Mapping[str, Any]
    measured: float
    expected: float


@dataclass(frozen=True, eq=False)
class _Dataset:
    """All runs on the same rows, the newest one's date, and what of them can be compared."""

    about: OwnDataset
    tried: tuple[_Tried, ...]


def learn_from_others(
    runs: Mapping[int, Run],
    evidence: Evidence,
    forecast: Forecasting,
    *,
    space: SearchSpace,
    fixed: Mapping[str, Any],
    preprocessing: str,
    most_seconds: float | None,
    most_steps: StepLimit | None = None,
) -> tuple[Evidence, Forecasting]:
    """Return evidence and forecast with what was measured on the user's other data.

    Datasets of the same table come first, then the newest. Each corrects the forecast of the configurations that were
    measured on it. The first by whose correction one of them becomes better than the recommended one gives the
    recommendation, and its correction stays in the forecast, whose level does not move. A configuration that was
    measured on the very rows of the plan keeps its place. Where no run of the family was recorded, forecasts do not
    tell configurations apart by a loss, and nothing changes.

    Parameters
    ----------
    runs : mapping of number to Run
        On other rows than the plan's, of the same task.
    evidence : Evidence
        With what own runs on the same rows say.
    forecast : callable
        From a whole configuration.
    space : SearchSpace
        Runs of other families do not count.
    fixed : mapping
        The values of the model card; a configuration with others cannot be taken.
    preprocessing : str
        Digest of the plan's own data cell, which names the columns: where a run has the same, its rows are others of
        the same table. Empty without one.
    most_seconds : float or None
        The request's limit on training time; a configuration that is predicted to take longer cannot be taken.
    most_steps : StepLimit or None
        Its limit on the steps of a training; a configuration with more cannot be taken.
    """
    expected = forecast(evidence.configuration)
    metric = expected.loss.metric if expected.curves else ""
    datasets = _datasets([runs[number] for number in sorted(runs)], forecast, space, metric, preprocessing)
    evidence = replace(evidence, own_datasets=tuple(dataset.about for dataset in datasets))
    if evidence.own is not None and evidence.own.taken is not None:
        return evidence, forecast

    def may_be_taken(configuration: Mapping[str, Any]) -> bool:
        late = most_seconds is not None and forecast(configuration).seconds > most_seconds
        in_steps = most_steps is None or most_steps.allows(configuration)
        return not late and in_steps and all(configuration[name] == value for name, value in fixed.items())

    for place, dataset in enumerate(datasets):
        if len(dataset.tried) < _FEWEST or not LOWER_IS_BETTER[metric]:
            continue
        corrected = _corrected(forecast, dataset, metric)
        allowed = [one for one in dataset.tried if may_be_taken(one.configuration)]
        best = _better(dataset, allowed, corrected, evidence.configuration, metric)
        if best is not None:
            return _with(evidence, place, dataset, best, space, fixed), corrected
    return evidence, forecast


def _datasets(
    runs: list[Run], forecast: Forecasting, space: SearchSpace, metric: str, preprocessing: str
) -> list[_Dataset]:
    """Return the datasets with a run that counts: first those of the same table, then the newest."""
    by_rows: dict[str, list[Run]] = {}
    for run in runs:
        if run.family == space.family and metric in run.curves and 0 < run.curves[metric].final < math.inf:
            by_rows.setdefault(run.fingerprint, []).append(run)
    every = [_dataset(some, forecast, space, metric, preprocessing) for some in by_rows.values()]
    every.sort(key=lambda one: one.about.date, reverse=True)
    return sorted(every, key=lambda one: not one.about.same_table)


def _dataset(runs: list[Run], forecast: Forecasting, space: SearchSpace, metric: str, preprocessing: str) -> _Dataset:
    newest = max(runs, key=lambda run: run.date)
    best = min(runs, key=lambda run: run.curves[metric].final * (1 if LOWER_IS_BETTER[metric] else -1))
    about = OwnDataset(
        name=_short(newest.dataset),
        same_table=bool(preprocessing) and newest.preprocessing == preprocessing,
        n_runs=len(runs),
        date=newest.date,
        best=best.configuration,
        metric=metric,
        value=best.curves[metric].final,
        imported=bool(best.imported),
    )
    return _Dataset(about, tuple(_tried(runs, forecast, space, metric)))


def _tried(runs: list[Run], forecast: Forecasting, space: SearchSpace, metric: str) -> list[_Tried]:
    """Return each configuration of the space with its first run."""
    found: dict[tuple[Any, ...], _Tried] = {}
    for run in runs:
        configuration = in_space(run.configuration, space)
        if configuration is None or (values := tuple(configuration.values())) in found:
            continue
        curve, measured = forecast(configuration).curves[metric], run.curves[metric]
        expected = float(np.interp(measured.final_step, curve.steps, curve.value))
        if expected > 0:
            found[values] = _Tried(run, configuration, math.log(measured.final), math.log(expected))
    return list(found.values())


def _corrected(forecast: Forecasting, dataset: _Dataset, metric: str) -> Forecasting:
    """Return the forecast with what the dataset says of the configurations that were measured on it."""
    factors = np.exp(_corrections(dataset))

    def corrected(configuration: Mapping[str, Any]) -> Forecast:
        plain = forecast(configuration)
        for one, factor in zip(dataset.tried, factors, strict=True):
            if one.configuration == configuration:
                return replace(plain, curves={**plain.curves, metric: at_level(plain.curves[metric], float(factor))})
        return plain

    return corrected


def _corrections(dataset: _Dataset) -> Floats:
    """Return what is added to the logarithm of each tried configuration's forecast, nothing to the favourite's."""
    favourite = _favourite(dataset)
    measured = np.array([one.measured for one in dataset.tried])
    expected = np.array([one.expected for one in dataset.tried])
    shrink = min(1.0, float(expected.std() / measured.std())) if measured.std() > 0 else 0.0
    surprise = shrink * (measured - favourite.measured) - (expected - favourite.expected)
    return np.asarray(weight_of(dataset.about.same_table, len(dataset.tried)) * surprise)


def _favourite(dataset: _Dataset) -> _Tried:
    """Return the configuration that the recorded runs think best of those that were tried."""
    return min(dataset.tried, key=lambda one: one.expected)


def weight_of(same_table: bool, n_configurations: int) -> float:
    """Return the share of the measured differences between configurations; the rest is the predicted ones'."""
    return _MOST_WEIGHT[same_table] * n_configurations / (n_configurations + _HALF_WEIGHT_AT)


def _better(
    dataset: _Dataset,
    allowed: list[_Tried],
    corrected: Forecasting,
    recommended: Mapping[str, Any],
    metric: str,
) -> _Tried | None:
    """Return the best by the corrected forecast, if that is due to what was measured; else None.

    The favourite is no better for having been tried, so that it has to be beaten as the recommended one has.
    """
    if not allowed:
        return None

    def loss(configuration: Mapping[str, Any]) -> float:
        return corrected(configuration).curves[metric].final

    best = min(allowed, key=lambda one: loss(one.configuration))
    bar = min(loss(recommended), loss(_favourite(dataset).configuration))
    return best if loss(best.configuration) < bar * (1 - _ROUNDING) else None


def _with(
    evidence: Evidence,
    place: int,
    dataset: _Dataset,
    best: _Tried,
    space: SearchSpace,
    fixed: Mapping[str, Any],
) -> Evidence:
    """Return the evidence with a configuration of one of its own datasets as the recommended one."""
    about = replace(dataset.about, taken=True)
    measured = f"{about.metric.replace('_', ' ')} {math.exp(best.measured):.4g} there"
    imported = ", imported" if best.run.imported else ""
    runs = f"{about.n_runs} runs on {about.name}"
    reason = f"the best for this data of your {runs}, {best.run.date[:10]}{imported}: {measured}"
    what = "other rows of the same table" if about.same_table else "other data"
    weight = weight_of(about.same_table, len(dataset.tried))
    note = f"Your {runs} ({what}) decided between configurations: they count {weight:.0%} beside the recorded ones."
    own = evidence.own_datasets
    return replace(
        evidence,
        configuration=best.configuration,
        reasons={parameter.name: reason for parameter in space.parameters if parameter.name not in fixed},
        own_datasets=(*own[:place], about, *own[place + 1 :]),
        note=" ".join(filter(None, [evidence.note, note])),
    )


def _short(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
