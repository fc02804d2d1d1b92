"""``%automl experience``: what recommendations are drawn from; own runs go out, come in, and are forgotten."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ExperienceError, UsageError, did_you_mean, one_line
from .experience.bank import is_recorded, load_bank, slug
from .experience.published import PUBLISHED, Recipe, load_recipes
from .notebook.static import aligned
from .planning.families.catalogue import FAMILIES
from .records.run import Run
from .records.secret import SecretUrl
from .settings import studies_file

if TYPE_CHECKING:
    from .store import Store

_LISTED = 30
_LONGEST = 30
_NAMED = 5
_BANK = ("family", "datasets", "configurations", "runs")
_OWN = ("run", "date", "dataset", "task", "family", "metric", "measured", "origin")
_PUBLISHED = ("model", "dataset", "task", "metric", PUBLISHED, "source")
_USAGE = "%automl experience takes nothing, published, export FILE, import FILE, or forget and the numbers of runs"

Place = Path | SecretUrl


@dataclass(frozen=True)
class Filter:
    """Parts of names, in whatever case; an empty one lets everything through."""

    family: str = ""
    dataset: str = ""
    task: str = ""

    def matches(self, *, family: str, dataset: str, task: str) -> bool:
        pairs = ((self.family, family), (self.dataset, dataset), (self.task, task))
        return all(part.casefold() in name.casefold() for part, name in pairs)


def experience(place: Place | None, words: list[str], chosen: Filter) -> list[str]:
    """Do what the words behind ``%automl experience`` say; return what to print.

    Raises
    ------
    UsageError
        If they are not understood, or there is no such run.
    StoreError, ExperienceError
        If the store or a file cannot be read or written; both are then as they were.
    """
    if not words:
        return [*recorded(chosen), "", recipes_counted(chosen), "", *own(place, chosen)]
    if words == [PUBLISHED]:
        return published(chosen)
    acts: dict[str, Callable[[Place, list[str]], list[str]]] = {
        "export": lambda where, names: export(where, _file(names, "export"), chosen),
        "import": lambda where, names: take_in(where, _file(names, "import")),
        "forget": lambda where, names: forget(where, _numbers(names)),
    }
    if words[0] == PUBLISHED:
        raise UsageError("%automl experience published takes only --family, --dataset and --task")
    if words[0] not in acts:
        known = [PUBLISHED, *acts]
        raise UsageError(f"{_USAGE}; {words[0]!r} is none of them: {did_you_mean(words[0], known)}")
    if any(astuple(chosen)) and words[0] != "export":
        raise UsageError(f"%automl experience {words[0]} takes no --family, --dataset or --task")
    if place is None:
        raise UsageError("no runs are kept: AutoML.store is empty")
    return acts[words[0]](place, words[1:])


def recorded(chosen: Filter) -> list[str]:
    """Return a line for each family of the shipped bank, with its datasets that are chosen."""
    rows, wrong = [], []
    for family in FAMILIES:
        name = family.space.family
        if not is_recorded(name, task=""):
            continue
        try:
            bank = load_bank(slug(name))
        except ExperienceError as error:
            wrong.append(str(error))
            continue
        cards = [card for card in bank.datasets if chosen.matches(family=name, dataset=card["name"], task=card["task"])]
        if cards:
            n = len(bank.configurations)
            rows.append((name, str(len(cards)), str(n), str(len(cards) * n)))
    if not rows:
        return [*wrong, "The shipped bank has no such runs."]
    return [*wrong, "Shipped, every dataset trained with every configuration:", *aligned([_BANK, *rows])]


def recipes_counted(chosen: Filter) -> str:
    """Return one line on the published recipes that are chosen: how many, of which models, and how to see them."""
    try:
        recipes = _recipes(chosen)
    except ExperienceError as error:
        return str(error)
    if not recipes:
        return "There is no such published recipe here."
    models = list(dict.fromkeys(recipe.model for recipe in recipes))
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    count = f"{len(recipes)} recipe{'' if len(recipes) == 1 else 's'}"
    return (
        f"Published by others, not measured here: {count} for {', '.join(models[:_NAMED])}{more}; "
        "%automl experience published lists them"
    )


def published(chosen: Filter) -> list[str]:
    """Return a line for each of the published recipes that are chosen.

    Raises
    ------
    ExperienceError
        If their file cannot be read.
    """
    recipes = _recipes(chosen)
    if not recipes:
        return ["There is no such published recipe here."]
    said = "Published by others on their own data, not measured here; a plan begins with it only where it says so:"
    return [said, *aligned([_PUBLISHED, *map(_recipe_row, recipes)])]


def own(place: Place | None, chosen: Filter) -> list[str]:
    """Return a line for each of the user's runs that are chosen, those trained last first."""
    if place is None:
        return ["No runs of yours are kept: AutoML.store is empty."]
    store = _store(place)
    numbers, forgotten = _chosen(store, chosen), len(store.forgotten_runs())
    left_out = f"; {forgotten} forgotten" if forgotten else ""
    if not numbers:
        return [f"None of your own runs{left_out}."]
    rows = [_row(number, run) for number, run in store.numbered(numbers[:_LISTED]).items()]
    more = len(numbers) - _LISTED
    lines = [f"Your own runs: {len(numbers)}{left_out}", *aligned([_OWN, *rows])]
    return [*lines, f"and {more} earlier ones; --family, --dataset and --task narrow the list"] if more > 0 else lines


