"""The imports at the top of a script, and the packages they need."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from .code import Unit

_WIDTH = 100
_LOCAL = frozenset(("preprocess", "model", "train"))
# The packages of modules that the scripts use, where the names differ; to list those of all modules takes a second.
_PACKAGES = {
    "PIL": ["pillow"],
    "sklearn": ["scikit-learn"],
    "xgboost": ["xgboost", "xgboost-cpu"],
    "yaml": ["PyYAML"],
}


def import_lines(imports: Iterable[Unit], needed: Iterable[str], more: str) -> str:
    """Return the imports that ``needed`` names come from, and those of ``more``, each once and in groups."""
    wanted = {*needed, "*"}
    found = [
        (node, alias)
        for unit in imports
        for node in unit.nodes
        for alias in node.names  # type: ignore[attr-defined]
        if (alias.asname or alias.name.partition(".")[0]) in wanted or _is_future(node)
    ]
    found += [(node, alias) for node in ast.parse(more).body for alias in node.names]  # type: ignore[attr-defined]
    whole = {_written(alias): alias.name for node, alias in found if isinstance(node, ast.Import)}
    members: dict[str, set[str]] = {}
    for node, alias in found:
        if isinstance(node, ast.ImportFrom):
            members.setdefault("." * node.level + (node.module or ""), set()).add(_written(alias))
    lines = [(_group(module), f"import {shown}") for shown, module in sorted(whole.items())]
    lines += [(_group(module), _from(module, sorted(kept))) for module, kept in sorted(members.items())]
    groups = ["\n".join(line for one, line in lines if one == group) for group in range(4)]
    return "\n\n".join(group for group in groups if group)


def requirements(modules: Iterable[str]) -> str:
    """Return the installed versions of the packages that modules come from, one a line."""
    outside = set(modules) - set(sys.stdlib_module_names) - _LOCAL
    lines = [_pinned(module) or f"# {module}: of no installed package; copy it into this folder" for module in outside]
    head = f"# Python {sys.version_info.major}.{sys.version_info.minor}"
    return "\n".join([head, *sorted(lines, key=str.lower)]) + "\n"


def _pinned(module: str) -> str:
    known = [line for package in _PACKAGES.get(module, [module]) if (line := _version(package))]
    others = () if known else sorted(packages_distributions().get(module, ()))
    return next(iter([*known, *map(_version, others)]), "")


def _version(package: str) -> str:
    try:
        # Not the build, such as +cpu, which the package index does not know.
        return f"{package}=={version(package).partition('+')[0]}"
    except PackageNotFoundError:
        return ""


def _from(module: str, kept: list[str]) -> str:
    line = f"from {module} import {', '.join(kept)}"
    if len(line) <= _WIDTH:
        return line
    body = textwrap.fill(", ".join(kept), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return f"from {module} import (\n{textwrap.indent(body, '    ')},\n)"


def _group(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top == "__future__" else 1 if top in sys.stdlib_module_names else 3 if top in {"", *_LOCAL} else 2


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
