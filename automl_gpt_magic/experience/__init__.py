"""Stage 2: cards in, similar recorded datasets, a transferred configuration and predicted curves out."""

from .advise import Advice

__all__ = ["Advice"]
