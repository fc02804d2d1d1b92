"""The wording of prompts, which is data: a file's sections, filled in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

# An opening bracket before the delimiter's word, whatever stands between them to deceive.
_DELIMITER = re.compile(r"<(?=[^a-z0-9<>]*card)", re.IGNORECASE)


@lru_cache(maxsize=4)
def sections(file: str) -> dict[str, str]:
    """Return the sections of a file beside this one, by name."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    blocks = (block.partition("]\n") for block in text.split("\n[") if block)
    return {name.lstrip("["): body.strip() for name, _, body in blocks}


def say(file: str, section: str, /, **facts: Any) -> str:
    """Fill one section; a fact that writes the closing delimiter cannot leave its delimiters."""
    safe = {name: _DELIMITER.sub("‹", _visible(str(fact))) for name, fact in facts.items()}
    return sections(file)[section].format(**safe)


def _visible(text: str) -> str:
    """Return a text without letters that have no width, such as could hide a delimiter from the check."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
