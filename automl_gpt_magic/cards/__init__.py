"""Cards as people write them: text in, checked and measured records out."""

from .changed import changes
from .describe import describe
from .encoded import with_columns_counted
from .matrix import feature_matrix
from .parse import read_cards, read_tasks
from .request import documented, read_request
from .table import load_table, load_test_table

__all__ = [
    "changes",
    "describe",
    "documented",
    "feature_matrix",
    "load_table",
    "load_test_table",
    "read_cards",
    "read_request",
    "read_tasks",
    "with_columns_counted",
]
