"""Read code that a language model wrote; nothing of it is run here."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ..errors import did_you_mean
from ..records.answer import CodeReport
from .families import XGBOOST

_LONGEST = 8_000
_MOST = 10
_PREPARE_MODULES = ("numpy", "pandas", "sklearn", "re", "math", "datetime")
_BUILD_MODULES = ("xgboost", "sklearn", "numpy")
_ESTIMATORS = ("XGBClassifier", "XGBRegressor")
_BUILTINS = frozenset(dir(builtins)) | {"__name__"}
# What the cells around the code mean by these names; a cell must not give them another meaning.
_MEANINGS = {"np": "numpy", "pd": "pandas"}
_FROM_SKLEARN = frozenset(
    ["ColumnTransformer", "train_test_split", "make_pipeline", "FunctionTransformer", "OrdinalEncoder", "clone"]
)
_FITTING = frozenset(["fit", "fit_transform", "fit_predict", "fit_resample", "partial_fit"])

_Finding = tuple[int, str]
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_prepare(source: str, names: str, columns: Collection[str], target: str) -> CodeReport:
    """Return what reading the preprocessing code shows.

    Parameters
    ----------
    source
        The code; it should define ``{names}_prepare(rows)``, a table of features to one with the same rows.
    names
        The prefix of the plan's names.
    columns
        The table's columns, as text; whether the target is among them makes no difference.
    target
        The target column, which the function never sees.
    """

    def find(text: str, tree: ast.Module) -> Iterator[_Finding]:
        yield from _shared_errors(text, tree, f"{names}_prepare", "rows", names, _PREPARE_MODULES)
        function = _defined(tree, f"{names}_prepare")
        if function and _parameter(function):
            yield from _return_errors(function)
            yield from _TableReader(tree, frozenset(columns) - {target}, target).errors(function)

    return _report(source, find)


def check_build(source: str, names: str, estimator: str) -> CodeReport:
    """Return what reading the model code shows.

    Parameters
    ----------
    source
        The code; it should define ``{names}_build(hyperparameters)``, which returns an untrained model.
    names
        The prefix of the plan's names.
    estimator
        ``XGBClassifier`` or ``XGBRegressor``, the class of that model.
    """

    def find(text: str, tree: ast.Module) -> Iterator[_Finding]:
        yield from _shared_errors(text, tree, f"{names}_build", "hyperparameters", names, _BUILD_MODULES)
        yield from _other_estimator(tree, estimator)
        function = _defined(tree, f"{names}_build")
        if function and _parameter(function):
            yield from _return_errors(function)
            yield from _model_errors(tree, function, estimator)

    return _report(source, find)


# Parsing


class _UnreadableError(Exception):
    """The code cannot be read; the message says why."""


def _report(source: str, find: Callable[[str, ast.Module], Iterator[_Finding]]) -> CodeReport:
    source = source.strip()
    try:
        tree = _parse(source)
        return CodeReport(source, _sentences(find(source, tree)), _sentences(_risks(tree)))
    except _UnreadableError as error:
        return CodeReport(source, (str(error),))
    except (RecursionError, MemoryError):
        return CodeReport(source, ("the code is nested too deeply to be read: write it in shorter steps.",))


def _parse(source: str) -> ast.Module:
    if len(source) > _LONGEST:
        raise _UnreadableError(f"the code has {len(source):,} characters: write at most {_LONGEST:,}.")
    _check_characters(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as for "\d", which the reader sees anyway
            tree = ast.parse(source)
            _table(source)  # finds what the grammar alone allows
    except (SyntaxError, ValueError) as error:
        # The parser's own message may be long; its first part says what is wrong.
        message = (getattr(error, "msg", "") or str(error)).split(";")[0].split(" - ")[0][:80]
        line = getattr(error, "lineno", None) or 1
        raise _UnreadableError(f"line {line}: this is not Python ({message}): write plain Python code.") from None
    return tree


# The same code is walked for each question; a few trees are kept for that.
@lru_cache(maxsize=8)
def _walked(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(node))


@lru_cache(maxsize=1)
def _table(source: str) -> symtable.SymbolTable:
    return symtable.symtable(source, "<code>", "exec")


def _check_characters(source: str) -> None:
    """Refuse what a person would not see: null bytes, and characters that reorder or hide text."""
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        hidden = next((letter for letter in line if not letter.isprintable() and letter != "\t"), None)
        if hidden is not None:
            raise _UnreadableError(
                f"line {number}: holds the invisible character U+{ord(hidden):04X}: remove it or write an escape."
            )


def _sentences(findings: Iterable[_Finding]) -> tuple[str, ...]:
    ordered = dict.fromkeys(sorted(findings))
    return tuple(f"line {line}: {text}" if line else text for line, text in ordered)


# What both pieces of code must be


def _shared_errors(
    source: str, tree: ast.Module, name: str, parameter: str, names: str, modules: tuple[str, ...]
) -> Iterator[_Finding]:
    yield from _import_errors(tree, modules)
    yield from _top_level_errors(tree)
    yield from _binding_errors(tree, name, names)
    yield from _signature_errors(tree, name, parameter)
    yield from _fitting_errors(tree)
    # The data cell imports these two itself.
    yield from _undefined(source, tree, frozenset(_MEANINGS) if "pandas" in modules else frozenset())


def _import_errors(tree: ast.Module, modules: tuple[str, ...]) -> Iterator[_Finding]:
    allowed = ", ".join(modules)
    for node, module, name, _ in _imports(tree):
        if module.split(".")[0] not in modules:
            yield node.lineno, f"imports {module or 'a relative module'}: import only {allowed}."
        if name == "*":
            yield node.lineno, f"imports every name of {module}: name those that you need."


def _imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str, str, str]]:
    """Yield each import as its statement, module, imported name (may be empty) and the name it gets."""
    for node in _walked(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, "", alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            module = "" if node.level else node.module or ""
            for alias in node.names:
                yield node, module, alias.name, alias.asname or alias.name


def _top_level_errors(tree: ast.Module) -> Iterator[_Finding]:
    for node in tree.body:
        if isinstance(node, _Function):
            yield from _definition_errors(node)
        elif not _is_harmless(node):
            yield (
                node.lineno,
                f"runs `{_shown(node)}` outside a function: keep to imports, constants and functions there.",
            )


def _definition_errors(node: _Function) -> Iterator[_Finding]:
    if isinstance(node, ast.AsyncFunctionDef):
        yield node.lineno, f"{node.name} is async: write a plain def."
    if node.decorator_list:
        yield node.lineno, f"{node.name} has a decorator, which would run at once: write it without."
    annotations = [argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    evaluated = [*node.args.defaults, *node.args.kw_defaults, *annotations, node.returns]
    if any(value is not None and not _is_literal(value, more=(ast.Subscript,)) for value in evaluated):
        yield node.lineno, f"{node.name} computes a default or annotation outside a function: write a literal."


def _is_harmless(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target)]
        return not any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in targets) and _is_literal(node.value)
    if isinstance(node, ast.AnnAssign):
        plain = isinstance(node.target, ast.Name) and _is_literal(node.annotation, more=(ast.Subscript,))
        return plain and (node.value is None or _is_literal(node.value))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))


_LITERAL = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Name, ast.Attribute)
_PARTS = (ast.UnaryOp, ast.unaryop, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.BitOr, ast.expr_context)


def _is_literal(value: ast.expr, more: tuple[type[ast.AST], ...] = ()) -> bool:
    """Whether an expression only puts values together; ``**`` is left out, as it can take forever."""
    return all(isinstance(node, (*_LITERAL, *_PARTS, *more)) for node in ast.walk(value))


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:59] + "…"


def _binding_errors(tree: ast.Module, own: str, names: str) -> Iterator[_Finding]:
    bound = list(_module_names(tree))
    for line, name, meaning in bound:
        if name == own:
            continue
        if name == names or name.startswith(f"{names}_"):
            yield line, f"defines {name}; names that begin with {names}_ belong to the plan: choose another."
        elif name in _BUILTINS or name == "rows":
            yield line, f"gives {name} another meaning in the whole notebook: choose another name."
        elif not _keeps_meaning(name, meaning):
            yield line, f"gives {name} another meaning than the cells around have: choose another name."
    for line, _, _ in [entry for entry in bound if entry[1] == own][1:]:
        yield line, f"defines {own} again: define it once."
    for node in _walked(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, "changes global names: pass values as arguments and return them."


def _module_names(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the line, name and imported meaning of what the code defines in the notebook."""
    for node in tree.body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.lineno, node.name, ""
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for _, module, name, bound in _imports(node):
                imported = f"{module}.{name}" if name else module
                yield node.lineno, bound, imported
        else:
            for name_node in ast.walk(node):
                if isinstance(name_node, ast.Name) and isinstance(name_node.ctx, ast.Store):
                    yield name_node.lineno, name_node.id, ""


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _keeps_meaning(name: str, meaning: str) -> bool:
    if name in _FROM_SKLEARN:
        return meaning.startswith("sklearn.") and meaning.endswith(f".{name}")
    return name not in _MEANINGS or meaning == _MEANINGS[name]


