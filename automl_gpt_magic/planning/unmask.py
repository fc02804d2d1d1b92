"""Put the user's names back into what an LLM wrote that read neutral words in their place."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..records.answer import CodeReport
from ..records.mask import Mask
from .code_check import refused
from .code_check.syntax import each, method, walked, words

_Text = tuple[ast.Constant, str]

NOT_PUT_BACK = (
    "a hidden column's name is put together or searched for, so that the real one cannot stand for it: write each name "
    "out in a text of its own."
)

_DEEPEST = 8
_NAMES_A_COLUMN = re.compile(r"\bcolumn\b", re.IGNORECASE)
_TOKEN = re.compile(r"\bcolumn \d+(?!\d)", re.IGNORECASE)
# What looks at a name's letters, which are others in the real name.
_SEARCHES = words("startswith endswith contains match fullmatch search split find removeprefix removesuffix")
_SEARCHED_BY = ("like", "regex")


def with_names(found: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """Return an answer's JSON with the real names in its prose; code stays as it is."""
    shown = dict(_shown(found, mask, 0))
    model = shown.get("model")
    if isinstance(model, dict) and isinstance(model.get("card"), str):
        model["card"] = mask.models.get(model["card"], model["card"])
    elif isinstance(model, str):  # a further round names it alone
        shown["model"] = mask.models.get(found["model"], found["model"])
    return shown


def _shown(part: Any, mask: Mask, depth: int) -> Any:
    if isinstance(part, str):
        return mask.show(part)
    if depth > _DEEPEST:
        return part
    if isinstance(part, list):
        return [_shown(one, mask, depth + 1) for one in part]
    if isinstance(part, Mapping):
        as_written = ("code", "card", "data_code", "model_code")
        return {key: one if key in as_written else _shown(one, mask, depth + 1) for key, one in part.items()}
    return part


def check_with_names(source: str, check: Callable[[str], CodeReport], mask: Mask | None) -> CodeReport:
    """Return what ``check`` says of code once the real names are in it; a refusal where they cannot be put back."""
    source, wrong = code_with_names(source, mask) if mask else (source, "")
    return refused(source, wrong) if wrong else check(source)


def code_with_names(source: str, mask: Mask) -> tuple[str, str]:
    """Return code with the real names in its texts, and why that cannot be done safely, if so.

    Code that does not parse comes back as it is.
    """
    try:
        tree = ast.parse(source)
        texts = [(node, node.value) for node in each(tree, ast.Constant) if isinstance(node.value, str)]
        if _is_put_together(tree, texts):
            return source, NOT_PUT_BACK
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source, ""
    return _replaced(source, texts, mask), ""


def _is_put_together(tree: ast.Module, texts: Sequence[_Text]) -> bool:
    parts = {id(part) for joined in each(tree, ast.JoinedStr) for part in ast.walk(joined)}
    parts |= {id(part) for searched in _searched(tree) for part in ast.walk(searched)}
    docstrings = {id(node.value) for node in each(tree, ast.Expr)}
    for node, text in texts:
        left = text if id(node) in parts else _TOKEN.sub("", text)
        if id(node) not in docstrings and _NAMES_A_COLUMN.search(left):
            return True
    return False


def _searched(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what the code compares the letters of names with."""
    for call in each(tree, ast.Call):
        if method(call) in _SEARCHES:
            yield from call.args
        yield from (keyword.value for keyword in call.keywords if keyword.arg in _SEARCHED_BY)
    for node in walked(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            yield from (side for side in (node.left, node.right) if isinstance(side, ast.Constant))


def _replaced(source: str, texts: Sequence[_Text], mask: Mask) -> str:
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as Python counts lines
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line.encode()) + 1)
    content = source.encode()
    for node, text in sorted(texts, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        shown = mask.show(text)
        if shown != text and node.end_lineno is not None and node.end_col_offset is not None:
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            content = content[:begin] + repr(shown).encode() + content[end:]
    return content.decode()
