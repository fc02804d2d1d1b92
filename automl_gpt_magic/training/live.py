"""One line in a training cell that lays the measured curve over the predicted one, live."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..records.curve import Curve
from ..records.metric import METRICS
from ..records.run import Measured, Spread
from ..records.space import EARLY_STOPPING

Report = Measured | Spread
Listener = Callable[[Report], None]
Log = Mapping[str, Any]
Fit = Callable[..., Log]

_SECONDS_BETWEEN_REPORTS = 0.2
# A report redraws the panel in the training's own thread: it may cost this share of the time.
_SHARE_FOR_REPORTS = 0.02
_METRICS: Mapping[str, str] = {
    "logloss": "log_loss",
    "mlogloss": "log_loss",
    "binary_logloss": "log_loss",
    "multi_logloss": "log_loss",
    "error": "error",
    "merror": "error",
    "binary_error": "error",
    "multi_error": "error",
    "l1": "mae",
    **{name: name for name in METRICS},
}


class Announcements:
    """Who wants to hear of which training. One kernel has one, because a cell only knows its plan's name."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}

    def __reduce__(self) -> str:
        """Be pickled by name: a model that comes back from another process reports to whoever listens here."""
        return "announcements"

    def listen(self, names: str, listener: Listener) -> None:
        """Call ``listener`` with every report of the plan called ``names``; one listener a plan."""
        self._listeners[names] = listener

    def forget(self, names: str, listener: Listener) -> None:
        """Stop calling ``listener``, if it still is the one that is called."""
        if self._listeners.get(names) == listener:
            del self._listeners[names]

    def announce(self, report: Report) -> None:
        """Pass a report on; without a listener nothing happens."""
        listener = self._listeners.get(report.names)
        if listener:
            listener(report)


announcements = Announcements()


def watch(fit: Fit, names: str, revision: str, hyperparameters: Mapping[str, Any], rounds: str = "") -> Fit:
    """Return ``fit`` so that it reports its log to the panel while it trains; optional in every cell.

    Parameters
    ----------
    fit : callable
        ``fit(model, train, valid, report)`` calls ``report(log)`` after each step and returns the log, which maps
        each part, the training part first and the validation part last, to lists by metric.
    names : str
        The plan's prefix.
    revision : str
        The plan's revision when the cell was written, so that a cell of an earlier plan is noticed.
    hyperparameters : mapping
    rounds : str
        The hyperparameter that counts the steps; empty where a training is one step.
    """
    plain = getattr(fit, "__wrapped__", fit)  # the cell was run before
    configuration = dict(hyperparameters)

    def watched(*arguments: Any, report: Callable[[Log], Any] | None = None, **more: Any) -> Log:
        reports = _Reports(names, revision, configuration, int(configuration.get(rounds, 1)))

        def heard(log: Log) -> bool:
            reports.hear(log)
            return bool(report and report(log))

        log = plain(*arguments, report=heard, **more)
        reports.announce(log, finished=True)
        return log

    watched.__wrapped__ = plain  # type: ignore[attr-defined]
    return watched


def spread(names: str, hyperparameters: Mapping[str, Any], scores: Mapping[str, Sequence[float]]) -> None:
    """Show in the panel how much the scores vary from split to split; optional in every cell.

    Parameters
    ----------
    names : str
        The plan's prefix.
    hyperparameters : mapping
        Those that were trained on every split.
    scores : mapping of metric to list of scores
        One score a split.
    """
    found = {metric: tuple(float(score) for score in values) for metric, values in scores.items()}
    announcements.announce(Spread(names, dict(hyperparameters), found))


class _Reports:
    """Announces a log so far, at most five times a second and seldom enough to cost little, and at the end."""

    def __init__(self, names: str, revision: str, configuration: dict[str, Any], n_steps: int) -> None:
        self._names, self._revision, self._configuration, self._n_steps = names, revision, configuration, n_steps
        self._began = time.perf_counter()
        self._next = self._began + _SECONDS_BETWEEN_REPORTS

    def hear(self, log: Log) -> None:
        now = time.perf_counter()
        if now >= self._next:
            self.announce(log, finished=False)
            ended = time.perf_counter()
            self._next = ended + max(_SECONDS_BETWEEN_REPORTS, (ended - now) / _SHARE_FOR_REPORTS)

    def announce(self, log: Log, *, finished: bool) -> None:
        curves = measured_curves(log)
        if curves and finished and self._configuration.get(EARLY_STOPPING):
            curves = _kept_at_the_best(curves)
        if curves:
            seconds = time.perf_counter() - self._began
            announcements.announce(
                Measured(self._names, self._revision, self._configuration, curves, seconds, self._n_steps, finished)
            )


def _kept_at_the_best(curves: dict[str, Curve]) -> dict[str, Curve]:
    """Mark the step that early stopping keeps: the best of the loss, which is the last metric of a log."""
    *_, loss = curves.values()
    best = int(np.argmin(loss.value))
    return {metric: replace(curve, kept=best) for metric, curve in curves.items()}


def measured_curves(log: Log) -> dict[str, Curve]:
    """Return a training log as curves by metric.

    Parameters
    ----------
    log : mapping of part to (mapping of metric to list of values)
        Training part first, validation part last, metrics by our names, XGBoost's or LightGBM's; ``step`` may hold
        the list of the steps that were measured.
    """
    parts = [part for part in log.values() if isinstance(part, Mapping)]
    if len(parts) < 2:
        return {}
    training, validation = parts[0], parts[-1]
    known = [name for name in validation if name in _METRICS]
    curves = [_curve(_METRICS[name], validation[name], training.get(name), log.get("step")) for name in known]
    return {curve.metric: curve for curve in curves}


def last_value(log: Log, metric: str) -> float:
    """Return the last value of ``metric`` on the validation part, or of a metric by the library's own name.

    Raises
    ------
    ValueError
        If the log does not have it.
    """
    part = [part for part in log.values() if isinstance(part, Mapping)][-1]
    for name, values in part.items():
        if metric in (name, _METRICS.get(name)):
            return float(values[-1])
        if metric == "accuracy" and _METRICS.get(name) == "error":
            return 1 - float(values[-1])
    raise ValueError(f"the model reports {', '.join(part)} and not {metric}; see the fit function in the model cell")


def last_step(log: Log) -> int:
    """Return the step that was measured last."""
    if "step" in log:
        return int(log["step"][-1])
    part = [part for part in log.values() if isinstance(part, Mapping)][-1]
    return len(next(iter(part.values())))


def _curve(metric: str, validation: Any, training: Any, steps: Any) -> Curve:
    values, fitted = (None if part is None else np.asarray(part, dtype="float64") for part in (validation, training))
    assert values is not None
    if metric == "error":
        metric, values, fitted = "accuracy", 1 - values, None if fitted is None else 1 - fitted
    measured = np.arange(1, len(values) + 1) if steps is None else np.asarray(steps, dtype="int64")[: len(values)]
    return Curve(metric, measured, values, fitted, source="measured")