def _defined(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """Return the last definition of a function, which is the one that counts."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def _parameter(function: ast.FunctionDef) -> str:
    """Return the name of the only parameter; empty if there are others."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs
    return positional[0].arg if len(positional) == 1 and not others else ""


def _signature_errors(tree: ast.Module, name: str, parameter: str) -> Iterator[_Finding]:
    function = _defined(tree, name)
    if function is None:
        yield 0, f"the code defines no function {name} at its left margin: write `def {name}({parameter}):`."
    elif not _parameter(function):
        yield function.lineno, f"{name} has other parameters than one: write `def {name}({parameter}):`."


def _return_errors(function: ast.FunctionDef) -> Iterator[_Finding]:
    nodes = _own_nodes(function)
    if not any(isinstance(node, ast.Return) and not _is_none(node.value) for node in nodes):
        yield function.lineno, f"{function.name} returns nothing: end it with `return` and a value."
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes):
        yield function.lineno, f"{function.name} yields: end it with one `return`."


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


@lru_cache(maxsize=8)
def _own_nodes(function: ast.AST) -> tuple[ast.AST, ...]:
    """Return the nodes of a function without those of functions inside it."""
    found: list[ast.AST] = []
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        found.append(node)
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(node))
    return tuple(found)


def _fitting_errors(tree: ast.Module) -> Iterator[_Finding]:
    for node in _walked(tree):
        if isinstance(node, ast.Attribute) and node.attr in _FITTING:
            yield (
                node.lineno,
                f"calls .{node.attr}, which would learn from validation rows too: "
                "only compute here, the cells fit on training rows.",
            )


def _undefined(source: str, tree: ast.Module, provided: frozenset[str]) -> Iterator[_Finding]:
    used: dict[str, int] = {}
    for node in _walked(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used[node.id] = min(node.lineno, used.get(node.id, node.lineno))
    module = _table(source)
    defined = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    for name in sorted((_global_names(module) & used.keys()) - defined - _BUILTINS - provided):
        yield used[name], f"reads {name}, which is defined nowhere: define or import it."


def _global_names(module: symtable.SymbolTable) -> set[str]:
    """Return the names that are read in any scope and are no scope's own."""
    found: set[str] = set()
    todo = [module]
    while todo:
        table = todo.pop()
        todo.extend(table.get_children())
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table is module):
                found.add(symbol.get_name())
    return found


