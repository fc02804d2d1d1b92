"""One line in a training cell that lays the measured curve over the predicted one, live."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..records.curve import Curve
from ..records.run import Measured

Listener = Callable[[Measured], None]

_SECONDS_BETWEEN_REPORTS = 0.2
# A report redraws the panel in the training's own thread: it may cost this share of the time.
_SHARE_FOR_REPORTS = 0.03
_METRICS: Mapping[str, str] = {
    "logloss": "log_loss",
    "mlogloss": "log_loss",
    "error": "accuracy",
    "merror": "accuracy",
    "rmse": "rmse",
    "mae": "mae",
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

    def announce(self, measured: Measured) -> None:
        """Pass a report on; without a listener nothing happens."""
        listener = self._listeners.get(measured.names)
        if listener:
            listener(measured)


announcements = Announcements()


def watch(model: Any, names: str, revision: str) -> None:
    """Report ``model``'s training log to the panel while it trains; optional in every cell.

    Parameters
    ----------
    model : xgboost.XGBModel
        Untrained; its ``fit`` needs ``eval_set`` with the training part first and the validation part second.
    names : str
        The plan's prefix.
    revision : str
        The plan's revision when the cell was written, so that a cell of an earlier plan is noticed.
    """
    rounds = model.get_num_boosting_rounds()
    model.set_params(callbacks=[_callback(names, revision, dict(model.get_xgb_params()), rounds)])


def _callback(names: str, revision: str, hyperparameters: dict[str, Any], rounds: int) -> Any:
    from xgboost.callback import TrainingCallback

    class Report(TrainingCallback):  # type: ignore[misc,unused-ignore]
        """Announces the log so far, at most five times a second and seldom enough to cost little, and at the end."""

        def before_training(self, model: Any) -> Any:
            self._began = time.perf_counter()
            self._next = self._began + _SECONDS_BETWEEN_REPORTS
            self._log: Mapping[str, Any] = {}
            return model

        def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
            self._log = evals_log
            now = time.perf_counter()
            if now >= self._next:
                self._announce(finished=False)
                ended = time.perf_counter()
                self._next = ended + max(_SECONDS_BETWEEN_REPORTS, (ended - now) / _SHARE_FOR_REPORTS)
            return False

        def after_training(self, model: Any) -> Any:
            self._announce(finished=True)
            return model

        def _announce(self, *, finished: bool) -> None:
            curves = measured_curves(self._log)
            if curves:
                seconds = time.perf_counter() - self._began
                values = {**hyperparameters, "n_estimators": rounds}
                announcements.announce(Measured(names, revision, values, curves, seconds, rounds, finished))

    return Report()


def measured_curves(log: Mapping[str, Mapping[str, Any]]) -> dict[str, Curve]:
    """Return XGBoost's ``evals_result`` as curves by metric; training part first, validation part last."""
    parts = list(log.values())
    if len(parts) < 2:
        return {}
    training, validation = parts[0], parts[-1]
    return {
        _METRICS[name]: _curve(_METRICS[name], np.asarray(values, dtype="float64"), np.asarray(training[name]))
        for name, values in validation.items()
        if name in _METRICS
    }


def _curve(metric: str, validation: Any, training: Any) -> Curve:
    if metric == "accuracy":
        validation, training = 1 - validation, 1 - training
    return Curve(metric, np.arange(1, len(validation) + 1), validation, training, source="measured")
