"""Stage 3: cards and evidence become the prompt paragraph."""

from .paragraph import Subject, compose, improve, repair

__all__ = ["Subject", "compose", "improve", "repair"]