# The preprocessing code: columns and rows


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Methods of a table that give a table with the same columns, or with ones that the call names.
_SAME = _words(
    "abs apply assign astype bfill clip convert_dtypes copy drop drop_duplicates dropna ffill fillna filter head "
    "infer_objects interpolate isna isnull map mask nlargest notna notnull nsmallest query rank reindex rename "
    "replace reset_index round sample select_dtypes shift sort_index sort_values tail transform truncate where"
)
# Methods that give a table with columns that cannot be known from here.
_OPEN = _words(
    "add_prefix add_suffix eval explode join melt merge pipe pivot pivot_table set_axis set_index stack unstack"
)
_NEW_TABLES = frozenset(["concat", "get_dummies", "DataFrame", "merge"])
_CHANGES_ROWS = _words(
    "dropna drop drop_duplicates sample query head tail nlargest nsmallest explode sort_values truncate melt "
    "stack pivot pivot_table"
)
_MASKS = frozenset(["isna", "isnull", "notna", "notnull", "isin", "between", "duplicated"])
_ATTRIBUTES = _words("T at attrs axes columns dtypes empty flags iat iloc index loc ndim plot shape size style values")

# The table variables of a scope; True marks one whose columns cannot be known.
_Scope = dict[str, bool]


@dataclass(frozen=True)
class _Use:
    """A column's name where it is read, made, or named without harm if it is missing (``how``)."""

    line: int
    column: str
    how: str


