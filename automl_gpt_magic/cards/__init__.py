"""Cards as people write them: text in, checked and measured records out."""

from .changed import changes
from .describe import describe
from .parse import read_cards
from .table import load_table, load_test_table

__all__ = ["changes", "describe", "load_table", "load_test_table", "read_cards"]
