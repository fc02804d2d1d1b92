"""What is said of a family that no run was recorded of: the library's defaults, and a band as wide as that is."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError
from ..records.card import DETECTION, REGRESSION, RETRIEVAL, DataCard
from ..records.curve import Curve, quantiles_within
from ..records.evidence import Evidence, Forecast
from ..records.metric import OF_BOXES, OF_RANKS, judged_by
from ..records.space import SearchSpace, StepLimit
from ..records.table import TableProfile
from .bank import load_bank
from .scales import scales

_SHOWN_STEPS = 40
_DEFAULT, _DEFAULT_ROUNDS = 0, 100
_QUANTILES = (0.1, 0.5, 0.9)
_SHARES = {DETECTION: OF_BOXES, RETRIEVAL: OF_RANKS}


class Prior:
    """The same as `Advice` without a run of the family: every configuration is predicted alike.

    On tables, the log is where XGBoost's default configuration stood on the recorded datasets of the same task, by the
    share of the default's steps that was done: their median, and the 80% of them in the middle. On other data nothing
    was recorded, and the band goes from knowing everything to knowing nothing.

    Parameters
    ----------
    card : DataCard
    table : TableProfile or None
    space : SearchSpace
    fixed : mapping
        Values that the user's model card sets.
    rounds : str
        The hyperparameter that counts the steps of a training; empty where a training is one step.
    most_steps : StepLimit or None
        The most steps that a training may take, if the request says so.

    Raises
    ------
    ExperienceError
        If the card names no task.
    """

    def __init__(
        self,
        card: DataCard,
        table: TableProfile | None,
        space: SearchSpace,
        fixed: Mapping[str, Any],
        rounds: str,
        *,
        most_steps: StepLimit | None = None,
    ) -> None:
        if not card.task:
            raise ExperienceError("no recorded runs for an unnamed task; name the task on the card")
        self._card, self._rounds = card, rounds
        self._usual_steps = int(space.default.get(rounds, 1))
        self._scales = scales(card, table)
        self._bank = load_bank().for_task(card.task) if card.input_type == "tabular" else None
        usual = most_steps.cut(space.default) if most_steps else space.default
        self.evidence = Evidence(
            (), {**usual, **fixed}, {}, False, 0.0, 0, 0, note=f"{self._said(space.family)} Train to know."
        )

    def forecast(self, configuration: Mapping[str, Any]) -> Forecast:
        """Return the band for a training of as many steps as ``configuration`` says; its time is not known."""
        n_steps = int(configuration.get(self._rounds, 1))
        steps = np.unique(np.geomspace(1, n_steps, _SHOWN_STEPS).round().astype("int64"))
        if self._card.task in _SHARES:
            return Forecast(self._of_shares(steps), nan)
        loss_scale, error_scale = self._scales
        names = ("rmse", "mae") if self._card.task == REGRESSION else ("log_loss", "accuracy")
        curves = [
            _curve(name, steps, scale, self._band(kind, steps / self._usual_steps))
            for name, kind, scale in zip(names, ("loss", "error"), (loss_scale, error_scale), strict=True)
        ]
        return Forecast({one.metric: one for one in curves}, nan)

    def _of_shares(self, steps: NDArray[np.int64]) -> dict[str, Curve]:
        """Return the curve of a metric from 0 to 1, of which nothing is known."""
        usual, judged = _SHARES[self._card.task], judged_by(self._card.metrics)
        metric = judged if judged in usual else usual[0]
        lower, value, upper = np.repeat([[0.0], [0.5], [1.0]], len(steps), axis=1)
        return {metric: Curve(metric, steps, value, quantiles=np.clip(quantiles_within(lower, value, upper), 0, 1))}

    def _band(self, kind: str, progress: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return lower bound, middle and upper bound (3, n) as shares of what knowing nothing gives."""
        if self._bank is None:
            return np.repeat([[0.0], [0.5], [1.0]], len(progress), axis=1)
        recorded = (self._bank.valid if kind == "loss" else self._bank.error)[:, _DEFAULT]
        rounds = np.maximum(progress * _DEFAULT_ROUNDS, 1)
        each = np.array([np.interp(rounds, self._bank.rounds, one) for one in recorded])
        return np.asarray(np.quantile(each, _QUANTILES, axis=0))

    def _said(self, family: str) -> str:
        if self._bank is None:
            return (
                f"No run of {family} or on {self._card.input_type} data was recorded: the values are the usual ones, "
                "and the band only says better than guessing."
            )
        return (
            f"No run of {family} was recorded: the values are its defaults, and the band is where XGBoost's default "
            f"stood on {len(self._bank.datasets)} recorded datasets of this task."
        )


def _curve(metric: str, steps: NDArray[np.int64], scale: float, band: NDArray[np.float64]) -> Curve:
    lower, value, upper = scale * band
    if metric == "accuracy":
        lower, value, upper = (np.clip(1 - part, 0, 1) for part in (upper, value, lower))
    return Curve(
        metric,
        steps,
        value,
        quantiles=np.clip(quantiles_within(lower, value, upper), 0, None if metric != "accuracy" else 1),
    )
