"""Recorded datasets that scikit-learn carries."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

import pandas as pd

from automl_gpt_magic.recording.tables import Package, RecordedDataset, TableSpec, recorded

TABLES = (
    TableSpec(
        "breast_cancer",
        "load_breast_cancer",
        "Breast Cancer Wisconsin (diagnostic)",
        "diagnosis",
        "A row is a breast mass, described by the size, shape and texture of the cell nuclei in an image of "
        "it; predicted is whether the mass is malignant.",
        {"0": "malignant", "1": "benign"},
        target_column="target",
        family="wisconsin_diagnostic",
    ),
    TableSpec(
        "digits",
        "load_digits",
        "Handwritten digits 8x8",
        "digit",
        "A row is a handwritten digit as an 8x8 image of grey levels, one column per pixel; predicted is the digit.",
        {str(digit): str(digit) for digit in range(10)},
        target_column="target",
        family="optdigits",
    ),
    TableSpec(
        "diabetes",
        "load_diabetes",
        "Diabetes progression",
        "progression",
        "A row is a diabetes patient with age, sex, body measures and six blood serum values; predicted is "
        "how far the disease has progressed after one year.",
        target_meaning="disease progression score one year after baseline (25 to 346)",
        target_column="target",
    ),
)


def sklearn_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of scikit-learn.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    package = Package("scikit-learn", version("scikit-learn"), "BSD-3-Clause", _read)
    return tuple(recorded(spec, package) for spec in TABLES)


def _read(spec: TableSpec) -> pd.DataFrame:
    bunch = getattr(import_module("sklearn.datasets"), spec.table)(as_frame=True)
    frame: pd.DataFrame = bunch.frame
    return frame
