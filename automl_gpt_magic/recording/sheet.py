"""The data sheet of the shipped bank, written from its files; its headings are those of Gebru et al. 2021."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..experience.bank import FOLDER
from .tables import source_groups

FILE = "README.md"
_ARMS = {"data": "its card and data", "card": "its card", "prior": "best on average"}
_EVERY_POINT = 3
_NOT_STATED = "not stated"

_TEXT = """\
# Data sheet of the recorded runs

Written by `python -m automl_gpt_magic.recording sheet` from the files beside it: change those, not this page. The
headings are those of [Datasheets for Datasets](https://arxiv.org/abs/1803.09010) (Gebru et al. 2021).

## Motivation

What was measured on public datasets is transferred to a dataset that was never seen: a plan's recommended
configuration and its predicted curve are drawn from these runs. They were recorded by this project, with its own code,
for this use.

## Composition

{families}

A *run* is one training of one configuration on one dataset; every dataset of a family was trained with every
configuration of that family, so that none is missing. *Sources* counts near-copies once: the same data with another
number of rows, and parts of one source that overlap.

- **Kept of a run**: the loss on the training and on the held-out rows and the error on the held-out rows (of a
  regression the mean absolute error) at the steps that are kept, and the seconds it took. A training that diverged is
  kept with the largest loss that can be written.
- **Kept of a dataset**: what its data card says (name, task, description, classes and their shares, source, licence,
  numbers of rows and columns, share of missing values), the text encoder's vector of these words, and its landmarks,
  the results of short trainings, where the family has any.
- **Not kept**: rows, predictions and models. Datasets about persons are among the sources; of a single person there is
  nothing here.
- **Fitted on the runs**, and shipped in the same files: the weights of the datasets for a new one, and the calibration
  of the predicted bands.
- **Noise**: each run has one split and one seed, so its numbers are as uncertain as one split of that many rows is.

`published.yaml` beside the runs is no part of them: it holds what others reported, and is marked so wherever it is
shown.

## Collection process

- **Recipe**: the preprocessing, model and training that ran are the cells that a plan generates for that dataset.
- **Configurations**: the library's default, one that a practitioner would start from, and two sets of scrambled Sobol
  points, one over the whole range that is recorded and one over the part of it that is usually good.
- **Sample**: at most so many rows, at random with a fixed seed; fewer of tables with many classes. A dataset that
  stands several times below was recorded again with other numbers of rows.
- **Split**: at random with a fixed seed, classes in the same shares; where a table was recorded again with few
  training rows, more are held out.
- **Time**: processor time for all steps on one core, whatever else the machine did.

{collection}

## Preprocessing

Identifiers, weights and columns that give the target away were left out, rows without a target dropped, codes of
classes replaced by their names; `automl_gpt_magic/recording/` says so for each table. Losses are divided by the
entropy of the labels or the deviation of the target, errors by the error of always naming the most frequent class or
by that deviation, and both are rounded to few bits. Every step is kept up to the twentieth, then ever fewer. The raw
logs are not shipped.

## What was fitted on it

Every dataset was taken for a new one, without its near-copies, and a configuration recommended for it: from its card,
from its data too, or the best on average over its task. A score of 0 is the mean of all that was recorded on the
dataset, 1 what one in a hundred of it reaches. Some settings were chosen by these very scores, so they flatter a
little; `make bench-transfer` prints those of datasets that nothing was chosen by.

{scores}

A dataset that is too unlike all others is given the best on average. How unlike is fitted: the lowest threshold within
a standard error of the best one, and never below what was judged. Where a score hardly changes with the threshold, the
transferred configuration and the average are about as good.

{abstention}

## Uses

Recommendations and forecasts for new datasets, and research on transferring hyperparameters. It must not be used

- **with UCI Adult in it**, nor with other data of the case studies (COCO, Natural Questions Open): no run on them is
  recorded, because the recommendations are tested on them;
- to score recommendations for a dataset of its own while that dataset or a near-copy of it is left in;
- to compare model families: they have other datasets, samples and configurations;
- as published results of a dataset: samples and splits are its own;
- as durations on another machine or on several cores;
- for statements on the people, places or products that a dataset describes.

## Distribution

The runs ship with the package under its licence, Apache-2.0: results are facts. The datasets are not shipped; they
come in these packages. A licence is the one that the package states for itself; that of a dataset inside may be
another, and "{not_stated}" is no permission.

{packages}

## Maintenance

- **Recording again**: `make bank`, or for one family `python -m automl_gpt_magic.recording runs FOLDER --family NAME`,
  then `landmarks` and `bank` likewise; it takes hours, and goes on where it was stopped.
- **Format**: schema {schemas}; the package reads no other. A bank that was replaced needs this page renewed, which a
  test sees to. Earlier banks are in the project's history only.
- **Limits**: {training_rows} training rows a dataset; one split a dataset; the versions above.

## Datasets

*Trained on* is the number of training rows, *rows* that of the whole dataset.

{datasets}
"""


@dataclass(frozen=True)
class _Family:
    """What the sheet needs of a family's two files."""

    about: Mapping[str, Any]
    n_configurations: int
    n_kept: int
    steps: int
    hours: float
    n_landmarks: int

    @property
    def name(self) -> str:
        return str(self.about["family"])

    @property
    def datasets(self) -> Sequence[Mapping[str, Any]]:
        return sorted(self.about["datasets"], key=lambda one: (one["task"], one["name"], one["n_rows"]))

    def training_rows(self, dataset: Mapping[str, Any]) -> int:
        rows: int = round(dataset["n_rows"] * (1 - self.about["held_out"]))
        return rows


def write_sheet(folder: Path = FOLDER) -> Path:
    """Write the data sheet beside the bank that it describes; return its file."""
    path = folder / FILE
    path.write_text(sheet(folder), encoding="utf-8", newline="\n")
    return path


def sheet(folder: Path = FOLDER) -> str:
    """Return the data sheet of every family that has its files in the folder."""
    families = [_read(path) for path in sorted(folder.glob("*.json"))]
    rows = [family.training_rows(dataset) for family in families for dataset in family.datasets]
    return _TEXT.format(
        families=_overview(families),
        collection=_collection(families),
        scores=_scores(families),
        abstention=_abstention(families),
        not_stated=_NOT_STATED,
        packages=_packages(families),
        schemas=" or ".join(sorted({str(one.about["schema_version"]) for one in families})),
        training_rows=f"{min(rows):,} to {max(rows):,}",
        datasets="\n\n".join(f"### {one.name}\n\n{_datasets(one)}" for one in families),
    )


def _read(path: Path) -> _Family:
    about = json.loads(path.read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as file:
        steps, hours = file["rounds"], float(file["seconds"].sum(dtype="float64")) / 3600
        n_landmarks = file["landmarks"].shape[1] if "landmarks" in file.files else 0
        return _Family(about, len(file["configurations"]), len(steps), int(steps[-1]), hours, n_landmarks)


def _overview(families: Iterable[_Family]) -> str:
    heading = ("family", "datasets", "sources", "tasks", "configurations", "runs", "steps (kept)", "hours on one core")
    return _table([heading, *map(_overview_row, families)])


def _overview_row(family: _Family) -> tuple[str, ...]:
    datasets = family.datasets
    tasks = Counter(dataset["task"] for dataset in datasets)
    return (
        family.name,
        str(len(datasets)),
        str(len(set(source_groups(datasets)))),
        ", ".join(f"{count} {task}" for task, count in sorted(tasks.items())),
        str(family.n_configurations),
        f"{len(datasets) * family.n_configurations:,}",
        f"{family.steps} ({family.n_kept})",
        f"{family.hours:.1f}",
    )


def _collection(families: Iterable[_Family]) -> str:
    heading = ("family", "hyperparameters", "most rows", "held out", "landmarks", "versions", "machine")
    return _table([heading, *map(_collection_row, families)])


def _collection_row(family: _Family) -> tuple[str, ...]:
    about = family.about
    return (
        family.name,
        ", ".join(about["parameters"]),
        f"{about['most_rows']:,}",
        f"{about['held_out']:.0%}",
        str(family.n_landmarks or "none"),
        ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
        about["machine"],
    )


def _scores(families: Iterable[_Family]) -> str:
    heading = ("family", *_ARMS.values(), "the library's default")
    return _table([heading, *map(_scores_row, families)])


def _scores_row(family: _Family) -> tuple[str, ...]:
    scores = family.about["calibration"]["scores"]
    told = (
        f"{scores[arm]:.2f} ± {scores[f'{arm}_error']:.2f}" if arm in scores else "-" for arm in (*_ARMS, "default")
    )
    return (family.name, *told)


def _abstention(families: Iterable[_Family]) -> str:
    heading = ("family", "known by", "threshold taken", "thresholds: share of datasets below, mean score then")
    return _table([heading, *(row for family in families for row in _abstention_rows(family))])


def _abstention_rows(family: _Family) -> Iterator[tuple[str, ...]]:
    for arm, fitted in family.about["calibration"]["abstention"].items():
        curve = fitted["with_text"]["curve"]
        points = (f"{near:.2f}: {below:.0%}, {score:.2f}" for near, below, score in curve[::_EVERY_POINT])
        yield family.name, _ARMS[arm], f"{fitted['with_text']['threshold']:.2f}", "; ".join(points)


def _packages(families: Iterable[_Family]) -> str:
    datasets = {dataset["source"]: _licence(dataset) for family in families for dataset in family.datasets}
    found = Counter((*source.split(", ", 2)[:2], licence) for source, licence in datasets.items())
    rows = [(*package, str(count)) for package, count in sorted(found.items())]
    return _table([("package", "version", "licence", "datasets taken from it"), *rows])


def _datasets(family: _Family) -> str:
    heading = ("name", "task", "trained on", "rows", "features", "source", "licence")
    return _table([heading, *(_dataset_row(family, dataset) for dataset in family.datasets)])


def _dataset_row(family: _Family, dataset: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        dataset["name"],
        dataset["task"],
        f"{family.training_rows(dataset):,}",
        f"{dataset['n_rows_whole']:,}",
        _features(dataset),
        dataset["source"],
        _licence(dataset),
    )


def _features(dataset: Mapping[str, Any]) -> str:
    if dataset.get("image_size"):
        return "×".join(map(str, (*dataset["image_size"], dataset["n_channels"])))
    categories = dataset["n_categorical"]
    return f"{dataset['n_features']}, {categories} categorical" if categories else str(dataset["n_features"])


def _licence(dataset: Mapping[str, Any]) -> str:
    return str(dataset.get("licence") or _NOT_STATED).removesuffix(" (package)")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    heading, *others = [" | ".join(cell.replace("|", r"\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in (heading, " | ".join("---" for _ in rows[0]), *others))