def export(place: Place, path: Path, chosen: Filter) -> list[str]:
    """Write the chosen runs into a file, the earliest first."""
    from .store.run_file import lines_of

    _require_replaceable(path)
    store = _store(place)
    runs = store.numbered(_chosen(store, chosen)[::-1])
    if not runs:
        raise UsageError("there are no such runs to export; %automl experience lists what there is")
    lines, left_out = lines_of(runs.values())
    try:
        _write(path, lines)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExperienceError(
            one_line(f"{path} was not written ({reason}); name another file, or make room and allow writing there")
        ) from None
    said = [one_line(f"{_counted(len(lines) - 1)} written to {path}.")]
    return [*said, f"{_counted(left_out)} left out: no finite losses."] if left_out else said


def take_in(place: Place, path: Path) -> list[str]:
    """Add the runs of a file that are not there yet: all of them, or, where one is wrong, none."""
    from .store.run_file import runs_of

    try:
        brought = runs_of(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExperienceError(one_line(f"{path} cannot be read ({reason}); name another file")) from None
    added = _store(place).import_runs(brought)
    there = len(brought) - added
    said = f"{_counted(added)} imported from {path}"
    return [one_line(f"{said}; {there} {'was' if there == 1 else 'were'} there already." if there else f"{said}.")]


def forget(place: Place, numbers: list[int]) -> list[str]:
    """Remove what these runs hold; say of each when."""
    store = _store(place)
    before, runs = store.forgotten_runs(), store.numbered(numbers)
    unknown = [number for number in numbers if number not in runs and number not in before]
    if unknown:
        raise UsageError(f"there is no run {unknown[0]}, so nothing was forgotten; %automl experience lists them")
    store.forget_runs(numbers)
    lines = [
        f"Run {number} was forgotten on {before[number][:10]} already."
        if number in before
        else f"Run {number} forgotten."
        for number in dict.fromkeys(numbers)
    ]
    trials = any(run.origin == "tune" and not run.imported for run in runs.values())
    kept = studies_file(place)
    if trials and kept is not None and kept.exists():
        lines.append(one_line(f"A search that is continued still knows its trials: {kept} keeps them; delete it too."))
    return lines


def _store(place: Place) -> Store:
    from .store import Store

    return Store(place)


def _chosen(store: Store, chosen: Filter) -> list[int]:
    return [
        number
        for number, run in store.headings().items()
        if chosen.matches(family=run.family, dataset=run.dataset, task=run.task)
    ]


def _require_replaceable(path: Path) -> None:
    from .store.run_file import is_run_file

    try:
        earlier = not path.exists() or (path.is_file() and is_run_file(path))
    except OSError:
        earlier = False
    if not earlier:
        raise UsageError(one_line(f"{path} is something else than exported runs; name another file"))


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name[:40]}-", dir=path.parent) as beside:
        fresh = Path(beside, "fresh")
        fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        fresh.replace(path)


def _recipes(chosen: Filter) -> list[Recipe]:
    return [one for one in load_recipes() if chosen.matches(family=one.model, dataset=one.dataset, task=one.task)]


def _recipe_row(recipe: Recipe) -> tuple[str, ...]:
    source = recipe.source
    unread = "" if recipe.checked["result"] else "; not read again at the source"
    return (
        _short(recipe.model),
        _short(recipe.dataset),
        _short(recipe.task),
        _short(recipe.metric),
        f"{recipe.value:g}{recipe.unit}",
        f"{source.authors} {source.year}, {source.url}{unread}",
    )


def _row(number: int, run: Run) -> tuple[str, ...]:
    return (
        str(number),
        _short(run.date[:16].replace("T", " ")),
        _short(run.dataset),
        _short(run.task),
        _short(run.family),
        _short(run.metric.replace("_", " ")),
        f"{run.final:.4g}",
        f"{run.origin}, imported {run.imported[:10]}" if run.imported else run.origin,
    )


def _counted(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _file(names: list[str], act: str) -> Path:
    if len(names) != 1:
        raise UsageError(
            f"%automl experience {act} FILE needs the name of one file, in quotation marks if it has spaces"
        )
    return Path(names[0].strip("\"'")).expanduser()


def _numbers(names: list[str]) -> list[int]:
    if not names or not all(name.isascii() and name.isdecimal() and len(name) < 10 for name in names):
        raise UsageError("%automl experience forget needs the numbers of runs; %automl experience lists them")
    return [int(name) for name in names]
