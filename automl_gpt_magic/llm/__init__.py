"""Stage 4: messages in, an answer out."""

from .client import LanguageModel

__all__ = ["LanguageModel"]
