"""The code that scikit-learn's families share: they keep no log of both parts, and know no early stopping on ours."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.card import REGRESSION, DataCard
from ..metric_code import functions, in_a_log, others

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
        part = log.setdefault(name, {{{lists}}})
{lines}
    return step - log['step'][int(np.argmin(log['validation'][{loss!r}]))]'''
_LINE = "        part[{metric!r}].append(float({code}))"
_FIT_AT_ONCE = '''\
def {names}_fit(model, train, valid, report=None):
    """Train in one step, and measure both parts; `report` hears the log."""
    log = {{}}
    model.fit(*train)
    {names}_measure(log, 1, *((y, model.{predict}(x)) for x, y in (train, valid)))
    if report:
        report(log)
    return log'''
_ASKED = '''\
def {names}_asked(y, p):
    """Return what the card asks for beside the log's own metrics; p is what the model gives: {given}."""
    return {{
{lines}
    }}'''


def logged_always(card: DataCard) -> tuple[str, str]:
    """Return the error and the loss, which every log holds."""
    return ("mae", "rmse") if card.task == REGRESSION else ("accuracy", "log_loss")


def logged(card: DataCard) -> tuple[str, ...]:
    """Return the metrics of a log that this package's code measures: what else the card asks for, the loss last."""
    always = logged_always(card)
    return (*others(card, always), *always)


def asked(names: str, card: DataCard, logged: Sequence[str]) -> str:
    """Return the source of ``{names}_asked(y, p)``, the card's metrics that are not logged; empty without any."""
    code = in_a_log(others(card, logged), card)
    lines = "\n".join(f"        {metric!r}: float({one})," for metric, one in code.items())
    given = "numbers" if card.task == REGRESSION else "probabilities by class"
    return _ASKED.format(names=names, given=given, lines=lines) if code else ""


def asked_imports(card: DataCard, logged: Sequence[str]) -> Sequence[str]:
    """Return the import line that ``{names}_asked`` needs beside numpy; none where there is no such function."""
    called = functions(in_a_log(others(card, logged), card).values())
    return (f"from sklearn.metrics import {', '.join(called)}",) if called else ()


def measure(names: str, card: DataCard) -> str:
    """Return the source of ``{names}_measure``, which adds a step to a log."""
    code = in_a_log(logged(card), card)
    return _MEASURE.format(
        names=names,
        lists=", ".join(f"{metric!r}: []" for metric in code),
        lines="\n".join(_LINE.format(metric=metric, code=one) for metric, one in code.items()),
        loss=list(code)[-1],
    )


def measure_imports(card: DataCard) -> Sequence[str]:
    """Return the import lines that ``{names}_measure`` needs."""
    called = functions(in_a_log(logged(card), card).values())
    return ("import numpy as np", f"from sklearn.metrics import {', '.join(called)}")


def build(names: str, model: str) -> str:
    """Return the source of ``{names}_build`` for a model, an expression of ``own``, that may be stopped early."""
    return _BUILD.format(names=names, model=model)


def fit_at_once(names: str, card: DataCard) -> str:
    """Return the source of ``{names}_fit`` for a model that is trained in one step."""
    return _FIT_AT_ONCE.format(names=names, predict=predict(card))


def predict(card: DataCard) -> str:
    """Return the method whose result is measured."""
    return "predict" if card.task == REGRESSION else "predict_proba"
