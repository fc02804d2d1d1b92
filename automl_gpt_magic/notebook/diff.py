"""Two versions of a cell's code as a unified diff."""

from __future__ import annotations

from difflib import unified_diff
from html import escape

from .markup import printable
from .wording import plural

_MOST_LETTERS = 20_000  # of each version
_MOST_LINES = 400
# Tints that leave the text's own contrast alone on light and dark pages; the signs say the same.
_TINTS = {"+": "rgba(46,160,67,.18)", "-": "rgba(248,81,73,.18)"}


def diff_html(before: str, after: str) -> str:
    """Return what changes between two versions: signs at the line's beginning, and a tint where there is a page."""
    lines = _diff(before, after)
    more = f"\n… and {plural(len(lines) - _MOST_LINES, 'more line')}" if len(lines) > _MOST_LINES else ""
    shown = "\n".join(_line(line) for line in lines[:_MOST_LINES])
    return f'<pre class="ag-diff" tabindex="0"><code>{shown}{more}</code></pre>'


def counted(before: str, after: str) -> str:
    """Return how many lines come and go, such as ``3 lines added, 1 removed``."""
    signs = [line[:1] for line in _diff(before, after)]
    return f"{plural(signs.count('+'), 'line')} added, {signs.count('-'):,} removed"


def _diff(before: str, after: str) -> list[str]:
    return list(unified_diff(_lines(before), _lines(after), lineterm=""))[2:]  # without the names of two files


def _lines(source: str) -> list[str]:
    return printable(source[:_MOST_LETTERS].removesuffix("\n")).split("\n") if source else []


def _line(line: str) -> str:
    tint = _TINTS.get(line[:1])
    return f'<span style="background:{tint}">{escape(line)}</span>' if tint else escape(line)
