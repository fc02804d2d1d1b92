"""What a person should read before running the code: files, programs, the network, text run as code."""

from __future__ import annotations

import ast

from .syntax import Findings, constant, each, imports, is_name, method, walked, words


def _effects(words_of: dict[str, str]) -> dict[str, str]:
    return {word: effect for effect, text in words_of.items() for word in text.split()}


# Modules that the allowed ones hold; imports of others are errors anyway.
_MODULES = words("os sys io subprocess shutil pathlib socket urllib pickle joblib ctypes ctypeslib f2py importlib")
_REACHES = "reaches files, programs or the network"
_NAMES = _effects(
    {
        "reads or writes a file": "open",
        "runs text as code": "eval exec",
        "makes code from text": "compile",
        "imports modules by name": "__import__",
        "reaches every name of the notebook": "globals locals vars",
        "changes objects by name": "setattr delattr",
        "waits for the keyboard": "input help",
        "stops the notebook": "breakpoint exit quit",
        "reaches the notebook": "get_ipython",
    }
)
# Methods whose names may be those of columns, so that only calls count.
_CALLED = _effects(
    {
        "reads or writes a file": "open",
        "writes a file": "write writelines write_text write_bytes dump touch mkdir chmod",
        "reads a file": "read_text read_bytes",
        "deletes a file": "unlink rmdir rmtree",
        "starts another program": "system popen",
        "reaches the network": "urlopen connect",
        "reads a file, which can run code that it holds": "load loads",
        "runs text as code": "eval query",
    }
)
_FILES = _effects(
    {
        "reads a file or address": "loadtxt genfromtxt DataSource ExcelFile fromfile memmap HDFStore "
        "load_model load_svmlight_file load_files",
        "writes a file": "ExcelWriter save savez savez_compressed savetxt save_model dump_model tofile",
    }
)
_HARMLESS_TO = words(
    "to_numpy to_list to_frame to_dict to_datetime to_numeric to_timedelta to_period to_timestamp to_records "
    "to_series to_flat_index to_pydatetime to_julian_date to_offset to_datetime64 to_timedelta64"
)
_LIBRARIES = words("np pd xgb numpy pandas sklearn xgboost")
# Methods that call the method whose name they get as text.
_BY_NAME = words("apply agg aggregate transform")


def risks(tree: ast.Module) -> Findings:
    """Yield what reaches beyond the table, as far as names tell."""
    yield from _import_risks(tree)
    for node in walked(tree):
        if isinstance(node, ast.Name):
            yield from _name_risks(node)
        elif isinstance(node, ast.Attribute):
            yield from _attribute_risks(node)
        elif isinstance(node, ast.Call):
            yield from _call_risks(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_dunder(node.value):
            yield node.lineno, f"{node.value!r} names Python's inner workings."


def _import_risks(tree: ast.Module) -> Findings:
    for node, module, name, _ in imports(tree):
        imported = f"{module}.{name}".strip(".")
        if not _MODULES.isdisjoint(imported.split(".")):
            yield node.lineno, f"import of {imported}, which {_REACHES}."
        if _harm(name):
            yield node.lineno, f"import of {imported}, which {_harm(name)}."


def _name_risks(node: ast.Name) -> Findings:
    if isinstance(node.ctx, ast.Load) and node.id in _NAMES:
        yield node.lineno, f"{node.id} {_NAMES[node.id]}."
    elif _is_dunder(node.id) and node.id != "__name__":
        yield node.lineno, f"{node.id} reaches Python's inner workings."


def _attribute_risks(node: ast.Attribute) -> Findings:
    dotted = _dotted(node)
    root = dotted.split(".")[0]
    if _is_dunder(node.attr):
        yield node.lineno, f"{dotted} reaches Python's inner workings."
    elif node.attr in _MODULES and root in _LIBRARIES:
        yield node.lineno, f"{dotted} {_REACHES}."
    elif _harm(node.attr):
        yield node.lineno, f"{dotted} {_harm(node.attr)}."
    elif root in _LIBRARIES and not isinstance(node.ctx, ast.Load):
        yield node.lineno, f"{dotted} = changes the library itself."


def _call_risks(call: ast.Call) -> Findings:
    name = method(call)
    if name in _CALLED:
        yield call.lineno, f"{_dotted(call.func)} {_CALLED[name]}."
    if is_name(call.func, {"getattr", "hasattr"}):
        yield from _getattr_risks(call)
    if name in _BY_NAME:
        for text in each(call, ast.Constant):
            if isinstance(text.value, str) and (_harm(text.value) or text.value in ("eval", "query")):
                yield call.lineno, f".{name} calls {text.value} by its name, which can reach files or run text."


def _getattr_risks(call: ast.Call) -> Findings:
    name = constant(call.args[1]) if len(call.args) > 1 else None
    if not isinstance(name, str):
        yield call.lineno, "getattr with a name that is computed can reach anything."
    elif name in _CALLED or name in _NAMES or name in _MODULES or _harm(name):
        yield call.lineno, f"getattr reaches {name}, which can reach files, programs or run text."


def _harm(name: str) -> str:
    """Return what a function does beside computing, for names that mean the same on every object."""
    if name.startswith("read_") and name not in _CALLED:
        return "reads a file or address"
    if name.startswith("fetch_"):
        return "reaches the network"
    if name.startswith("to_") and name not in _HARMLESS_TO:
        return "can write a file or database"
    return _FILES.get(name, "")


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__") and name.isidentifier()


def _dotted(node: ast.expr) -> str:
    """Return ``pd.io.common`` for such a chain, and ``.attribute`` for one on anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "", *reversed(parts)])
