"""Leakage that is easy to see: the target among the features, and rows that are trained on and scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = pd.Series[Any]
    Numbers = np.ndarray[Any, Any]

_NEARLY = 0.999
_MOST_ROWS = 5_000
_FIRST_ROWS, _MANY = 500, 100
_FEWEST = 30
_FEWEST_OF_A_CLASS = 5
_FIRST_COLUMNS = 30
_SHARE_TOLD, _FEWEST_TOLD = 0.01, 5  # a few equal rows are chance
_MOST_TOLD = 5
_HEAD = 100


def target_leaks(features: pd.DataFrame, target: Values, *, classes: bool) -> list[str]:
    """Return a sentence for each feature that holds the target, or alone tells nearly all of it.

    Parameters
    ----------
    features : DataFrame
    target : Series
        Of the same rows, without missing values.
    classes : bool
        Whether the target holds classes, and not numbers.
    """
    name, told = str(target.name), {}
    head = target.head(_HEAD).tolist()
    for place, (_, column) in enumerate(features.items()):
        why = _same_as(column, target, head)
        if why:
            told[place] = why.format(name)
    others = [place for place in range(features.shape[1]) if place not in told]
    told |= _tell_tales(features, others, target, name, classes)
    shown = [f"column {features.columns[place]!r} {told[place]}: drop it unless it is known earlier" for place in told]
    more = len(shown) - _MOST_TOLD
    return [*shown[:_MOST_TOLD], *([f"{more:,} more columns tell the target as these do"] if more > 0 else [])]


def _same_as(column: Values, target: Values, head: list[Any]) -> str:
    """Say how a column is the target; empty where it is not."""
    try:
        first = [value if value == value else None for value in column.head(_HEAD).tolist()]
        if not len(set(first)) == len(set(head)) == len(set(zip(first, head, strict=True))):
            return ""
        if first == head and column.tolist() == target.tolist():
            return "has the same values as the target"
        return "is {} under other names, value for value" if _is_renamed(column, target) else ""
    except (TypeError, ValueError, NotImplementedError):  # values that cannot be compared or hashed, such as arrays
        return ""


def _is_renamed(column: Values, target: Values) -> bool:
    """Tell whether each value goes with one value of the target, and the other way round, most of them repeatedly."""
    codes, names = column.factorize(use_na_sentinel=False)
    others, values = target.factorize()
    return len(names) == len(values) and 2 * len(values) <= len(target) and bool((codes == others).all())


def _tell_tales(
    features: pd.DataFrame, places: Sequence[int], target: Values, name: str, classes: bool
) -> dict[int, str]:
    """Return the numeric columns that alone tell the target; of many columns, first by few rows."""
    import numpy as np
    import pandas as pd

    order = np.random.default_rng(0).permutation(len(target))
    dtypes = features.dtypes.tolist()
    suspects = [place for place in places if pd.api.types.is_numeric_dtype(dtypes[place]) and dtypes[place].kind != "c"]
    for n_rows in (_FIRST_ROWS, _MOST_ROWS) if len(suspects) > _MANY else (_MOST_ROWS,):
        rows = order[:n_rows]
        aim = target.iloc[rows].factorize()[0] if classes else target.iloc[rows].to_numpy(dtype=np.float64)
        table = features.iloc[rows, suspects].to_numpy(dtype=np.float64, na_value=np.nan)
        suspects = [place for place, numbers in zip(suspects, table.T, strict=True) if _tells(numbers, aim, classes)]
    what = f"alone tells the classes of {name} apart" if classes else f"alone predicts {name}"
    return dict.fromkeys(suspects, f"{what} almost without error")


def _tells(numbers: Numbers, aim: Numbers, classes: bool) -> bool:
    import numpy as np

    known = np.isfinite(numbers)
    if known.sum() < max(_FEWEST, 0.5 * len(known)):
        return False
    return _separates(numbers[known], aim[known]) if classes else _follows(numbers[known], aim[known])


def _separates(numbers: Numbers, codes: Numbers) -> bool:
    """Tell whether sorting by the numbers sorts the classes; equal numbers count against it."""
    import numpy as np

    counts = np.bincount(codes)
    present = counts > 0
    if present.sum() < 2 or counts[present].min() < _FEWEST_OF_A_CLASS:
        return False
    ranks = _ranks(numbers)
    means = np.bincount(codes, weights=ranks) / np.maximum(counts, 1)
    places = np.argsort(np.argsort(means))[codes]
    if present.sum() == 2:
        return _auc(ranks, places == places.max()) > _NEARLY
    return float((places[np.lexsort((-places, numbers))] == np.sort(places)).mean()) > _NEARLY


def _auc(ranks: Numbers, positive: Numbers) -> float:
    n_positive = int(positive.sum())
    pairs = n_positive * (len(positive) - n_positive)
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / pairs)


def _follows(numbers: Numbers, aim: Numbers) -> bool:
    """Tell whether a line, or any rising or falling curve, goes from the numbers to the target."""
    import numpy as np

    if numbers.std() == 0 or aim.std() == 0:
        return False
    pairs = ((numbers, aim), (_ranks(numbers), _ranks(aim)))
    return any(np.corrcoef(one, other)[0, 1] ** 2 > _NEARLY for one, other in pairs)


def _ranks(numbers: Numbers) -> Numbers:
    """Return ranks from 1, the mean one for equal numbers."""
    import numpy as np

    _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def repeated_rows(rows: pd.DataFrame, share: float, held_out: Numbers | None) -> Iterator[str]:
    """Yield a sentence where many validation rows are the same as a training row, target included.

    Parameters
    ----------
    rows : DataFrame
        Features and target.
    share : float
        Of the rows, for validation.
    held_out : array of bool or None
        Which rows those are; None where they are drawn at random, and the number is the expected one.
    """
    import numpy as np

    keys = _keys(rows)
    if held_out is None:
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        n_held_out, n_repeated = share * len(rows), float((share * (1 - share ** (counts[inverse] - 1.0))).sum())
        about = "about "
    else:
        n_held_out, n_repeated = int(held_out.sum()), int(np.isin(keys[held_out], keys[~held_out]).sum())
        about = ""
    if _is_told(n_repeated, n_held_out):
        yield (
            f"{about}{round(n_repeated):,} of the {round(n_held_out):,} validation rows are also in the training part, "
            "the same in every column: drop the copies if they are none of different cases"
        )


def shared_rows(table: pd.DataFrame, test: pd.DataFrame, columns: Sequence[Any]) -> Iterator[str]:
    """Yield a sentence where many test rows are the same as a row of the training table in these columns."""
    import numpy as np

    n_shared = int(np.isin(_keys(test[columns]), _keys(table[columns])).sum())
    if _is_told(n_shared, len(test)):
        yield f"{n_shared:,} of the {len(test):,} test rows are also in the training table: the test score flatters"


def _is_told(n_same: float, n_rows: float) -> bool:
    return round(n_same) >= _FEWEST_TOLD and n_same >= _SHARE_TOLD * n_rows


def _keys(rows: pd.DataFrame) -> Numbers:
    """Return a number for each row that is the same for the same values."""
    import numpy as np
    import pandas as pd

    keys = np.zeros(len(rows), dtype=np.uint64)
    for place in range(rows.shape[1]):
        column = rows.iloc[:, place]
        if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c":
            plain: Any = pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0)
        else:
            plain = column.map(str)
        keys = keys * np.uint64(31) + pd.util.hash_array(plain.to_numpy())
        if place % _FIRST_COLUMNS == _FIRST_COLUMNS - 1 and len(np.unique(keys)) == len(keys):
            break  # no two are the same, whatever else they hold
    return keys
