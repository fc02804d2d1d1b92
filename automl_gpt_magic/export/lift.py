"""What moves from the cells into ``config.yaml``: paths, split and hyperparameters, as they stand in the code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..notebook.cells import literal_span, read_literal
from ..planning.recipes.training import hyperparameters_name
from ..records.plan import Plan
from .code import replaced

_SPLITTERS = ("train_test_split", "GroupShuffleSplit")
_SPLIT = {"test_size": "validation", "random_state": "seed"}


@dataclass
class Lifted:
    """The cells with expressions over the configuration in place of the values, and the values.

    ``path`` and ``test_path`` are as the cells write them; None where they read no file. ``hyperparameters`` is None
    where the training cell holds more than a plain dict of them; they then stay in it.
    """

    cells: dict[str, str]
    path: str | None = None
    test_path: str | None = None
    split: dict[str, Any] = field(default_factory=dict)
    hyperparameters: dict[str, Any] | None = None


def lift(plan: Plan, cells: Mapping[str, str]) -> Lifted:
    """Return the cells of ``plan`` with their settings taken out of the code."""
    lifted, card = Lifted(dict(cells)), plan.cards.data
    config, folder = f"{plan.names}_config", f"{plan.names}_folder"
    if "data" in cells:
        lifted.cells["data"], lifted.split = _split(cells["data"], config)
    if card.path and not card.frame:
        place = f"{folder} / {config}['data']['path']"
        lifted.cells["data"], lifted.path = _path(lifted.cells["data"], card.path, place)
    if card.split.test_path and "test" in cells:
        place = f"{folder} / {config}['data']['test_path']"
        lifted.cells["test"], lifted.test_path = _path(cells["test"], card.split.test_path, place)
    _take_hyperparameters(lifted, hyperparameters_name(plan.names), config)
    return lifted


def _take_hyperparameters(lifted: Lifted, variable: str, config: str) -> None:
    source = lifted.cells["training"]
    span, values = literal_span(source, variable), read_literal(source, variable)
    if span is None or values is None or not all(map(_is_plain, [*values, *values.values()])):
        return
    lifted.hyperparameters = values
    lifted.cells["training"] = f"{source[: span[0]]}{config}['hyperparameters']{source[span[1] :]}"


def _split(source: str, config: str) -> tuple[str, dict[str, Any]]:
    """Take share and seed of the one seeded split; nothing where the user wrote it otherwise."""
    calls = [node for node in ast.walk(ast.parse(source)) if any(_calls(node, name) for name in _SPLITTERS)]
    if len(calls) != 1:
        return source, {}
    given = [(one.arg, one.value) for one in calls[0].keywords if one.arg in _SPLIT]  # type: ignore[attr-defined]
    plain = [(_SPLIT[name], node) for name, node in given if isinstance(node, ast.Constant) and _is_plain(node.value)]
    changes: list[tuple[ast.expr, str]] = [(node, f"{config}['split'][{name!r}]") for name, node in plain]
    source = replaced(source, changes).replace(f", random_state={config}", f",\n    random_state={config}")
    source = source.replace(f"{config}['split']['seed'], ", f"{config}['split']['seed'],\n    ")
    return source, {name: node.value for name, node in plain}


def _path(source: str, expected: str, place: str) -> tuple[str, str | None]:
    """Take the path out of the call that reads a file; of several the one with the card's."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _reads_file(node)]
    nodes = [one for call in calls for one in call.args[:1] if isinstance(one, ast.Constant) and _is_text(one)]
    named = [node for node in nodes if node.value == expected] or (nodes if len(nodes) == 1 else [])
    return replaced(source, [(node, place) for node in named]), str(named[0].value) if named else None


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _reads_file(call: ast.Call) -> bool:
    """Whether it is such as ``pd.read_csv(...)`` or ``np.load(...)``, or the ``Path(...)`` of what is read later."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr.startswith("read_") or call.func.attr == "load"
    return _calls(call, "Path")


def _is_text(node: ast.Constant) -> bool:
    return isinstance(node.value, str)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))
