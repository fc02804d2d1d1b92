"""``automl_gpt_magic.trainer``: a user's own function becomes a model that cards can name."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import ParameterError, UsageError, did_you_mean, one_line
from ..records.space import Parameter, SearchSpace
from .families.catalogue import register
from .families.own import OwnTrainer, Trainer

Function = TypeVar("Function", bound=Callable[..., Any])

_RANGE = "write (low, high), (low, high, 'log') or a list of choices"
_LONGEST_NAME = 80


def trainer(
    name: str,
    *,
    parameters: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
    rounds: str = "",
    step: str = "epoch",
) -> Callable[[Function], Function]:
    """Make a function of yours a model: a model card of this name is then planned, trained and tuned as any other.

    The function is called as ``function(config, report)`` with a dict of hyperparameters. After each step it calls
    ``report(log_loss=..., accuracy=..., training={"log_loss": ...})`` with what it measured on its validation part and,
    if it likes, on its training part (``log_loss``, ``accuracy``, ``rmse``, ``mae``); a true answer asks it to stop.
    What it returns, if anything, is the trained model. A function with parameters ``train`` and ``valid`` gets them
    from the card's table: pairs of the prepared rows and their target.

    Parameters
    ----------
    name : str
        What a model card calls it.
    parameters : mapping
        For each hyperparameter ``(low, high)``, ``(low, high, "log")`` or a list of choices. Whole numbers as bounds
        make a whole number.
    defaults : mapping or None
        Values to begin with; without one, the middle of the range or the first choice.
    rounds : str
        The hyperparameter that counts the reports, with a range from 1; empty where a training reports once.
    step : str
        What is reported on, such as ``epoch``.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    UsageError
        If name, parameters or function cannot be used.

    Examples
    --------
    >>> @trainer("My net", parameters={"lr": (1e-4, 1e-1, "log"), "epochs": (1, 50)}, rounds="epochs")
    ... def my_net(config, report):
    ...     for epoch in range(config["epochs"]):
    ...         if report(log_loss=1 / (1 + epoch * config["lr"])):
    ...             break
    """
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"a trainer's name is one line of 1 to {_LONGEST_NAME} letters, as a model card writes it")
    space = SearchSpace(name.strip(), _parameters(parameters, defaults or {}))
    _check_rounds(space, rounds)

    def registered(function: Function) -> Function:
        register(OwnTrainer(Trainer(function, space, rounds, str(step), _reads_data(function))))
        return function

    return registered


def _parameters(ranges: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[Parameter, ...]:
    if not isinstance(ranges, Mapping) or not ranges:
        raise UsageError("parameters names no hyperparameter; write such as parameters={'lr': (0.001, 0.1, 'log')}")
    for name in defaults:
        if name not in ranges:
            raise UsageError(f"defaults names {name!r}, which is no parameter; {did_you_mean(name, map(str, ranges))}")
    return tuple(_with_default(_parameter(name, given), defaults) for name, given in ranges.items())


def _parameter(name: Any, given: Any) -> Parameter:
    if not isinstance(name, str) or not name.isidentifier():
        raise _wrong(name, "is no name of a hyperparameter; write a word such as lr")
    if isinstance(given, list):
        return _choice(name, given)
    if not isinstance(given, tuple) or len(given) not in (2, 3) or not all(map(_is_number, given[:2])):
        raise _wrong(name, f"is {given!r}; {_RANGE}")
    (low, high), log = given[:2], given[2:] == ("log",)
    if not low < high or given[2:] not in ((), ("log",)) or (log and low <= 0):
        raise _wrong(name, f"is {given!r}; {_RANGE}, low below high{' and above 0' if log else ''}")
    middle = math.sqrt(low * high) if log else (low + high) / 2
    if all(isinstance(bound, int) for bound in (low, high)):
        return Parameter(name, "int", round(middle), low, high, log=log)
    return Parameter(name, "float", float(f"{middle:.3g}"), low, high, log=log)


def _choice(name: str, given: list[Any]) -> Parameter:
    if not given or not all(isinstance(value, (str, int, float)) for value in given) or len(set(given)) < len(given):
        raise _wrong(name, f"is {given!r}; write different words or numbers as its choices")
    return Parameter(name, "choice", given[0], choices=tuple(given))


def _with_default(parameter: Parameter, defaults: Mapping[str, Any]) -> Parameter:
    if parameter.name not in defaults:
        return parameter
    try:
        return replace(parameter, default=parameter.check(defaults[parameter.name]))
    except ParameterError as error:
        raise UsageError(f"defaults: {error}") from None


def _check_rounds(space: SearchSpace, rounds: str) -> None:
    if not rounds:
        return
    if rounds not in space:
        raise UsageError(f"rounds names {rounds!r}; {did_you_mean(rounds, [one.name for one in space.parameters])}")
    if space[rounds].kind != "int" or space[rounds].low != 1:
        raise _wrong(rounds, "counts the rounds; write (1, most), as the best training may be one that ended early")


def _reads_data(function: Any) -> bool:
    """Tell whether a function takes the prepared data; raise where it cannot be called as a trainer."""
    name = getattr(function, "__name__", "")
    if not callable(function) or not name.isidentifier() or getattr(function, "__qualname__", "") != name:
        raise UsageError("a trainer is a function with a name of its own, outside any other; write it with def")
    taken = inspect.signature(function).parameters
    data = [word for word in ("train", "valid") if word in taken]
    try:
        inspect.signature(function).bind({}, print, **dict.fromkeys(data))
    except TypeError:
        data = ["wrong"]
    if len(data) == 1:
        raise UsageError(f"{name} must take (config, report), or (config, report, train, valid)")
    return bool(data)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(name: Any, said: str) -> UsageError:
    return UsageError(one_line(f"parameter {str(name)[:40]!r} {said}"[:300]))
