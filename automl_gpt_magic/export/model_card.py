"""``README.md``: the model card, with measured numbers as results and predicted ones only as predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..notebook.architecture_view import network_size
from ..notebook.wording import metric_label, number, plural, seconds
from ..planning.families import Family, family_named
from ..planning.families.own import OwnTrainer
from ..planning.families.saving import Saving
from ..records.card import DataCard
from ..records.plan import Plan
from ..records.run import Run
from .front_matter import front_matter
from .markdown import bullets, table, user
from .usage import how_to_use

_SOURCES = {
    "user": "user",
    "llm": "LLM",
    "measured": "own runs",
    "neighbour": "neighbours",
    "prior": "prior",
    "published": "published",
    "default": "default",
}
_MEANINGS: Mapping[str, str] = {
    "user": "set by the user",
    "llm": "from the LLM's answer",
    "measured": "measured before on the same rows",
    "neighbour": "transferred from the most similar recorded datasets",
    "prior": "best on average over all recorded datasets",
    "published": "from a published recipe, for another dataset or scale where that is said",
    "default": "the library's default",
}
_UNSEEN = {
    "trees": "Categories that the training rows do not hold count as missing.",
    "scaled": "Categories that the training rows do not hold, and rare ones, count as one.",
    "text": "Terms that the training texts do not hold are not read.",
}
_NOT_EXAMINED = "Nothing was examined about groups of people, about rows of a later time, or about causes."
_BEFORE = "made before any training on these rows"


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
    saving : Saving or None
        How the scripts save the trained model; None where they train it anew.
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
    saving: Saving | None
    has_model: bool
    saved_whole: bool
    path: str | None
    has_rows: bool
    edited: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def model_card(plan: Plan, facts: Facts) -> str:
    """Return the model card as Hugging Face reads it."""
    front = yaml.safe_dump(
        front_matter(plan, facts.run, facts.saving if facts.has_model else None), sort_keys=False, allow_unicode=True
    )
    sections = [
        f"# {user(plan.space.family)} for {user(plan.cards.data.name)}",
        _what(plan, facts),
        f"## Training data\n\n{_data(plan, facts)}",
        f"## How it was made\n\n{_made(plan, facts)}",
        f"## Measured results\n\n{_measured(plan, facts)}",
        f"## Predicted, not measured\n\n{_predicted(plan, facts)}",
        f"## Limits\n\n{bullets(_limits(plan, facts))}",
        f"## How to use it\n\n{how_to_use(plan, facts.saving, saved_whole=facts.saved_whole)}",
    ]
    return f"---\n{front}---\n\n" + "\n\n".join(section for section in sections if section) + "\n"


def _family(plan: Plan) -> Family:
    return family_named(plan.space.family)


def _what(plan: Plan, facts: Facts) -> str:
    card = plan.cards.data
    there = "The trained model is in this folder." if facts.has_model else "`python train.py` trains it."
    about = user(card.description, 2000)
    structure = user(_family(plan).structure)
    task = f"{card.task} of {user(card.target)}" if card.target else card.task
    first = f"{structure[:1].upper()}{structure[1:]}, for {task}. {there}"
    return f"{first}\n\n{about}" if about else first


def _data(plan: Plan, facts: Facts) -> str:
    card, profile = plan.cards.data, plan.table
    items = [f"Name: {user(card.name)}"]
    if profile is not None:
        kinds = Counter(column.kind for column in profile.columns)
        shown = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        columns = f", {plural(len(profile.columns), 'column')} ({shown})" if shown else ""
        items.append(f"{plural(profile.n_rows, 'image' if card.input_type == 'image' else 'row')}{columns}")
        pairs = zip(profile.classes, profile.class_counts, strict=False)
        classes = [f"{user(label, 60)} {count:,}" for label, count in list(pairs)[:20]]
        items += [f"Classes: {', '.join(classes)}" + (", …" if len(profile.classes) > 20 else "")] if classes else []
    items += [f"Licence: {user(card.licence)}"] if card.licence.strip() else ["Licence: not stated"]
    items += [f"Source: {user(card.source)}"] if card.source.strip() else []
    if facts.path is not None:
        where = "among these files" if facts.has_rows else "not among these files"
        items.append(f"Rows: {user(facts.path, 1000)}, {where}; `config.yaml` says where they are read")
    elif card.dataset:
        items.append(f"Rows: the dataset {user(card.dataset)}, which the scripts load by its name")
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
    parts += [_network(plan, facts), _helpers(plan)]
    steps = bullets(_steps(plan, facts))
    parts += [f"Preprocessing:\n\n{steps}"] if steps else []
    return "\n\n".join(part for part in parts if part)


def _network(plan: Plan, facts: Facts) -> str:
    """Tell the size of the network that is trained on every row, where the cells are the plan's own."""
    planned = plan.architecture
    if planned is None or {"data", "model"} & {*facts.edited} or not _has_planned_values(plan, facts):
        return ""
    counts = network_size(planned.refitted or planned)
    return f"Network: {counts}; loss {user(planned.loss)}, optimiser {user(planned.optimizer)}."


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


