"""Sentences about the evidence: how near recorded datasets are, and what was measured on data of the user's own."""

from __future__ import annotations

from ..records.evidence import Evidence, OwnDataset
from .wording import metric_label, number, plural

NOTHING_NEAR = "Nothing known is near"
NOTHING_RECORDED = "No run of this kind was recorded: using the defaults."
ONLY_PUBLISHED = "No run of this kind was recorded: using a published recipe."


def nearness(evidence: Evidence) -> str:
    """Say how near the nearest recorded dataset is, and how much was measured."""
    runs = f"From {plural(evidence.n_runs, 'measured run')} on {plural(evidence.n_datasets, 'dataset')}."
    how = " Weighed by the card and by short trainings on the data." if evidence.measured else ""
    near = f"Near enough: nearest {evidence.nearest:.2f}, needed {evidence.threshold:.2f}.{how}"
    return " ".join(filter(None, [near, tried_out(evidence), runs]))


def tried_out(evidence: Evidence) -> str:
    """Say how the configuration did among those that were tried; nothing where none were, or another one is used."""
    used = next((one for one in evidence.tried if one.configuration == evidence.configuration), None)
    if used is None:
        return ""
    tried = f"Of {len(evidence.tried)} promising configurations tried on part of the rows, this one did best"
    first = evidence.tried[0]
    if used is first:
        return f"{tried}, as was predicted."
    return f"{tried}; the one predicted to be best lost {first.loss / used.loss - 1:.1%} more."


def abstention(evidence: Evidence) -> tuple[str, str]:
    """Say that nothing recorded is near, what is used instead, and how far away the nearest is."""
    if not evidence.n_runs:
        return ONLY_PUBLISHED if evidence.from_published else NOTHING_RECORDED, ""
    taken = next((one for one in evidence.own_datasets if one.taken), None)
    average = f"what is best on average over {plural(evidence.n_datasets, 'dataset')}"
    first = f"{NOTHING_NEAR}: using {f'your own runs on {taken.name}' if taken else average}."
    if not evidence.neighbours:
        return first, ""
    nearest = max(evidence.neighbours, key=lambda neighbour: neighbour.similarity)
    wanted = f"{evidence.threshold:.2f} is needed"
    second = f"Nearest is {nearest.name} with similarity {nearest.similarity:.2f}; {wanted}."
    return first, " ".join(filter(None, [second, tried_out(evidence)]))


def own_dataset(dataset: OwnDataset) -> str:
    """Say what of a dataset of the user's own was measured, and whether its configuration is used."""
    what = "other rows of this table" if dataset.same_table else "other data"
    when = f"{dataset.date[:10]}, imported" if dataset.imported else dataset.date[:10]
    best = f"best {metric_label(dataset.metric)} {number(dataset.value)}"
    values = ", ".join(f"{name}={number(value)}" for name, value in dataset.best.items())
    return f"{what}; {'used here; ' if dataset.taken else ''}{when}; {best} with {values}"
