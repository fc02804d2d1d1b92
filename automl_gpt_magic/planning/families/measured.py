"""The code that scikit-learn's families share: they keep no log of both parts, and know no early stopping on ours."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.card import REGRESSION, DataCard

_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model; the task fixes the loss, the training cell the rest."""
    own = {{name: value for name, value in hyperparameters.items() if name != 'early_stopping_rounds'}}
    model = {model}
    model.early_stopping_rounds = hyperparameters.get('early_stopping_rounds')  # for {names}_fit
    return model'''
_MEASURE = '''\
def {names}_measure(log, step, *parts):
    """Add a step to the log; a part is its target and prediction. Return how many steps ago the loss was best."""
    log.setdefault('step', []).append(step)
    for name, (y, p) in zip(('training', 'validation'), parts, strict=True):
        part = log.setdefault(name, {{{error!r}: [], {loss!r}: []}})
        part[{error!r}].append(float({error_of}))
        part[{loss!r}].append(float({loss_of}))
    return step - log['step'][int(np.argmin(log['validation'][{loss!r}]))]'''
_FIT_AT_ONCE = '''\
def {names}_fit(model, train, valid, report=None):
    """Train in one step, and measure both parts; `report` hears the log."""
    log = {{}}
    model.fit(*train)
    {names}_measure(log, 1, *((y, model.{predict}(x)) for x, y in (train, valid)))
    if report:
        report(log)
    return log'''
_CLASSIFICATION = {
    "error": "accuracy",
    "loss": "log_loss",
    "error_of": "accuracy_score(y, p.argmax(axis=1))",
    "loss_of": "log_loss(y, p, labels=range(p.shape[1]))",
}
_REGRESSION = {
    "error": "mae",
    "loss": "rmse",
    "error_of": "mean_absolute_error(y, p)",
    "loss_of": "root_mean_squared_error(y, p)",
}


def measure(names: str, card: DataCard) -> str:
    """Return the source of ``{names}_measure``, which adds a step to a log."""
    return _MEASURE.format(names=names, **(_REGRESSION if card.task == REGRESSION else _CLASSIFICATION))


def measure_imports(card: DataCard) -> Sequence[str]:
    """Return the import lines that ``{names}_measure`` needs."""
    of_numbers = "mean_absolute_error, root_mean_squared_error"
    functions = of_numbers if card.task == REGRESSION else "accuracy_score, log_loss"
    return ("import numpy as np", f"from sklearn.metrics import {functions}")


def build(names: str, model: str) -> str:
    """Return the source of ``{names}_build`` for a model, an expression of ``own``, that may be stopped early."""
    return _BUILD.format(names=names, model=model)


def fit_at_once(names: str, card: DataCard) -> str:
    """Return the source of ``{names}_fit`` for a model that is trained in one step."""
    return _FIT_AT_ONCE.format(names=names, predict=predict(card))


def predict(card: DataCard) -> str:
    """Return the method whose result is measured."""
    return "predict" if card.task == REGRESSION else "predict_proba"
