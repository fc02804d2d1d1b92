"""The code that holds out the validation part: at random, by group or by time."""

from __future__ import annotations

from ...records.card import DataCard
from ...records.table import TableProfile


def split_import(card: DataCard) -> list[str]:
    """Return the import line that `split_code` needs."""
    if card.split.time:
        return []
    return [f"from sklearn.model_selection import {'GroupShuffleSplit' if card.split.group else 'train_test_split'}"]


def split_step(card: DataCard, table: TableProfile) -> tuple[str, str]:
    """Return technique and reason."""
    split, share = card.split, f"{card.split.validation:.0%}"
    if split.group:
        n_groups = table.split_by.n_unique if table.split_by else 0
        how = f"{share} of its {n_groups:,} groups, seed {split.seed}; no group is in both, and it is no feature"
        return f"split off a validation part by {split.group}", how
    if split.time:
        how = "trained on what came before; equal times stay together, and it is no feature"
        return f"hold out the last {share} by {split.time}", how
    classes = ", same class shares" if card.is_classification else ""
    return "split off a validation part", f"{share} of the rows, seed {split.seed}{classes}"


def split_code(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the statements that define ``{names}_train`` and ``_valid``."""
    lines = _by_group(names, card) if card.split.group else _by_time(names, card, table) if card.split.time else None
    return "\n".join(["", *(lines or _at_random(names, card))])


def _at_random(names: str, card: DataCard) -> list[str]:
    stratify = f", stratify={names}_target({names}_rows)" if card.is_classification else ""
    return [
        f"{names}_train, {names}_valid = train_test_split(",
        f"    {names}_rows, test_size={card.split.validation!r}, random_state={card.split.seed!r}{stratify}",
        ")",
    ]


def _by_group(names: str, card: DataCard) -> list[str]:
    splitter = f"GroupShuffleSplit(n_splits=1, test_size={card.split.validation!r}, random_state={card.split.seed!r})"
    return [
        f"# No group is in both parts; rows without {_short(card.split.group)} are one group.",
        f"{names}_groups = {names}_rows[{card.split.group!r}].factorize(use_na_sentinel=False)[0]",
        f"{names}_places = next({splitter}.split({names}_rows, groups={names}_groups))",
        f"{names}_train, {names}_valid = ({names}_rows.iloc[places] for places in {names}_places)",
    ]


def _by_time(names: str, card: DataCard, table: TableProfile) -> list[str]:
    column = f"{names}_rows[{card.split.time!r}]"
    is_number = table.split_by is not None and table.split_by.kind == "numeric"
    cut = f"{names}_when.quantile(1 - {card.split.validation!r}, interpolation='higher')"
    return [
        "# The last rows are held out; those of one time stay in one part.",
        f"{names}_when = {column if is_number else f'pd.to_datetime({column}, utc=True)'}",
        f"{names}_second = {names}_when[{names}_when > {names}_when.min()].min()",
        f"{names}_cut = max({cut}, {names}_second)",
        f"{names}_train, {names}_valid = {names}_rows[{names}_when < {names}_cut], "
        f"{names}_rows[{names}_when >= {names}_cut]",
    ]


def _short(name: str | None) -> str:
    shown = repr(name)
    return shown if len(shown) < 40 else "it"
