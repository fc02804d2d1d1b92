"""The units that recorded losses and errors are relative to."""

from __future__ import annotations

import numpy as np

from ..records.card import REGRESSION, DataCard
from ..records.table import TableProfile


def scales(card: DataCard, table: TableProfile | None) -> tuple[float, float]:
    """Return the units of relative loss and error: label entropy and majority error, or the target's scale."""
    if card.task == REGRESSION:
        scale = table.target_scale if table else 1.0
        return scale, scale
    shares = np.array([share for share in card.class_balance.values() if share > 0])
    if not len(shares):
        shares = np.full(max(2, len(card.label_space)), 1 / max(2, len(card.label_space)))
    return float(-(shares * np.log(shares)).sum()), float(1 - shares.max())
