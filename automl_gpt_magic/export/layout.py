"""Which statements of the cells go into which script."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .code import Unit, has_star_import, units

_NOTHING = Unit("", "")


@dataclass(frozen=True)
class Layout:
    """The cells apart.

    Attributes
    ----------
    imports : tuple of Unit
        Of all cells.
    shared : tuple of Unit
        What stands in ``preprocess.py``.
    model : tuple of Unit
        What stands in ``model.py``; empty where the model cell needs what ``train.py`` does before it.
    cells : mapping of stage to tuple of Unit
        What stands in ``train.py``.
    apart : bool
        Whether ``shared`` only defines columns and functions, so that importing it reads no rows.
    functions : tuple of str
        The functions of ``shared`` that the preprocessing holds as values.
    """

    imports: tuple[Unit, ...]
    shared: tuple[Unit, ...]
    model: tuple[Unit, ...]
    cells: Mapping[str, tuple[Unit, ...]]
    apart: bool
    functions: tuple[str, ...]


def laid_out(cells: Mapping[str, str], given: Iterable[str], *, want_apart: bool) -> Layout:
    """Divide the cells among the scripts.

    Parameters
    ----------
    cells : mapping of stage to source
    given : iterable of str
        Names that stand for rows.
    want_apart : bool
        Whether columns and functions should be divided from what runs; done only where it changes nothing.
    """
    found = {stage: units(source) for stage, source in cells.items()}
    every = list(chain.from_iterable(found.values()))
    imports = [unit for unit in every if _can_move(unit, every)]
    # A comment above an import stays where it was.
    rest = {stage: _without(parts, imports) for stage, parts in found.items()}
    definitions, steps = _divided(rest.setdefault("data", []), set(given))
    known = not any(map(has_star_import, cells.values()))
    apart = want_apart and known and _changes_nothing(definitions, steps, set(given))
    shared, steps_left = (definitions, steps) if apart else (rest["data"], [])
    rest["data"] = steps_left
    model = rest["model"] if known and _stands_alone("model", rest) else []
    rest["model"] = [] if model else rest["model"]
    return Layout(
        tuple(imports),
        tuple(shared),
        tuple(model),
        {stage: tuple(parts) for stage, parts in rest.items()},
        apart,
        _passed_on(definitions, steps) if apart else (),
    )


def _stands_alone(stage: str, rest: Mapping[str, Sequence[Unit]]) -> bool:
    """Whether a cell may run before the others, in a module of its own, as far as ``train.py`` holds them."""
    bound, read = _names(rest[stage])
    others = {name: _names(parts) for name, parts in rest.items() if name != stage}
    return not any(bound & other[0] for other in others.values()) and not (
        read & others["data"][0] or bound & others["data"][1]
    )


def _names(parts: Sequence[Unit]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that statements bind, and those that they read."""
    return frozenset().union(*(unit.bound for unit in parts)), frozenset().union(*(unit.read for unit in parts))


def _can_move(unit: Unit, every: Sequence[Unit]) -> bool:
    """Whether an import may stand at the top: nothing but imports binds its names."""
    others = (one for one in every if not one.is_import)
    return bool(unit.nodes) and unit.is_import and not any(unit.bound & one.bound for one in others)


def _without(parts: Sequence[Unit], imports: Sequence[Unit]) -> list[Unit]:
    """Return the statements but imports; a comment above an import stays where it was."""
    kept = [Unit("", unit.gap.strip("\n")) if unit in imports else unit for unit in parts]
    kept = [unit for unit in kept if unit.text]
    return [_closer(unit) if not before.nodes else unit for before, unit in zip([_NOTHING, *kept], kept, strict=False)]


def _closer(unit: Unit) -> Unit:
    """Return a statement without blank lines above, where what stood there is gone; a function keeps them."""
    if any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in unit.nodes):
        return unit
    return Unit(unit.gap.lstrip("\n"), unit.text)


def _divided(parts: Sequence[Unit], running: set[str]) -> tuple[list[Unit], list[Unit]]:
    """Return what only defines, and what runs or needs what has run."""
    definitions: list[Unit] = []
    steps: list[Unit] = []
    for unit in parts:
        if all(map(_defines, unit.nodes)) and not unit.read & running:
            definitions.append(unit)
        else:
            steps.append(Unit("\n" + unit.gap.lstrip("\n"), unit.text))
            running = running | unit.bound
    return definitions, steps


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return True
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        return False
    calls = [one for one in ast.walk(node.value) if isinstance(one, ast.Call)]
    return all(_names_a_place(call.func) for call in calls)


def _names_a_place(called: ast.expr) -> bool:
    """Whether it is ``Path`` or ``Path(...).expanduser``, which read nothing."""
    if isinstance(called, ast.Attribute):
        return called.attr == "expanduser"
    return isinstance(called, ast.Name) and called.id == "Path"


def _changes_nothing(definitions: Sequence[Unit], steps: Sequence[Unit], given: set[str]) -> bool:
    """Whether steps that run after all definitions, in another module, do what they did between them."""
    bound = Counter(name for unit in (*definitions, *steps) for name in unit.bound)
    late = given.union(*(unit.bound for unit in steps))
    columns = {
        name for unit in definitions for name in unit.bound if any(isinstance(node, ast.Assign) for node in unit.nodes)
    }
    inside = [node for unit in steps for statement in unit.nodes for node in ast.walk(statement)]
    return (
        max(bound.values(), default=0) <= 1
        and not any(unit.read & late for unit in definitions)
        and not any(isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)) for node in inside)
        and not any(_reaches_into(node, columns) for node in inside)
    )


def _reaches_into(node: ast.AST, columns: set[str]) -> bool:
    """Whether it may change a list in place, such as ``columns.remove(...)``."""
    owner = node.value if isinstance(node, (ast.Attribute, ast.Subscript)) else None
    return isinstance(owner, ast.Name) and owner.id in columns


def _passed_on(definitions: Sequence[Unit], steps: Sequence[Unit]) -> tuple[str, ...]:
    """Return the functions that the steps hand to something, and the classes."""
    defined = [node for unit in definitions for node in unit.nodes]
    functions = {node.name for node in defined if isinstance(node, ast.FunctionDef)}
    inside = [node for unit in steps for statement in unit.nodes for node in ast.walk(statement)]
    called = {id(node.func) for node in inside if isinstance(node, ast.Call)}
    handed = {node.id for node in inside if isinstance(node, ast.Name) and id(node) not in called}
    return tuple(sorted(handed & functions | {node.name for node in defined if isinstance(node, ast.ClassDef)}))
