"""The record of a public dataset and the rules that turn a packaged table into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

HELD_OUT = 0.4  # the benchmark of transfer halves it into validation and test
YES_NO: Mapping[str, str] = {"no": "no", "yes": "yes"}
ZERO_ONE: Mapping[str, str] = {"0": "no", "1": "yes"}


@dataclass(frozen=True)
class RecordedDataset:
    """A public dataset on which runs are recorded.

    Attributes
    ----------
    key : str
        Short stable slug, such as ``"magic"``.
    card : Mapping[str, Any]
        Fields of the data card: name, input_type, task, description, label_space, source, licence if known.
    target : str
        Name of the column to predict.
    family : str
        Common name of a dataset and its near-copies in other packages.
    load : Callable[[], pandas.DataFrame]
        Returns the full table, target included.
    drawn_from : tuple of str
        Where several datasets are drawn from one source: which parts of it this one has; see `near_copies`.
    most_rows : int or None
        How many rows are recorded at most, where it is not the family's usual number.
    held_out : float
        The share of the rows that no run is trained on.
    """

    key: str
    card: Mapping[str, Any]
    target: str
    family: str
    load: Callable[[], pd.DataFrame]
    drawn_from: tuple[str, ...] = ()
    most_rows: int | None = None
    held_out: float = HELD_OUT


@dataclass(frozen=True)
class TableSpec:
    """What has to be known of a packaged table to make it a recorded dataset.

    Attributes
    ----------
    key, target, description : str
        As in the record and its data card.
    table : str
        Name of the table inside its package.
    title : str
        Name on the data card.
    classes : Mapping[str, str]
        Class name for each written target value; empty for a regression.
    target_meaning : str
        One line on the numeric target of a regression.
    columns : str
        Column names, separated by blanks, for tables that come without a header.
    categorical : str
        Columns whose numbers are codes, separated by blanks.
    drop : str
        Columns to leave out, separated by blanks: identifiers, weights and whatever gives the target away.
    above_zero : bool
        Whether the class to predict is "the target is greater than zero".
    target_column : str
        Name of the target in the packaged table, where it differs.
    family : str
        Common name of near-copies, the key where empty.
    """

    key: str
    table: str
    title: str
    target: str
    description: str
    classes: Mapping[str, str] = field(default_factory=dict)
    target_meaning: str = ""
    columns: str = ""
    categorical: str = ""
    drop: str = ""
    above_zero: bool = False
    target_column: str = ""
    family: str = ""


@dataclass(frozen=True)
class Package:
    """A Python package that carries tables.

    Attributes
    ----------
    name, version : str
        The distribution and the version that the tables were looked at in.
    licence : str
        Licence of the package, empty where it states none.
    read : Callable[[TableSpec], pandas.DataFrame]
        Reads the raw table of a spec.
    """

    name: str
    version: str
    licence: str
    read: Callable[[TableSpec], pd.DataFrame]


def packaged(name: str) -> Path:
    """Return the folder of an installed package, without importing it.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed.
    """
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"the package {name} is not installed")
    return Path(found.origin).parent


def near_copies(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two descriptions of recorded datasets are of one family, or drawn from the same part of a source."""
    return one["family"] == other["family"] or not set(one.get("drawn_from", ())).isdisjoint(
        other.get("drawn_from", ())
    )


def source_groups(datasets: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return a number for each description, the same where near-copies connect two; numbers rise by task and family."""
    order = sorted(range(len(datasets)), key=lambda place: (datasets[place]["task"], datasets[place]["family"]))
    group, found = [-1] * len(datasets), 0
    for first in order:
        if group[first] >= 0:
            continue
        connected = [first]
        for one in connected:
            group[one] = found
            connected += [
                place
                for place, other in enumerate(datasets)
                if group[place] < 0 and place not in connected and near_copies(datasets[one], other)
            ]
        found += 1
    return group


def recorded(spec: TableSpec, package: Package) -> RecordedDataset:
    """Make the record of one table of a package.

    Parameters
    ----------
    spec : TableSpec
        Description of the table.
    package : Package
        Where the table is read from.

    Returns
    -------
    RecordedDataset
        The record; nothing is loaded yet.
    """
    load = partial(_load, spec, package)
    return RecordedDataset(spec.key, _card(spec, package), spec.target, spec.family or spec.key, load)


def task_of(spec: TableSpec) -> str:
    """Name the task of a table by its number of classes.

    Parameters
    ----------
    spec : TableSpec
        Description of the table.

    Returns
    -------
    str
        "regression", "binary classification" or "multiclass classification".
    """
    if not spec.classes:
        return "regression"
    return "binary classification" if len(spec.classes) == 2 else "multiclass classification"


def _card(spec: TableSpec, package: Package) -> Mapping[str, Any]:
    card: dict[str, Any] = {
        "name": spec.title,
        "input_type": "tabular",
        "task": task_of(spec),
        "description": spec.description,
        "label_space": list(spec.classes.values()) or spec.target_meaning,
        "source": {"package": package.name, "version": package.version, "dataset": spec.table},
    }
    if package.licence:
        card["licence"] = f"{package.licence} (package)"
    return card


def _load(spec: TableSpec, package: Package) -> pd.DataFrame:
    raw = package.read(spec).rename(columns={spec.target_column or spec.target: spec.target})
    frame = raw.drop(columns=spec.drop.split()).dropna(subset=[spec.target])
    target = frame[spec.target] > 0 if spec.above_zero else frame[spec.target]
    codes = set(spec.categorical.split())
    features = {name: _tidy(frame[name], name in codes) for name in frame.columns if name != spec.target}
    labels = _labels(target, spec.classes) if spec.classes else pd.to_numeric(target)
    return pd.DataFrame({**features, spec.target: labels}).reset_index(drop=True)


def _tidy(column: pd.Series[Any], is_code: bool) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: "yes", False: "no"})
    if is_code:
        return _as_text(column)
    return column if pd.api.types.is_numeric_dtype(column) else column.str.strip()


def _as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    whole = column.astype("Int64") if pd.api.types.is_numeric_dtype(column) else column
    return whole.astype("str").str.strip().where(column.notna())


def _labels(target: pd.Series[Any], classes: Mapping[str, str]) -> pd.Series[Any]:
    written = target.astype("str").str.strip()
    unknown = set(written) - set(classes)
    if unknown:
        raise ValueError(f"{target.name}: no class name for {sorted(unknown)}")
    return written.map(classes)