def _measured(plan: Plan, facts: Facts) -> str:
    run = facts.run
    if run is None:
        other = " The last training that was kept was of other cells or values." if facts.measured_other else ""
        return f"None.{other} `python train.py` measures, prints, and writes `scores.json`."
    seed = "".join(f", {name} {number(value)}" for name, value in run.split.items())
    refitted = f"by a model trained on the training part only{seed}; the project's model is then trained on all rows"
    by = "as your own function reported it" if isinstance(_family(plan), OwnTrainer) else refitted
    rows = [(metric_label(metric), f"{curve.final:.6g}") for metric, curve in run.curves.items()]
    which = "last" if run.curves[run.metric].kept is None else "best"
    versions = ", ".join(f"{user(package)} {user(version)}" for package, version in run.versions.items())
    return "\n\n".join(
        [
            f"On the validation part after the {which} {user(run.step)}, {by}.",
            table(("Metric", "Measured"), rows),
            f"Measured {user(run.date)} in {seconds(run.seconds)}. Versions: {versions}.",
        ]
    )


def _predicted(plan: Plan, facts: Facts) -> str:
    """Tell the forecast, where it was made for these values."""
    if not _has_planned_values(plan, facts):
        return "Nothing was predicted for these values."
    bands = [
        (metric, curve.final, float(curve.lower[-1]), float(curve.upper[-1]))
        for metric, curve in plan.forecast.curves.items()
        if curve.lower is not None and curve.upper is not None
    ]
    rows = [(metric_label(name), f"{at:.4g}", f"{low:.4g} to {high:.4g}") for name, at, low, high in bands]
    if not rows:
        return ""
    n_runs, n_datasets = plan.evidence.n_runs, plan.evidence.n_datasets
    recorded = f"from {plural(n_runs, 'run')} on {plural(n_datasets, 'other dataset')}"
    runs = recorded if n_runs else "without any recorded run of such a model"
    own = plan.evidence.own
    when = f"moved to what {plural(own.n_runs, 'earlier run')} on these rows measured" if own else _BEFORE
    first = f"A forecast {runs}, {when}. It is no result."
    return f"{first}\n\n{table(('Metric', 'Predicted', '80% band'), rows)}"


def _has_planned_values(plan: Plan, facts: Facts) -> bool:
    return all(facts.values.get(name) == value for name, value in plan.hyperparameters.items())


def _limits(plan: Plan, facts: Facts) -> list[str]:
    card, profile, features = plan.cards.data, plan.table, _family(plan).features
    if "data" not in plan.code:
        return ["The data are those of your own function, and so are the scores that it reports.", _NOT_EXAMINED]
    limits = [f"The validation scores are from {_validation(card, facts)}; other rows may score otherwise."]
    limits += [_UNSEEN[features]] if features in _UNSEEN and card.input_type != "image" else []
    limits.append(_NOT_EXAMINED)
    left_out = [user(column.name, 60) for column in profile.columns if column.kind == "text"] if profile else []
    if left_out and card.input_type != "text":
        more = f" and {len(left_out) - 10} more" if len(left_out) > 10 else ""
        limits.append(f"Free text is not read: {', '.join(left_out[:10])}{more}.")
    if card.split.test_frame or card.split.test_path:
        limits.append("The test rows are scored by `train.py`, once, after all choices are made.")
    return limits


def _validation(card: DataCard, facts: Facts) -> str:
    """Say which rows the validation part is."""
    share = facts.split.get("validation", card.split.validation if card.split.time else None)
    part = f"{share:.0%} of the rows" if isinstance(share, float) else "a part of the rows"
    if card.split.time:
        return f"the last {part} by {user(card.split.time, 60)}"
    if card.split.group:
        return f"{part}, chosen at random by {user(card.split.group, 60)}, no value of which is in both parts"
    return f"{part}, chosen at random from the same rows"
