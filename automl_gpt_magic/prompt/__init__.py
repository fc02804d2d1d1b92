"""Stage 3: cards and evidence become the prompt paragraph."""

from .paragraph import compose, improve, repair
from .subject import Subject

__all__ = ["Subject", "compose", "improve", "repair"]
