"""Stage 3: cards and evidence become the prompt paragraph."""

from .paragraph import compose, improve, repair
from .revise import Open, revise
from .subject import Subject

__all__ = ["Open", "Subject", "compose", "improve", "repair", "revise"]
