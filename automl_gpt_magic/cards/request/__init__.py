"""Requests in the user's words, read by rules."""

from .documented import documented
from .read import LONGEST, read_request

__all__ = ["LONGEST", "documented", "read_request"]
