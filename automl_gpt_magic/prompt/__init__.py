"""Stage 3: cards and evidence become the prompt paragraph."""

from .paragraph import compose

__all__ = ["compose"]