@dataclass
class _TableReader:
    """Follow the table through the functions, as far as names can be followed without running them."""

    tree: ast.Module
    columns: frozenset[str]
    target: str
    functions: dict[str, ast.FunctionDef] = field(init=False)
    bound: dict[str, list[tuple[ast.expr | None, bool]]] = field(init=False)
    tried: set[int] = field(init=False)
    uses: list[_Use] = field(default_factory=list)
    all_open: bool = False

    def __post_init__(self) -> None:
        self.functions = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}
        self.bound = _bound_values(self.tree)
        tries = [node for node in _walked(self.tree) if isinstance(node, ast.Try) and node.handlers]
        self.tried = {id(node) for one in tries for part in one.body for node in ast.walk(part)}

    def errors(self, prepare: ast.FunctionDef) -> Iterator[_Finding]:
        """Yield the errors about columns, then those about rows."""
        scopes = self._scopes(prepare)
        for name, scope in scopes.items():
            self._collect(self.functions[name], scope)
        yield from self._column_errors()
        yield from self._row_errors(prepare.name, scopes)

    def _column_errors(self) -> Iterator[_Finding]:
        for use in self.uses:
            if use.column == self.target:
                yield use.line, f"names the target column {self.target!r}, which the rows do not hold: leave it out."
        if not self.all_open:
            yield from self._missing_columns()

    def _missing_columns(self) -> Iterator[_Finding]:
        """Yield the first place of each column that neither the table has nor the code makes."""
        known = self.columns | {self.target} | {use.column for use in self.uses if use.how != "read"}
        missing: dict[str, int] = {}
        for use in sorted(self.uses, key=lambda use: use.line):
            if use.column not in known:
                missing.setdefault(use.column, use.line)
        for column, line in list(missing.items())[:_MOST]:  # looking for similar names takes time
            yield line, f"reads the column {column!r}, which does not exist: {self._hint(column)}"

    def _hint(self, column: str) -> str:
        hint = did_you_mean(column, self.columns)
        hint = hint if len(hint) <= 120 else hint[:119] + "…"
        return hint if hint.endswith("?") else f"{hint}."

    # Which variables hold a table

    def _scopes(self, prepare: ast.FunctionDef) -> dict[str, _Scope]:
        """Return the table variables of each function that gets the table."""
        scopes: dict[str, _Scope] = {prepare.name: {_parameter(prepare): False}}
        for _ in range(len(self.functions) + 1):
            before = {name: dict(scope) for name, scope in scopes.items()}
            for name in list(scopes):
                self._grow(self.functions[name], scopes[name])
                self._hand_on(self.functions[name], scopes)
            if scopes == before:
                break
        return scopes

    def _grow(self, function: ast.AST, scope: _Scope) -> None:
        """Add the variables that get a table in a function."""
        assigned = _assignments(_walked(function))
        for _ in range(3):
            for targets, value in assigned:
                for target in targets:
                    self._assign(target, value, scope)

    def _assign(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if isinstance(target, ast.Name):
            kind = self._kind(value, scope)
            if target.id in scope:
                scope[target.id] = scope[target.id] or kind is not False
            elif kind is not None:
                scope[target.id] = kind
        elif isinstance(target, (ast.Tuple, ast.List)):
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and name.id in scope and isinstance(name.ctx, ast.Store):
                    scope[name.id] = True

    def _hand_on(self, function: ast.FunctionDef, scopes: dict[str, _Scope]) -> None:
        """Note the functions that a function gives its table to."""
        scope = scopes[function.name]
        for call in _walked(function):
            if isinstance(call, ast.Call):
                for receiver, place, kind in self._handed(call, scope):
                    helper = self.functions.get(receiver.id) if isinstance(receiver, ast.Name) else None
                    arguments = [*helper.args.posonlyargs, *helper.args.args] if helper else []
                    if helper and place < len(arguments):
                        theirs = scopes.setdefault(helper.name, {})
                        name = arguments[place].arg
                        theirs[name] = theirs.get(name, False) or kind

    def _handed(self, call: ast.Call, scope: _Scope) -> Iterator[tuple[ast.expr, int, bool]]:
        """Yield the functions that a call gives a table to, with the table's place among the arguments."""
        if isinstance(call.func, ast.Name):
            for place, argument in enumerate(call.args):
                kind = self._kind(argument, scope)
                if kind is not None:
                    yield call.func, place, kind
        kind = self._kind(call.func.value, scope) if isinstance(call.func, ast.Attribute) else None
        if kind is not None and (
            _method(call) in ("assign", "pipe") or (_method(call) == "apply" and _by_column(call))
        ):
            for receiver in [*call.args, *(keyword.value for keyword in call.keywords)]:
                yield receiver, 0, kind

    def _kind(self, node: ast.expr, scope: _Scope) -> bool | None:
        """Return whether an expression is a table of unknown columns (True), of known ones, or none (None)."""
        if isinstance(node, ast.Name):
            return scope.get(node.id)
        if isinstance(node, ast.Call):
            return self._call_kind(node, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript_kind(node, scope)
        return None

    def _call_kind(self, call: ast.Call, scope: _Scope) -> bool | None:
        if not isinstance(call.func, ast.Attribute):
            return True if self._takes_table(call, scope) else None
        method, kind = call.func.attr, self._kind(call.func.value, scope)
        if kind is None:
            return True if method in _NEW_TABLES and isinstance(call.func.value, ast.Name) else None
        if method in _OPEN or self._adds_unknown(call):
            return True
        return kind if method in _SAME else None

    def _takes_table(self, call: ast.Call, scope: _Scope) -> bool:
        return any(self._kind(argument, scope) is not None for argument in call.args)

    def _adds_unknown(self, call: ast.Call) -> bool:
        """Whether ``assign`` or ``rename`` makes columns whose names are not written here."""
        if _method(call) == "assign":
            return any(word.arg is None and self._strings(word.value) is None for word in call.keywords)
        given = _argument(call, "columns")
        return _method(call) == "rename" and not (isinstance(given, ast.Dict) and self._values(given) is not None)

    def _subscript_kind(self, node: ast.Subscript, scope: _Scope) -> bool | None:
        located = _located(node.value)
        if located is not None:
            kind = self._kind(located, scope)
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice, ast.Slice()]
            wanted = parts[-1]
            return kind if isinstance(wanted, ast.Slice) or self._is_many(wanted) else None
        kind = self._kind(node.value, scope)
        several = self._is_many(node.slice) or self._is_mask(node.slice) or isinstance(node.slice, ast.Slice)
        return kind if several else None

    # What names stand for

    def _strings(self, node: ast.expr | None, seen: frozenset[str] = frozenset()) -> list[str] | None:
        """Return every text that an expression may be or list; None if that is not written in the code."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else None
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._joined(node.elts, seen)
        if isinstance(node, ast.Dict):
            return self._joined(node.keys, seen)
        if isinstance(node, ast.Starred):
            return self._strings(node.value, seen)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and self._is_many(node.left):
            return self._joined([node.left, node.right], seen)
        if isinstance(node, ast.Name) and node.id not in seen and self.bound.get(node.id):
            return self._joined([value for value, _ in self.bound[node.id]], seen | {node.id})
        return None

    def _joined(self, nodes: Iterable[ast.expr | None], seen: frozenset[str] = frozenset()) -> list[str] | None:
        found: list[str] = []
        for node in nodes:
            strings = self._strings(node, seen)
            if strings is None:
                return None
            found += strings
        return found

    def _values(self, node: ast.Dict) -> list[str] | None:
        return self._joined(node.values)

    def _is_many(self, node: ast.expr) -> bool:
        """Whether an expression is a list, as opposed to one of its elements."""
        if isinstance(node, ast.Name):
            bound = self.bound.get(node.id, [])
            return bool(bound) and all(
                not element and isinstance(value, (ast.List, ast.ListComp)) for value, element in bound
            )
        return isinstance(node, (ast.List, ast.ListComp)) or (
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and self._is_many(node.left)
        )

    def _is_mask(self, node: ast.expr, depth: int = 5) -> bool:
        """Whether an expression picks rows: a comparison, or such joined by ``&``, ``|`` and ``~``."""
        if isinstance(node, ast.Name) and depth:
            bound = [value for value, _ in self.bound.get(node.id, [])]
            return bool(bound) and all(value is not None and self._is_mask(value, depth - 1) for value in bound)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, (ast.BitAnd, ast.BitOr))
        if isinstance(node, ast.Call):
            return _method(node) in _MASKS
        return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert))

    # Where columns are named

    def _collect(self, function: ast.FunctionDef, scope: _Scope) -> None:
        """Note each use of a column in a function."""
        todo: list[tuple[ast.AST, _Scope]] = [(node, scope) for node in function.body]
        given: dict[int, bool] = {}
        while todo:
            node, here = todo.pop()
            self._note(node, here)
            if isinstance(node, ast.Call):
                given.update((id(one), kind) for one, _, kind in self._handed(node, here))
            todo += [(child, _inside(child, here, given)) for child in ast.iter_child_nodes(node)]

    def _note(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Subscript):
            self._note_subscript(node, scope)
        elif isinstance(node, ast.Call):
            self._note_call(node, scope)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            self._use(node, node.left, "guarded")
        elif isinstance(node, ast.Attribute) and self._kind(node.value, scope) is not None:
            self._note_attribute(node)

    def _note_attribute(self, node: ast.Attribute) -> None:
        if node.attr == "columns" and isinstance(node.ctx, ast.Store):
            self.all_open = True
        elif node.attr == self.target and node.attr not in _ATTRIBUTES | _SAME | _OPEN:
            self.uses.append(_Use(node.lineno, node.attr, "guarded"))

    def _note_subscript(self, node: ast.Subscript, scope: _Scope) -> None:
        located = _located(node.value)
        key: ast.expr = node.slice
        if located is not None:
            if not isinstance(key, ast.Tuple) or len(key.elts) != 2 or _place(node.value) in ("iloc", "iat"):
                return
            key = key.elts[1]
        kind = self._kind(node.value if located is None else located, scope)
        if kind is None:
            return
        if isinstance(node.ctx, ast.Store):
            self._make(node, key)
        else:
            self._use(node, key, "guarded" if kind else "read")

    def _make(self, node: ast.AST, key: ast.expr) -> None:
        """Note columns that are assigned; a name that is not written here could be any column."""
        if self._strings(key) is not None:
            self._use(node, key, "made")
        elif not self._is_mask(key) and not isinstance(key, ast.Slice):
            self.all_open = True

    def _use(self, node: ast.AST, key: ast.expr | None, how: str) -> None:
        how = "guarded" if how == "read" and id(node) in self.tried else how
        line = getattr(node, "lineno", 1)
        self.uses += [_Use(line, column, how) for column in self._strings(key) or ()]

    def _note_call(self, call: ast.Call, scope: _Scope) -> None:
        if not isinstance(call.func, ast.Attribute):
            return
        method = call.func.attr
        kind = self._kind(call.func.value, scope)
        if kind is None:
            self._note_dummies(call, scope)
            return
        read = "guarded" if kind else "read"
        if method == "drop" and (_by_column(call) or _argument(call, "columns")):
            ignored = _constant(_argument(call, "errors")) == "ignore"
            self._use(call, _argument(call, "columns", "labels", place=0), "guarded" if ignored else read)
        elif method in ("groupby", "sort_values", "set_index", "pop"):
            self._use(call, _argument(call, "by", "keys", "item", place=0), read)
        elif method in ("get", "fillna", "replace", "astype"):
            self._note_mapping(call, read if method == "astype" else "guarded")
        else:
            self._note_new(call)

    def _note_mapping(self, call: ast.Call, how: str) -> None:
        given = _argument(call, "dtype", "value", "key", "to_replace", place=0)
        columns = isinstance(given, ast.Dict) and (_method(call) != "replace" or self._has_dicts(given))
        if columns or _method(call) == "get":
            self._use(call, given, how)

    def _has_dicts(self, node: ast.Dict) -> bool:
        """Whether a ``replace`` maps columns to changes, not values to values."""
        return all(isinstance(value, ast.Dict) for value in node.values)

    def _note_dummies(self, call: ast.Call, scope: _Scope) -> None:
        if _method(call) == "get_dummies" and call.args:
            kind = self._kind(call.args[0], scope)
            if kind is not None:
                self._use(call, _argument(call, "columns"), "guarded" if kind else "read")

    def _note_new(self, call: ast.Call) -> None:
        """Note the columns that a method makes."""
        method = _method(call)
        if method == "assign":
            for keyword in call.keywords:
                name = ast.Constant(keyword.arg) if keyword.arg else keyword.value
                self._use(call, name, "made")
        elif method == "rename":
            self._note_rename(call)
        elif method == "insert":
            self._make(call, _argument(call, "column", place=1) or ast.Slice())
        elif method == "reindex":
            self._use(call, _argument(call, "columns"), "made")
        elif method in _OPEN and _in_place(call):
            self.all_open = True

    def _note_rename(self, call: ast.Call) -> None:
        given = _argument(call, "columns")
        self._use(call, given, "guarded")
        if isinstance(given, ast.Dict):
            for value in given.values:
                self._use(call, value, "made")
        if _in_place(call) and self._adds_unknown(call):
            self.all_open = True

    # Whether every row comes back

    def _row_errors(self, name: str, scopes: dict[str, _Scope]) -> Iterator[_Finding]:
        """Yield what drops or reorders rows on the way to a function's result, and that of its helpers."""
        done: set[str] = set()
        todo = [name]
        while todo:
            name = todo.pop()
            if name in done or name not in scopes:
                continue
            done.add(name)
            for expression in self._returned(self.functions[name]):
                for node in _spine(expression):
                    yield from self._row_error(node, scopes[name])
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                        todo.append(node.func.id)

    def _returned(self, function: ast.FunctionDef) -> list[ast.expr]:
        """Return the expressions that a function's result is made by."""
        nodes = _own_nodes(function)
        found = [node.value for node in nodes if isinstance(node, ast.Return) and node.value]
        reached: set[str] = set()
        while True:
            roots = {node.id for value in found for node in _spine(value) if isinstance(node, ast.Name)}
            if roots <= reached:
                break
            reached |= roots
            found += [
                value for targets, value in _assignments(nodes) if any(_is_name(target, roots) for target in targets)
            ]
        changed = [node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
        return found + [call for call in changed if _in_place(call) and _is_name(_receiver(call), reached)]

    def _row_error(self, node: ast.AST, scope: _Scope) -> Iterator[_Finding]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = node.func.attr
            if self._kind(node.func.value, scope) is not None and method in _CHANGES_ROWS:
                if not (method in ("drop", "dropna") and (_by_column(node) or _argument(node, "columns"))):
                    yield node.lineno, f".{method}() changes the rows, {_INSTEAD.get(method, _KEEP)}."
            elif method == "concat" and not _by_column(node, place=1):
                yield node.lineno, "concat puts rows below rows: write axis=1."
        elif isinstance(node, ast.Subscript) and self._picks_rows(node, scope):
            yield node.lineno, f"`{_shown(node)}` leaves out rows, {_KEEP}."

    def _picks_rows(self, node: ast.Subscript, scope: _Scope) -> bool:
        located = _located(node.value)
        if self._kind(node.value if located is None else located, scope) is None:
            return False
        key = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        if isinstance(key, ast.Slice):
            return bool(key.lower or key.upper)
        return self._is_mask(key)


_KEEP = "but every row must come back in its place: fill or mark the values instead"
_INSTEAD = {
    "dropna": "but every row must come back: leave values missing, or fill them",
    "drop": "but every row must come back: write .drop(columns=[...]) to drop columns",
}


def _assignments(nodes: Iterable[ast.AST]) -> list[tuple[list[ast.expr], ast.expr]]:
    """Return the targets and the value of each assignment."""
    found = [(node.targets, node.value) for node in nodes if isinstance(node, ast.Assign)]
    typed = [node for node in nodes if isinstance(node, ast.AnnAssign)]
    return found + [([node.target], node.value) for node in typed if node.value]


def _bound_values(tree: ast.Module) -> dict[str, list[tuple[ast.expr | None, bool]]]:
    """Return what each name is given anywhere: the expression (None if unknown), and whether its elements."""
    bound: dict[str, list[tuple[ast.expr | None, bool]]] = {}
    known: set[int] = set()
    for node in _walked(tree):
        pairs: list[tuple[ast.expr, ast.expr, bool]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value, False) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and node.value:
            pairs = [(node.target, node.value, False)]
        elif isinstance(node, (ast.For, ast.comprehension)):
            pairs = [(node.target, node.iter, True)]
        for target, value, element in pairs:
            if isinstance(target, ast.Name):
                bound.setdefault(target.id, []).append((value, element))
                known.add(id(target))
    for node in _walked(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in known:
            bound.setdefault(node.id, []).append((None, False))
        elif isinstance(node, ast.arg):
            bound.setdefault(node.arg, []).append((None, False))
    return bound


def _inside(node: ast.AST, scope: _Scope, given: Mapping[int, bool]) -> _Scope:
    """Return the table variables inside a node; a function's parameters hide those of the same name."""
    if not isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        return scope
    arguments = [argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    inner = {name: kind for name, kind in scope.items() if name not in arguments}
    if id(node) in given and arguments:
        inner[arguments[0]] = given[id(node)]
    return inner


def _spine(expression: ast.expr) -> Iterator[ast.AST]:
    """Yield the calls, subscripts and names that an expression's rows come from."""
    todo: list[ast.AST] = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Call, ast.Subscript, ast.Name)):
            yield node
        if isinstance(node, ast.Call):
            makes = isinstance(node.func, ast.Name) or node.func.__dict__.get("attr") in _NEW_TABLES
            todo += node.args if makes else []
            todo += [node.func.value] if isinstance(node.func, ast.Attribute) else []
        elif isinstance(node, (ast.Subscript, ast.Attribute)):
            todo.append(node.value)
        elif isinstance(node, (ast.List, ast.Tuple)):
            todo += node.elts
        elif isinstance(node, ast.IfExp):
            todo += [node.body, node.orelse]


def _located(node: ast.expr) -> ast.expr | None:
    """Return the table of ``table.loc`` and its kin."""
    return node.value if isinstance(node, ast.Attribute) and _place(node) else None


def _place(node: ast.expr) -> str:
    known = isinstance(node, ast.Attribute) and node.attr in ("loc", "at", "iloc", "iat")
    return node.attr if known and isinstance(node, ast.Attribute) else ""


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _is_name(node: ast.expr | None, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _argument(call: ast.Call, *words: str, place: int | None = None) -> ast.expr | None:
    """Return an argument by one of its keywords, or by its place."""
    for keyword in call.keywords:
        if keyword.arg in words:
            return keyword.value
    return call.args[place] if place is not None and place < len(call.args) else None


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _by_column(call: ast.Call, place: int | None = None) -> bool:
    return _constant(_argument(call, "axis", place=place)) in (1, "columns")


def _in_place(call: ast.Call) -> bool:
    return _constant(_argument(call, "inplace")) is True or _method(call) == "insert"


# The model code


def _other_estimator(tree: ast.Module, estimator: str) -> Iterator[_Finding]:
    others = set(_ESTIMATORS) - {estimator}
    for node in _walked(tree):
        mentioned = {getattr(node, "attr", ""), getattr(node, "id", "")} & others
        for name in sorted(mentioned):
            yield getattr(node, "lineno", 1), f"uses {name}: this task needs {estimator}."
    for statement, _, name, _ in _imports(tree):
        if name in others:
            yield statement.lineno, f"imports {name}: this task needs {estimator}."
    for node in _walked(tree):
        if isinstance(node, ast.Call) and _method(node) in ("train", "cv"):
            yield node.lineno, f"calls .{_method(node)}: return the untrained {estimator}, the training cell fits it."


def _model_errors(tree: ast.Module, function: ast.FunctionDef, estimator: str) -> Iterator[_Finding]:
    called = {estimator} | {bound for _, _, name, bound in _imports(tree) if name == estimator}
    calls = [node for node in _walked(function) if isinstance(node, ast.Call) and _is_call_of(node, called)]
    yield from _returned_errors(function, estimator, called)
    if calls and not _passes(function, calls):
        yield (
            calls[0].lineno,
            f"does not pass the hyperparameters on: write {estimator}(..., **{_parameter(function)}).",
        )
    if calls and not _sets_metric(function):
        yield calls[0].lineno, "sets no eval_metric, so that no log would be kept: add eval_metric=[...]."
    yield from _keyword_errors(function, calls)
    yield from _changed_parameter(function)


def _is_call_of(call: ast.expr | None, names: Collection[str]) -> bool:
    if not isinstance(call, ast.Call):
        return False
    return _is_name(call.func, names) or _method(call) in names


def _returned_errors(function: ast.FunctionDef, estimator: str, called: Collection[str]) -> Iterator[_Finding]:
    made: dict[str, list[ast.expr]] = {}
    for node in _own_nodes(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    made.setdefault(target.id, []).append(node.value)
    for node in _own_nodes(function):
        if isinstance(node, ast.Return) and not _is_none(node.value) and not _is_model(node.value, made, called):
            yield node.lineno, f"returns something else than the model: write `return {estimator}(...)` here."


def _is_model(node: ast.expr | None, made: Mapping[str, list[ast.expr]], called: Collection[str]) -> bool:
    if isinstance(node, ast.Name):
        values = made.get(node.id, [])
        return bool(values) and all(_is_call_of(value, called) for value in values)
    if isinstance(node, ast.Call) and _method(node) == "set_params":
        return _is_model(_receiver(node), made, called)
    return _is_call_of(node, called)


def _passes(function: ast.FunctionDef, calls: list[ast.Call]) -> bool:
    """Whether a call gets ``**`` of the parameter, or of a name that was made from it."""
    carriers = {_parameter(function)}
    assigned = [node for node in _walked(function) if isinstance(node, ast.Assign)]
    for _ in range(3):
        for node in assigned:
            if _mentions(node.value, carriers):
                carriers |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    updates = [node for node in _walked(function) if isinstance(node, ast.Call) and _method(node) == "update"]
    for update in updates:
        receiver = _receiver(update)
        if isinstance(receiver, ast.Name) and any(_mentions(one, carriers) for one in update.args):
            carriers.add(receiver.id)
    setting = [node for node in _walked(function) if isinstance(node, ast.Call) and _method(node) == "set_params"]
    unpacked = [word.value for call in [*calls, *setting] for word in call.keywords if word.arg is None]
    return any(_mentions(value, carriers) for value in unpacked)


def _mentions(node: ast.expr, names: Collection[str]) -> bool:
    return any(_is_name(part, names) for part in ast.walk(node) if isinstance(part, ast.expr))


def _sets_metric(function: ast.FunctionDef) -> bool:
    for node in _walked(function):
        named = node.arg if isinstance(node, ast.keyword) else _constant(node) if isinstance(node, ast.expr) else None
        if named == "eval_metric":
            return True
    return False


def _keyword_errors(function: ast.FunctionDef, calls: list[ast.Call]) -> Iterator[_Finding]:
    searched = {parameter.name for parameter in XGBOOST.parameters}
    for call in calls:
        direct = any(word.arg is None and _is_name(word.value, {_parameter(function)}) for word in call.keywords)
        for word in call.keywords:
            if direct and word.arg in searched:
                yield word.value.lineno, f"sets {word.arg}, which the hyperparameters hold already: leave it out."
    for node in _walked(function):
        if isinstance(node, ast.keyword) and node.arg == "early_stopping_rounds":
            yield node.value.lineno, "stops early, which the refit on all rows cannot: leave out early_stopping_rounds."


def _changed_parameter(function: ast.FunctionDef) -> Iterator[_Finding]:
    """Yield what changes the caller's dict, which the training cell uses again."""
    parameter = _parameter(function)
    stored = (ast.Store, ast.Del)
    if any(
        isinstance(node, ast.Name) and node.id == parameter and isinstance(node.ctx, stored)
        for node in _walked(function)
    ):
        return
    for node in _walked(function):
        item = isinstance(node, ast.Subscript) and isinstance(node.ctx, stored) and _is_name(node.value, {parameter})
        changing = ("pop", "popitem", "update", "setdefault", "clear")
        call = isinstance(node, ast.Call) and _method(node) in changing and _is_name(_receiver(node), {parameter})
        if item or call:
            line = getattr(node, "lineno", 1)
            yield line, f"changes {parameter}, which are used again: work on `dict({parameter})`."


# What a person should read first

_DANGEROUS = {
    "os": "reaches files, programs and the environment",
    "sys": "reaches the interpreter",
    "subprocess": "starts another program",
    "pty": "starts another program",
    "multiprocessing": "starts another program",
    "shutil": "copies and deletes files",
    "pathlib": "reaches files",
    "glob": "lists files",
    "tempfile": "writes files",
    "io": "reaches files",
    "socket": "reaches the network",
    "ssl": "reaches the network",
    "requests": "reaches the network",
    "urllib": "reaches the network",
    "urllib3": "reaches the network",
    "http": "reaches the network",
    "httpx": "reaches the network",
    "aiohttp": "reaches the network",
    "ftplib": "reaches the network",
    "smtplib": "reaches the network",
    "webbrowser": "opens a browser",
    "pickle": "can run code that a file holds",
    "joblib": "can run code that a file holds",
    "dill": "can run code that a file holds",
    "cloudpickle": "can run code that a file holds",
    "marshal": "can run code that a file holds",
    "shelve": "can run code that a file holds",
    "ctypes": "reaches memory outside Python",
    "ctypeslib": "reaches memory outside Python",
    "importlib": "imports modules by name",
    "builtins": "reaches Python's own functions",
    "runpy": "runs a file",
    "code": "runs text as code",
    "inspect": "reaches other code",
    "gc": "reaches every object",
    "IPython": "reaches the notebook",
    "f2py": "compiles and runs a program",
}
_NAMES = {
    "open": "reads or writes a file",
    "eval": "runs text as code",
    "exec": "runs text as code",
    "compile": "makes code from text",
    "__import__": "imports modules by name",
    "globals": "reaches every name of the notebook",
    "locals": "reaches names by text",
    "vars": "reaches names by text",
    "setattr": "changes objects by name",
    "delattr": "changes objects by name",
    "input": "waits for the keyboard",
    "breakpoint": "stops the notebook",
    "get_ipython": "reaches the notebook",
    "exit": "stops the notebook",
    "quit": "stops the notebook",
    "help": "waits for the keyboard",
}
_CALLED = {
    "open": "reads or writes a file",
    "write": "writes a file",
    "writelines": "writes a file",
    "write_text": "writes a file",
    "write_bytes": "writes a file",
    "read_text": "reads a file",
    "read_bytes": "reads a file",
    "unlink": "deletes a file",
    "rmdir": "deletes a folder",
    "rmtree": "deletes a folder",
    "mkdir": "makes a folder",
    "touch": "makes a file",
    "chmod": "changes a file",
    "system": "starts another program",
    "popen": "starts another program",
    "urlopen": "reaches the network",
    "connect": "reaches the network",
    "load": "reads a file, which can run code that it holds",
    "loads": "can run code that its data hold",
    "dump": "writes a file",
    "eval": "runs text as code",
    "query": "runs text as code",
}
_FILES = {
    "loadtxt": "reads a file or address",
    "genfromtxt": "reads a file or address",
    "fromfile": "reads a file",
    "memmap": "opens a file",
    "DataSource": "reads a file or address",
    "ExcelFile": "reads a file or address",
    "ExcelWriter": "writes a file",
    "HDFStore": "opens a file",
    "load_model": "reads a file",
    "load_svmlight_file": "reads a file",
    "load_files": "reads files",
    "save": "writes a file",
    "savez": "writes a file",
    "savez_compressed": "writes a file",
    "savetxt": "writes a file",
    "save_model": "writes a file",
    "dump_model": "writes a file",
    "tofile": "writes a file",
}
_HARMLESS_TO = _words(
    "to_numpy to_list to_frame to_dict to_datetime to_numeric to_timedelta to_period to_timestamp to_records "
    "to_series to_flat_index to_pydatetime to_pytimedelta to_julian_date to_coo to_dense to_offset to_tuples "
    "to_native_types to_datetime64 to_timedelta64"
)
# Methods that call the method whose name they get as text.
_BY_NAME = frozenset(["apply", "agg", "aggregate", "transform"])


def _risks(tree: ast.Module) -> Iterator[_Finding]:
    yield from _import_risks(tree)
    for node in _walked(tree):
        if isinstance(node, ast.Name):
            yield from _name_risks(node)
        elif isinstance(node, ast.Attribute):
            yield from _attribute_risks(node)
        elif isinstance(node, ast.Call):
            yield from _call_risks(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_dunder(node.value):
            yield node.lineno, f"{node.value!r} names Python's inner workings."


def _import_risks(tree: ast.Module) -> Iterator[_Finding]:
    for node, module, name, _ in _imports(tree):
        imported = f"{module}.{name}".strip(".")
        for part in imported.split("."):
            if part in _DANGEROUS:
                yield node.lineno, f"import of {imported}: {part} {_DANGEROUS[part]}."
        harm = _harm(name)
        if harm:
            yield node.lineno, f"import of {imported}, which {harm}."


def _name_risks(node: ast.Name) -> Iterator[_Finding]:
    if isinstance(node.ctx, ast.Load) and node.id in _NAMES:
        yield node.lineno, f"{node.id} {_NAMES[node.id]}."
    elif _is_dunder(node.id) and node.id != "__name__":
        yield node.lineno, f"{node.id} reaches Python's inner workings."


def _attribute_risks(node: ast.Attribute) -> Iterator[_Finding]:
    dotted = _dotted(node)
    root = dotted.split(".")[0]
    if _is_dunder(node.attr):
        yield node.lineno, f"{dotted} reaches Python's inner workings."
    elif root in _DANGEROUS and dotted.count(".") == 1:
        yield node.lineno, f"{dotted} {_CALLED.get(node.attr, _DANGEROUS[root])}."
    elif node.attr in _DANGEROUS and root in (*_PREPARE_MODULES, *_BUILD_MODULES, "np", "pd", "xgb"):
        yield node.lineno, f"{dotted} {_DANGEROUS[node.attr]}."
    elif _harm(node.attr):
        yield node.lineno, f"{dotted} {_harm(node.attr)}."
    elif isinstance(node.ctx, (ast.Store, ast.Del)) and root in ("np", "pd", "numpy", "pandas", "xgboost", "sklearn"):
        yield node.lineno, f"{dotted} = changes the library itself."


def _harm(name: str) -> str:
    """Return what a function does beside computing, for names that mean the same on every object."""
    if name.startswith("read_"):
        return _CALLED.get(name, "reads a file or address")
    if name.startswith("fetch_"):
        return "reaches the network"
    if name.startswith("to_") and name not in _HARMLESS_TO:
        return "can write a file or database"
    return _FILES.get(name, "")


def _call_risks(call: ast.Call) -> Iterator[_Finding]:
    method = _method(call)
    if method in _CALLED:
        yield call.lineno, f"{_dotted(call.func)} {_CALLED[method]}."
    if _is_name(call.func, {"getattr", "hasattr"}):
        yield from _getattr_risks(call)
    if method in _BY_NAME:
        for named in _texts([*call.args, *(keyword.value for keyword in call.keywords)]):
            if _harm(named) or named in ("eval", "query"):
                yield call.lineno, f".{method} calls {named} by its name, which can reach files or run text."


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    """Yield the texts among arguments, and inside lists and dicts there."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, (ast.List, ast.Tuple)):
            todo += node.elts
        elif isinstance(node, ast.Dict):
            todo += node.values


def _getattr_risks(call: ast.Call) -> Iterator[_Finding]:
    named = _constant(call.args[1]) if len(call.args) > 1 else None
    if not isinstance(named, str):
        yield call.lineno, "getattr with a name that is computed can reach anything."
    elif named in _CALLED or named in _NAMES or named in _DANGEROUS or _harm(named):
        yield call.lineno, f"getattr reaches {named}, which can reach files, programs or run text."


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__") and name.isidentifier()


def _dotted(node: ast.expr) -> str:
    """Return ``pd.io.common`` for such a chain, and ``.attribute`` for one on anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "", *reversed(parts)])
