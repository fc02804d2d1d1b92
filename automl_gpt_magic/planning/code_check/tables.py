"""What the names of the preprocessing code stand for: tables, texts, lists, conditions on rows."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from .syntax import argument, assignments, by_column, each, method, receiver, walked, words

# Methods of a table that give a table with the same columns, or with ones that the call names.
_SAME = words(
    "abs apply assign astype bfill clip convert_dtypes copy drop drop_duplicates dropna ffill fillna filter head "
    "infer_objects interpolate isna isnull map mask nlargest notna notnull nsmallest query rank reindex rename "
    "replace reset_index round sample select_dtypes shift sort_index sort_values tail transform truncate where"
)
# Methods that give a table with columns that cannot be known from here.
OPENING = words(
    "add_prefix add_suffix eval explode join melt merge pipe pivot pivot_table set_axis set_index stack unstack"
)
CHANGES_ROWS = words(
    "dropna drop drop_duplicates sample query head tail nlargest nsmallest explode sort_values truncate melt stack "
    "pivot pivot_table"
)
NEW_TABLES = words("concat get_dummies DataFrame merge")
_MASKS = words("isna isnull notna notnull isin between duplicated")
_ROUNDS = 10

# A table whose columns are known, one whose columns are not, or no table.
Kind = Literal["known", "open", ""]


class _Binding(NamedTuple):
    """What a name gets somewhere: a value, an element of it, it as an argument, or nobody knows (None)."""

    name: str
    value: ast.expr | None
    how: Literal["value", "element", "argument"] = "value"


class Tables:
    """Follow the table through the code, as far as names can be followed without running them.

    A name means the same in all functions here; one that is also given something else is an open table.
    """

    def __init__(self, tree: ast.Module, prepare: ast.FunctionDef) -> None:
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        bindings = [*_assigned(tree), *_parameters(tree, self.functions, prepare)]
        bindings.sort(key=lambda binding: getattr(binding.value, "lineno", 0))
        self._bound: dict[str, list[_Binding]] = {}
        for binding in bindings:
            self._bound.setdefault(binding.name, []).append(binding)
        self._texts: dict[str, frozenset[str] | None] = {}
        self._kinds: dict[str, Kind] = {parameter.arg: "known" for parameter in each(prepare.args, ast.arg)}
        for _ in range(_ROUNDS):
            for binding in bindings:
                self._follow(binding)

    def _follow(self, binding: _Binding) -> None:
        kind = "" if binding.how == "element" else self.kind(binding.value)
        if binding.name in self._kinds and kind != "known":
            self._kinds[binding.name] = "open"
        elif kind:
            self._kinds.setdefault(binding.name, kind)

    def kind(self, node: ast.expr | None) -> Kind:
        """Return what kind of table an expression is."""
        if isinstance(node, ast.Name):
            return self._kinds.get(node.id, "")
        if isinstance(node, ast.Call):
            return self._call_kind(node)
        if isinstance(node, ast.Subscript):
            table, _, key = subscript_parts(node)
            several = isinstance(key, ast.Slice) or self._is_list(key) or self.is_mask(key)
            return self.kind(table) if several else ""
        return ""

    def _call_kind(self, call: ast.Call) -> Kind:
        table = receiver(call)
        if table is None:
            return "open" if any(self.kind(one) for one in call.args) else ""
        kind = self.kind(table)
        if not kind:
            return "open" if method(call) in NEW_TABLES and isinstance(table, ast.Name) else ""
        if method(call) in OPENING or self.adds_unknown(call):
            return "open"
        return kind if method(call) in _SAME else ""

    def adds_unknown(self, call: ast.Call) -> bool:
        """Whether ``assign`` or ``rename`` makes columns whose names are not written here."""
        if method(call) == "assign":
            return any(word.arg is None and self.strings(word.value) is None for word in call.keywords)
        given = argument(call, "columns")
        return method(call) == "rename" and not (isinstance(given, ast.Dict) and self._joined(given.values) is not None)

    def strings(self, node: ast.expr | None) -> frozenset[str] | None:
        """Return every text that an expression may be or list; None if that is not written in the code."""
        if isinstance(node, ast.Constant):
            return frozenset([node.value]) if isinstance(node.value, str) else None
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._joined(node.elts)
        if isinstance(node, ast.Dict):
            return self._joined(node.keys)
        if isinstance(node, ast.BinOp) and self._is_list(node):
            return self._joined([node.left, node.right])
        return self._texts_of(node.id) if isinstance(node, ast.Name) else None

    def _texts_of(self, name: str) -> frozenset[str] | None:
        if name not in self._texts:
            self._texts[name] = None  # while its values are looked at, which may hold it
            bound = self._bound.get(name, [_Binding(name, None)])
            self._texts[name] = self._joined(None if one.how == "argument" else one.value for one in bound)
        return self._texts[name]

    def _joined(self, nodes: Iterable[ast.expr | None]) -> frozenset[str] | None:
        found: set[str] = set()
        for node in nodes:
            strings = self.strings(node)
            if strings is None:
                return None
            found |= strings
        return frozenset(found)

    def _is_list(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            bound = self._bound.get(node.id, [_Binding(node.id, None)])
            return all(one.how == "value" and isinstance(one.value, (ast.List, ast.ListComp)) for one in bound)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Add) and self._is_list(node.left)
        return isinstance(node, (ast.List, ast.ListComp))

    def is_mask(self, node: ast.expr | None) -> bool:
        """Whether an expression picks rows: a comparison, or such joined by ``&``, ``|`` and ``~``."""
        if isinstance(node, ast.Name):
            bound = self._bound.get(node.id, [_Binding(node.id, None)])
            return all(not isinstance(one.value, ast.Name) and self.is_mask(one.value) for one in bound)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, (ast.BitAnd, ast.BitOr))
        if isinstance(node, ast.Call):
            return method(node) in _MASKS
        return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert))


def subscript_parts(node: ast.Subscript) -> tuple[ast.expr, ast.expr, ast.expr]:
    """Return the table of ``table[...]`` or ``table.loc[...]``, what picks its rows, and what its columns."""
    table = node.value
    if not (isinstance(table, ast.Attribute) and table.attr in ("loc", "at", "iloc", "iat")):
        return table, node.slice, node.slice
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        return table.value, node.slice.elts[0], node.slice.elts[1]
    return table.value, node.slice, ast.Slice()


def _assigned(tree: ast.Module) -> Iterator[_Binding]:
    followed: set[int] = set()
    pairs = [(target, _Binding("", value)) for target, value in assignments(walked(tree))]
    loops = [node for node in walked(tree) if isinstance(node, (ast.For, ast.comprehension))]
    pairs += [(loop.target, _Binding("", loop.iter, "element")) for loop in loops]
    for target, binding in pairs:
        if isinstance(target, ast.Name):
            followed.add(id(target))
            yield binding._replace(name=target.id)
    for name in each(tree, ast.Name):
        if isinstance(name.ctx, ast.Store) and id(name) not in followed:
            yield _Binding(name.id, None)


def _parameters(tree: ast.Module, functions: Mapping[str, ast.FunctionDef], prepare: ast.AST) -> Iterator[_Binding]:
    given: dict[tuple[int, int], list[ast.expr]] = {}
    for call in each(tree, ast.Call):
        for function, place, value in _handed(call):
            to = functions.get(function.id) if isinstance(function, ast.Name) else function
            given.setdefault((id(to), place), []).append(value)
    for node in walked(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            for place, parameter in enumerate(each(node.args, ast.arg)):
                unknown = [] if node is prepare else [None]
                for one in given.get((id(node), place), unknown):
                    yield _Binding(parameter.arg, one, "argument")


def _handed(call: ast.Call) -> Iterator[tuple[ast.expr, int, ast.expr]]:
    """Yield the functions that a call may give a table to, with the table's place among the arguments."""
    table = receiver(call)
    if isinstance(call.func, ast.Name):
        for place, value in enumerate(call.args):
            yield call.func, place, value
    elif table and (method(call) in ("assign", "pipe") or (method(call) == "apply" and by_column(call))):
        for function in [*call.args, *(keyword.value for keyword in call.keywords)]:
            yield function, 0, table
