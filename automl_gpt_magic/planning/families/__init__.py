"""Model families: one file each, with its search space and the code of its cells."""

from .catalogue import (
    FAMILIES,
    any_counts_columns,
    family_named,
    family_of,
    library_card,
    named_by_user,
    not_compared,
    not_installed,
    options,
    plannable,
    space_for,
)
from .family import Family
from .xgboost import XGBOOST

__all__ = [
    "FAMILIES",
    "XGBOOST",
    "Family",
    "any_counts_columns",
    "family_named",
    "family_of",
    "library_card",
    "named_by_user",
    "not_compared",
    "not_installed",
    "options",
    "plannable",
    "space_for",
]
