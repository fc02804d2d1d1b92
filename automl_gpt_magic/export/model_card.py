"""``README.md``: the model card, with measured numbers as results and predicted ones only as predicted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..notebook.wording import metric_label, number, plural, seconds
from ..records.card import REGRESSION
from ..records.plan import Plan
from ..records.run import Run
from .markdown import bullets, plain, table, user

_SOURCES = {"user": "user", "llm": "LLM", "neighbour": "neighbours", "prior": "prior", "default": "default"}
_MEANINGS: Mapping[str, str] = {
    "user": "set by the user",
    "llm": "from the LLM's answer",
    "neighbour": "transferred from the most similar recorded datasets",
    "prior": "best on average over all recorded datasets",
    "default": "the library's default",
}
# Those of https://huggingface.co/docs/hub/repositories-licenses that data is usually given out under.
_LICENCES = re.compile(
    r"apache-2\.0|mit|bsd(-[23]-clause)?|cc|cc0-1\.0|cc-by(-nc)?(-nd|-sa)?-[234]\.[05]|cdla-sharing-1\.0"
    r"|cdla-permissive-[12]\.0|gpl(-[23]\.0)?|lgpl(-[23]\.[01])?|agpl-3\.0|mpl-2\.0|odbl|odc-by|pddl|unlicense"
    r"|wtfpl|etalab-2\.0|c-uda"
)


@dataclass(frozen=True)
class Facts:
    """What the card tells beyond the plan.

    Attributes
    ----------
    values : mapping
        The hyperparameters as they stand in the training cell.
    split : mapping
        ``validation`` and ``seed`` as they stand in the data cell.
    run : Run or None
        The training of these cells with these values.
    measured_other : bool
        Whether there was a run, but of other cells or values.
    has_model : bool
        Whether the trained model is among the files.
    saved_whole : bool
        Whether its preprocessing is saved too; if not, it is rebuilt from the training rows.
    path : str or None
        Where the rows are.
    has_rows : bool
        Whether they are among the files.
    edited : tuple of str
        The stages whose code is the user's.
    notes : tuple of str
    """

    values: Mapping[str, Any]
    split: Mapping[str, Any]
    run: Run | None
    measured_other: bool
    has_model: bool
    saved_whole: bool
    path: str | None
    has_rows: bool
    edited: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def model_card(plan: Plan, facts: Facts) -> str:
    """Return the model card as Hugging Face reads it."""
    front = yaml.safe_dump(_front_matter(plan, facts), sort_keys=False, allow_unicode=True)
    sections = [
        f"# XGBoost for {user(plan.cards.data.name)}",
        _what(plan, facts),
        f"## Training data\n\n{_data(plan, facts)}",
        f"## How it was made\n\n{_made(plan, facts)}",
        f"## Measured results\n\n{_measured(facts)}",
        f"## Predicted, not measured\n\n{_predicted(plan, facts)}",
        f"## Limits\n\n{bullets(_limits(plan, facts))}",
        f"## How to use it\n\n{_use(plan, facts)}",
    ]
    return f"---\n{front}---\n\n" + "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(plan: Plan, facts: Facts) -> dict[str, Any]:
    card, kind = plan.cards.data, _kind(plan)
    front: dict[str, Any] = {"library_name": "xgboost", "pipeline_tag": kind}
    if card.licence.strip():
        front |= _licence(card.licence)
    front |= {"tags": ["tabular", kind, "xgboost"], "datasets": [plain(card.name)], "metrics": list(card.metrics)}
    if facts.run is not None:
        name = f"XGBoost for {plain(card.name)}"
        front["model-index"] = [{"name": name, "results": [_result(plan, facts.run)]}]
    return front


def _licence(written: str) -> dict[str, str]:
    """Return the fields of a licence that Hugging Face knows, or else of another one."""
    slug = re.sub(r"[^a-z0-9.]+", "-", plain(written, 60).lower()).strip("-") or "other"
    return {"license": slug} if _LICENCES.fullmatch(slug) else {"license": "other", "license_name": slug}


def _result(plan: Plan, run: Run) -> dict[str, Any]:
    name = plain(plan.cards.data.name)
    return {
        "task": {"type": _kind(plan), "name": plan.cards.data.task},
        "dataset": {"name": name, "type": plan.names, "split": "validation"},
        "metrics": [
            {"type": metric, "value": curve.final, "name": f"validation {metric_label(metric)}"}
            for metric, curve in run.curves.items()
        ],
    }


def _kind(plan: Plan) -> str:
    return "tabular-regression" if plan.cards.data.task == REGRESSION else "tabular-classification"


def _what(plan: Plan, facts: Facts) -> str:
    card = plan.cards.data
    there = "The trained model is in this folder." if facts.has_model else "`python train.py` trains it."
    about = user(card.description, 2000)
    first = f"Gradient-boosted decision trees for {card.task} of {user(card.target)}. {there}"
    return f"{first}\n\n{about}" if about else first


def _data(plan: Plan, facts: Facts) -> str:
    card, profile = plan.cards.data, plan.table
    items = [f"Name: {user(card.name)}"]
    if profile is not None:
        kinds = Counter(column.kind for column in profile.columns)
        shown = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        items.append(f"{plural(profile.n_rows, 'row')}, {plural(len(profile.columns), 'column')} ({shown})")
        pairs = zip(profile.classes, profile.class_counts, strict=False)
        classes = [f"{user(label, 60)} {count:,}" for label, count in list(pairs)[:20]]
        items += [f"Classes: {', '.join(classes)}" + (", …" if len(profile.classes) > 20 else "")] if classes else []
    items += [f"Licence: {user(card.licence)}"] if card.licence.strip() else ["Licence: not stated"]
    items += [f"Source: {user(card.source)}"] if card.source.strip() else []
    if facts.path is not None:
        where = "among these files" if facts.has_rows else "not among these files"
        items.append(f"Rows: {user(facts.path, 1000)}, {where}; `config.yaml` says where they are read")
    return bullets([*items, *(user(note, 1000) for note in facts.notes)])


def _made(plan: Plan, facts: Facts) -> str:
    planned = {value.name: value for value in plan.values}
    rows: list[tuple[str, ...]] = []
    sources: list[str] = []
    for name, value in facts.values.items():
        known = planned.get(name)
        same = known is not None and known.value == value
        source = known.source if known and same else "user"
        sources.append(source)
        reason = known.reason if known and same else "set in the training cell"
        rows.append((user(name, 60), user(number(value), 60), _SOURCES[source], user(reason)))
    counts = Counter(sources)
    said = [f"{plural(counts[source], 'value')} {_MEANINGS[source]}" for source in _MEANINGS if counts[source]]
    parts = [f"Hyperparameters: {'; '.join(said)}." if said else "The hyperparameters stand in `train.py`."]
    parts += [table(("Hyperparameter", "Value", "Source", "Why"), rows)] if rows else []
    parts += [_helpers(plan)]
    parts += [f"Preprocessing:\n\n{bullets(_steps(plan, facts))}"]
    return "\n\n".join(part for part in parts if part)


def _helpers(plan: Plan) -> str:
    """Name the LLM and the recorded datasets that took part."""
    said = []
    if plan.llm:
        when = f", replayed from {plan.replayed[:10]}" if plan.replayed else ""
        said.append(f"LLM: {user(plan.llm)}{when}.")
    if plan.evidence.near:
        ranked = sorted(plan.evidence.neighbours, key=lambda one: -one.weight)[:5]
        said.append(f"Neighbours: {', '.join(user(one.name, 80) for one in ranked)}.")
    return " ".join(said)


def _steps(plan: Plan, facts: Facts) -> list[str]:
    written = [stage for stage, code in plan.llm_code.items() if code.used and stage not in facts.edited]
    by = [f"The {stage} code is from the LLM." for stage in written]
    by += [f"The {stage} code was edited by the user." for stage in facts.edited]
    steps = [] if "data" in (*written, *facts.edited) else plan.data_steps
    return [*(f"{user(step.technique)}: {user(step.reason)}" for step in steps), *by]


def _measured(facts: Facts) -> str:
    run = facts.run
    if run is None:
        other = " The last training that was kept was of other cells or values." if facts.measured_other else ""
        return f"None.{other} `python train.py` measures, prints, and writes `scores.json`."
    seed = "".join(f", {name} {number(value)}" for name, value in run.split.items())
    rows = [(metric_label(metric), f"{curve.final:.6g}") for metric, curve in run.curves.items()]
    versions = ", ".join(f"{user(package)} {user(version)}" for package, version in run.versions.items())
    return "\n\n".join(
        [
            f"On the validation part after the last {user(run.step)}, by a model trained on the training part only"
            f"{seed}; the saved model is then trained on all rows.",
            table(("Metric", "Measured"), rows),
            f"Measured {user(run.date)} in {seconds(run.seconds)}. Versions: {versions}.",
        ]
    )


def _predicted(plan: Plan, facts: Facts) -> str:
    """Tell the forecast, where it was made for these values."""
    if any(facts.values.get(name) != value for name, value in plan.hyperparameters.items()):
        return "Nothing was predicted for these values."
    bands = [
        (metric, curve.final, float(curve.lower[-1]), float(curve.upper[-1]))
        for metric, curve in plan.forecast.curves.items()
        if curve.lower is not None and curve.upper is not None
    ]
    rows = [(metric_label(name), f"{at:.4g}", f"{low:.4g} to {high:.4g}") for name, at, low, high in bands]
    if not rows:
        return ""
    runs = f"{plural(plan.evidence.n_runs, 'run')} on {plural(plan.evidence.n_datasets, 'other dataset')}"
    first = f"A forecast from {runs}, made before any training on these rows. It is no result."
    return f"{first}\n\n{table(('Metric', 'Predicted', '80% band'), rows)}"


def _limits(plan: Plan, facts: Facts) -> list[str]:
    share = facts.split.get("validation")
    part = f"{share:.0%} of the rows" if isinstance(share, float) else "a part of the rows"
    limits = [
        f"The validation scores are from {part}, chosen at random from the same table; other rows may score otherwise.",
        "Categories that the training rows do not hold count as missing.",
        "Nothing was examined about groups of people, about rows of a later time, or about causes.",
    ]
    profile = plan.table
    left_out = [user(column.name, 60) for column in profile.columns if column.kind == "text"] if profile else []
    if left_out:
        more = f" and {len(left_out) - 10} more" if len(left_out) > 10 else ""
        limits.append(f"Free text is not read: {', '.join(left_out[:10])}{more}.")
    if plan.cards.data.split.test_frame or plan.cards.data.split.test_path:
        limits.append("The test rows are scored by `train.py`, once, after all choices are made.")
    return limits


_COMMANDS = """\
```
pip install -r requirements.txt
python train.py           # trains, prints the scores, saves the model
python predict.py ROWS    # prints a prediction for each row of a parquet or csv file
```"""
_LOADING = """\
```python
from predict import load_model

model = load_model()      # a scikit-learn pipeline
model.predict(rows)       # rows: a DataFrame with columns as in the training data
```"""


def _use(plan: Plan, facts: Facts) -> str:
    numbered = "Classes are numbered in the order of the list in `preprocess.py`; `predict.py` prints their names."
    saved = (
        "The trees are in `model.ubj`, the preprocessing in `preprocessing.skops`; neither holds a pickle. "
        "`preprocess.py` belongs to them: it defines the functions that they call."
        if facts.saved_whole
        else "The trees are in `model.ubj`. The preprocessing cannot be saved without pickle: `preprocess.py` rebuilds "
        "it from the training rows, which must therefore be at hand."
    )
    parts: Sequence[str] = [_COMMANDS, _LOADING, saved, numbered if plan.cards.data.is_classification else ""]
    return "\n\n".join(part for part in parts if part)
