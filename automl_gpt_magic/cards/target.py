"""The target column: which one it is, what task it makes and which classes it has."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import CardError, DataError, one_line
from ..records.card import BINARY, MULTICLASS, REGRESSION, Cards, Label
from ..records.metric import is_for_numbers
from .arrays import is_npz
from .classes import as_text, has_literal, name_classes
from .columns import count_unique, inferred_type
from .paths import expanded, is_folder
from .vocabulary import CLASSIFICATION

if TYPE_CHECKING:
    import pandas as pd

    Values = pd.Series[Any]

MAX_CLASSES = 200
_FEW = 20
_MAX_SHOWN = 8
_UNUSABLE = "numbers too close to each other to train on. Rescale it above this cell."


@dataclass(frozen=True)
class Outcome:
    """What the target turned out to be."""

    task: str
    labels: tuple[Label, ...] = ()
    classes: tuple[Any, ...] = ()
    counts: tuple[int, ...] = ()
    scale: float = 1.0
    lowest: float = math.inf
    entropy: float = 0.0
    notes: tuple[str, ...] = ()


def implied_target(cards: Cards) -> str:
    """Return the target's name: the card's, else what the rows of such a source call it; empty where that is open."""
    data = cards.data
    if data.target or data.frame:
        return data.target or ""
    if data.path:
        of_arrays = is_npz(data.path) or is_folder(expanded(data.path))
        return "label" if of_arrays else ""
    return "target" if (data.dataset or "").startswith("sklearn/") else ""


def table_name(cards: Cards) -> str:
    """Name the table as the card does."""
    data = cards.data
    return f"the frame {data.frame}" if data.frame else f"the file {data.path}" if data.path else "the table"


def find_target(cards: Cards, table: pd.DataFrame) -> int:
    """Return the place of the target among the columns."""
    if cards.data.target is None:
        message = "no target is named. Write target: and the column to predict; "
        raise cards.error("data.target", message + _columns([str(label) for label in table.columns]))
    return find_column(cards, table, cards.data.target, "data.target")


def find_column(cards: Cards, table: pd.DataFrame, wanted: str, field: str) -> int:
    """Return the place of a column that a card's field names; a label that is not text is found by its text."""
    labels = [str(label) for label in table.columns]
    if wanted in labels:
        return labels.index(wanted)
    for place, label in enumerate(labels):
        if label.strip() == wanted:
            return place
    near = difflib.get_close_matches(wanted.lower(), [label.lower() for label in labels], n=1)
    message = f"{table_name(cards)} has no column {wanted}; "
    if near:
        meant = next(label for label in labels if label.lower() == near[0])
        raise cards.error(field, f"{message}did you mean {meant}?")
    raise cards.error(field, message + _columns(labels))


def _columns(labels: list[str]) -> str:
    return f"its columns are {_shown(labels)}."


def _shown(values: list[Any]) -> str:
    more = f" and {len(values) - _MAX_SHOWN} more" if len(values) > _MAX_SHOWN else ""
    return ", ".join(str(value) for value in values[:_MAX_SHOWN]) + more


def read_outcome(cards: Cards, values: Values) -> Outcome:
    """Return task, classes and spread of a target without missing values."""
    n_unique = _n_unique(cards, values)
    if n_unique == 1:
        only = as_text(values.iloc[0])
        message = f"{cards.data.target} holds one value, {only!r}, in all {len(values):,} rows. "
        message += "Write a target that varies."
        raise cards.error("data.target", message)
    task, notes = _task(cards, values, n_unique)
    if task == REGRESSION:
        return Outcome(task, scale=_scale(cards, values), lowest=float(values.min()), notes=notes)
    if n_unique > MAX_CLASSES:
        raise _too_many(cards, values, n_unique)
    return _classes(cards, values, task, notes)


def _n_unique(cards: Cards, values: Values) -> int:
    n_unique = count_unique(values)
    if n_unique is None:
        message = f"{cards.data.target} holds lists or other collections. Write a target of classes or numbers."
        raise cards.error("data.target", message)
    return n_unique


