"""Cards as people write them: text in, checked and measured records out."""

from .changed import changes
from .describe import describe
from .encoded import with_columns_counted
from .limits import read_request
from .matrix import feature_matrix
from .parse import read_cards
from .table import load_table, load_test_table

__all__ = [
    "changes",
    "describe",
    "feature_matrix",
    "load_table",
    "load_test_table",
    "read_cards",
    "read_request",
    "with_columns_counted",
]
