"""Recorded datasets that the package river carries, read from its files without importing it.

Left out are copies of banana and segment, series over time, and the anomalies of shuttle, which are given away.
"""

from __future__ import annotations

import pandas as pd

from automl_gpt_magic.recording.tables import ZERO_ONE, Package, RecordedDataset, TableSpec, packaged, recorded

OTHER_GENE_CLASSES = " ".join(f"Class{number}" for number in range(2, 15))

TABLES = (
    TableSpec(
        "phishing",
        "phishing.csv.gz",
        "Phishing websites",
        "is_phishing",
        "A row is a website with nine coded signs of its address, links and age, where one half stands for a "
        "suspicious case; predicted is whether it is a phishing site.",
        ZERO_ONE,
        categorical="age_of_domain ip_in_url",
        family="website_phishing",
    ),
    # the other classes of flares are outcomes of the same day; largest-spot-area has one value
    TableSpec(
        "solar_flare",
        "solar-flare.csv.zip",
        "Solar flares",
        "flare",
        "A row is an active region of the sun, with the kind, size and past activity of its spots; predicted is "
        "whether it sends out a common flare (class C) within a day.",
        {"False": "no", "True": "yes"},
        categorical="activity evolution previous-24h-flare-activity hist-complex hist-complex-this-pass area",
        drop="largest-spot-area m-class-flares x-class-flares",
        above_zero=True,
        target_column="c-class-flares",
    ),
    # a gene may have several classes: the others are left out
    TableSpec(
        "yeast_gene_function",
        "yeast.csv.gz",
        "Functions of yeast genes, first class",
        "Class1",
        "A row is a yeast gene, described by 103 values of its activity in experiments and of its relation to "
        "genes of other species; predicted is whether it belongs to the first of fourteen classes of function.",
        ZERO_ONE,
        drop=OTHER_GENE_CLASSES,
    ),
    # chick numbers the animals; an animal has twelve rows
    TableSpec(
        "chick_weights",
        "chick-weights.csv",
        "Weights of chicks",
        "weight",
        "A row is the weighing of a young chick with its age and one of four diets; predicted is its weight.",
        target_meaning="weight in grams",
        categorical="diet",
        drop="chick",
    ),
    # the target moves slowly, so that the date would give it away between two neighbouring days
    TableSpec(
        "trump_approval",
        "trump_approval.csv.gz",
        "Approval of Donald Trump",
        "five_thirty_eight",
        "A row is a day between 2017 and 2019 with the approval of the American president in the polls of five "
        "institutes; predicted is the value of a model that combines such polls.",
        target_meaning="approval in percent",
        drop="ordinal_date",
    ),
)


def river_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of river.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    return tuple(recorded(spec, PACKAGE) for spec in TABLES)


def _read(spec: TableSpec) -> pd.DataFrame:
    return pd.read_csv(packaged("river") / "datasets" / spec.table)


PACKAGE = Package("river", "0.26.0", "BSD-3-Clause", _read)