def is_number(values: Values) -> bool:
    """Tell whether a column holds numbers, also in a column of objects; truth values are none here."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        return False
    numeric = ("integer", "floating", "mixed-integer-float", "decimal")
    return pd.api.types.is_numeric_dtype(values.dtype) or inferred_type(values) in numeric


def _task(cards: Cards, values: Values, n_unique: int) -> tuple[str, tuple[str, ...]]:
    stated = cards.data.task
    if stated == REGRESSION:
        return stated, ()
    count = BINARY if n_unique == 2 else MULTICLASS
    if stated in (CLASSIFICATION, count):
        return count, ()
    if stated:
        return count, (f"the card says {stated}, but {cards.data.target} has {n_unique} classes: taken as {count}",)
    task = count if _looks_like_classes(cards, values, n_unique) else REGRESSION
    return task, (f"the card names no task: {cards.data.target} has {n_unique:,} different values, taken as {task}",)


def _looks_like_classes(cards: Cards, values: Values, n_unique: int) -> bool:
    if cards.data.label_space or not is_number(values):
        return True
    metrics = cards.data.metrics + cards.request.metrics
    if metrics and all(map(is_for_numbers, metrics)):
        return False
    return n_unique == 2 or (n_unique <= _FEW and _all_whole(values))


def _all_whole(values: Values) -> bool:
    return all(value == math.floor(value) for value in values.unique())


def _scale(cards: Cards, values: Values) -> float:
    import numpy as np
    import pandas as pd

    if not (is_number(values) or pd.api.types.is_bool_dtype(values.dtype)):
        message = f"regression needs numbers, but {cards.data.target} holds {_shown(list(values.unique()[:3]))}. "
        raise cards.error("data.target", message + "Write a column of numbers, or task: classification.")
    numbers = _as_floats(cards, values)
    if np.abs(numbers).max() > np.finfo(np.float32).max:
        raise _too_large(cards)
    scale = float(np.std(numbers))
    if not 0 < scale < math.inf:
        raise cards.error("data.target", f"{cards.data.target} holds {_UNUSABLE}")
    return scale


def _as_floats(cards: Cards, values: Values) -> Any:
    try:
        return values.to_numpy(dtype=float)
    except OverflowError:
        raise _too_large(cards) from None
    except (TypeError, ValueError):
        message = f"{cards.data.target} holds numbers that cannot be trained on. Write {_column(cards, values)}"
        raise cards.error("data.target", message + ".astype(float) above this cell.") from None


def _too_large(cards: Cards) -> DataError:
    """Return the error for numbers that a 32-bit float cannot hold, as XGBoost needs it."""
    message = f"{cards.data.target} holds numbers beyond 3.4e38, too large to train on. "
    return DataError(one_line(message + "Rescale it above this cell, for example divide it or take its logarithm."))


def _column(cards: Cards, values: Values) -> str:
    return f"{cards.data.frame or 'table'}[{values.name!r}]"


def _too_many(cards: Cards, values: Values, n_unique: int) -> CardError:
    message = f"{cards.data.target} has {n_unique:,} values, too many for classes (at most {MAX_CLASSES}). "
    if is_number(values):
        return cards.error("data.target", message + "Write task: regression.")
    return cards.error("data.target", message + "Write a target with fewer classes, or one of numbers.")


def _classes(cards: Cards, values: Values, task: str, notes: tuple[str, ...]) -> Outcome:
    counted = values.value_counts(sort=False)
    counts = {_plain(value): n for value, n in zip(counted.index.tolist(), counted.tolist(), strict=True) if n}
    _check_literals(cards, values, list(counts))
    named = name_classes(cards, list(counts))
    numbers = tuple(counts[value] for value in named.classes)
    rare = tuple(
        f"class {label.name} has a single row: it cannot be in training and validation"
        for label, n in zip(named.labels, numbers, strict=True)
        if n == 1
    )
    entropy = -sum(n / len(values) * math.log(n / len(values)) for n in numbers)
    return Outcome(task, named.labels, named.classes, numbers, entropy=entropy, notes=notes + named.notes + rare)


def _plain(value: Any) -> Any:
    """Return a number or text of numpy as Python's own."""
    import numpy as np

    return value.item() if isinstance(value, (np.number, np.bool_, np.character)) else value


def _check_literals(cards: Cards, values: Values, classes: list[Any]) -> None:
    """Refuse classes that code cannot name, such as dates, decimals and intervals."""
    strange = next((value for value in classes if not has_literal(value)), None)
    if strange is not None:
        message = f"{cards.data.target} holds values of type {type(strange).__name__}, which code cannot name. "
        message += f"Write a target of text or numbers, such as {_column(cards, values)}.astype(str)."
        raise cards.error("data.target", message)
