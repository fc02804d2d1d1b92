"""The pages that people read, and the blocks of code in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "notebooks"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(BOOK.glob("guide/*.md")))}


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the page and the text of every block in a language; empty for those without one."""
    found = re.compile(rf"^```{re.escape(language)}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(page, block) for page, text in PAGES.items() for block in found.findall(_without_others(text, language))]


def _without_others(text: str, language: str) -> str:
    """Return a page without the blocks of other languages, whose ends would look like beginnings."""
    every = re.compile(r"^```(\S*)[^\n]*\n.*?^```\n?", re.DOTALL | re.MULTILINE)
    return every.sub(lambda block: block[0] if block[1] == language else "", text)
