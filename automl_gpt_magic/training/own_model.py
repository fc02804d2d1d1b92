"""A model that a user's function trains, and the log that the function reports."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from sklearn.base import BaseEstimator

from ..errors import AutoMLError, TrainingError, UsageError, did_you_mean, one_line
from ..records.metric import METRICS, is_own

Log = dict[str, dict[str, list[float]]]
_PREDICTING = ("predict", "predict_proba")


class OwnModel(BaseEstimator):  # type: ignore[misc]
    """What a user's function trains: the log that it reports, and the model that it returns.

    It predicts as that model does; without one, or where that has no ``predict``, it has none either.

    Parameters
    ----------
    function : callable
        ``function(config, report)``, or with ``train`` and ``valid`` besides.
    hyperparameters : mapping

    Attributes
    ----------
    log : dict
        Metrics of the training and of the validation part, a number for each step.
    trained : object
        What the function returned.
    """

    trained: Any = None

    def __init__(self, function: Callable[..., Any], hyperparameters: Mapping[str, Any]) -> None:
        self.function, self.hyperparameters = function, hyperparameters

    def fit(self, train: Any = None, valid: Any = None, report: Callable[[Log], Any] | None = None) -> OwnModel:
        """Call the function; ``train`` and ``valid`` are passed on where they are given.

        Raises
        ------
        TrainingError
            If the function raises, or reports nothing.
        UsageError
            If it reports what is no metric.
        """
        reported = _Reported(self.function.__name__, report)
        data = {} if train is None else {"train": train, "valid": valid}
        try:
            self.trained = self.function(dict(self.hyperparameters), reported.report, **data)
        except (AutoMLError, MemoryError):
            raise
        except Exception as error:  # whatever the user's code raises
            raise TrainingError(_said(self.function, error)) from error
        if not reported.log["validation"]:
            raise TrainingError(f"{self.function.__name__} reported nothing; call report(log_loss=...) after each step")
        self.log = reported.log
        return self

    def __getattr__(self, name: str) -> Any:
        if name in _PREDICTING:
            return getattr(self.trained, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "log")


class _Reported:
    """The log of one training."""

    def __init__(self, name: str, heard: Callable[[Log], Any] | None) -> None:
        self._name, self._heard = name, heard
        self._metrics: tuple[set[str], set[str]] | None = None
        self.log: Log = {"training": {}, "validation": {}}

    def report(self, *, training: Mapping[str, Any] | None = None, **validation: Any) -> bool:
        """Add a step to the log, and return whether the training is to stop."""
        if not validation:
            raise self._wrong("gives no validation value; write such as report(log_loss=0.4)")
        given = {"training": training or {}, "validation": validation}
        self._check(given)
        for part, values in given.items():
            for metric, value in values.items():
                self.log[part].setdefault(metric, []).append(self._number(metric, value))
        return bool(self._heard and self._heard(self.log))

    def _check(self, given: Mapping[str, Any]) -> None:
        """Hold a report to known metrics, and to those of the first one."""
        if not isinstance(given["training"], Mapping):
            raise self._wrong(f"has training={given['training']!r}; write such as training={{'log_loss': 0.3}}")
        for metric in (*given["validation"], *given["training"]):
            known = [name for name in METRICS if not is_own(name)]
            if metric not in known:
                raise self._wrong(f"has the unknown metric {metric!r}; {did_you_mean(metric, known)}")
        metrics = set(given["validation"]), set(given["training"])
        self._metrics = self._metrics or metrics
        if metrics != self._metrics:
            changed = ", ".join(sorted((metrics[0] ^ self._metrics[0]) | (metrics[1] ^ self._metrics[1])))
            raise self._wrong(f"has other metrics than the first one ({changed}); report the same ones each time")

    def _number(self, metric: str, value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            raise self._wrong(f"has {metric}={value!r}, which is no number") from None

    def _wrong(self, said: str) -> UsageError:
        return UsageError(one_line(f"a report of {self._name} {said}"[:300]))


def _said(function: Callable[..., Any], error: Exception) -> str:
    """Return in one line what the function raised, and in which of its lines."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if code and frame.filename == code.co_filename]
    where = f" in line {lines[-1]}" if lines else ""
    words = " ".join(str(error).split())[:300] or "no further words"
    return one_line(f"{function.__name__} failed{where}: {type(error).__name__}: {words}; correct it and train again")
