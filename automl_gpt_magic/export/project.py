"""Write a plan as a project that runs without this package and without a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, one_line
from ..notebook.cells import cell_hash
from ..planning.families import family_named
from ..planning.families.own import OwnTrainer
from ..planning.families.saving import Saving
from ..planning.recipes.training import hyperparameters_name, measures_itself
from ..records.digest import digest_of
from ..records.plan import STAGES, Plan
from ..records.run import Run
from .code import checked, has_star_import, names, unknown
from .config import config_text, seen_from
from .folder import written_folder
from .imports import requirements
from .layout import Layout, laid_out
from .lift import Lifted, lift
from .model_card import Facts, model_card
from .own_code import plain_model_cell
from .predicting import needs_the_model_code, predict_script
from .rows import write_rows
from .scripts import PREPROCESSING, model_script, preprocess_script, train_script, used_modules
from .trained import check_model, has_skops, packed_model, packed_preprocessing

if TYPE_CHECKING:
    from pandas import DataFrame

_ROWS, _TEST_ROWS = "data/train.parquet", "data/test.parquet"


def export_plan(
    plan: Plan,
    sources: Mapping[str, str],
    folder: Path,
    *,
    frame: DataFrame | None,
    test_frame: DataFrame | None,
    run: Run | None,
    model: Any | None,
) -> list[Path]:
    """Write a plan and its cells as a plain project.

    Parameters
    ----------
    plan : Plan
    sources : mapping of stage to source
        The cells as they stand; a stage that is missing is taken from the plan.
    folder : Path
        A new or an empty folder, or one of an earlier export, whose files are replaced.
    frame, test_frame : DataFrame or None
        The rows that ``data.frame`` and ``data.split.test_frame`` name; written into the project where given.
    run : Run or None
        The last training that was kept; its numbers become results if it was of these cells and values.
    model : sklearn.pipeline.Pipeline or None
        What the training cell made, from rows to predictions; saved without pickle, where it has a format for that.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If the folder holds something else, or the task, the cells, the model or the installation do not allow an
        export.
    DataError
        If the project cannot be written; the folder is then as it was.
    """
    if measures_itself(plan.cards.data):
        raise UsageError(f"a plan for {plan.cards.data.task} cannot be exported yet; %automl code prints its cells")
    folder, family = Path(folder).expanduser().absolute(), family_named(plan.space.family)
    lifted = lift(plan, _cells(plan, sources))
    saving = family.saving(plan.names, plan.cards.data)
    model = model if saving else None
    if model is not None:
        check_model(family, model, lifted.hyperparameters)
    layout, packed = _layout(plan, lifted, model)
    saving, saved = _saved(plan, saving, layout, model)
    scripts = _scripts(plan, layout, saving)
    given = (frame if plan.cards.data.frame else None, test_frame if plan.cards.data.split.test_frame else None)
    facts = _facts(plan, sources, lifted, layout, run, saving, has_model=saved is not None)

    def write(fresh: Path) -> None:
        if saving is not None and saved is not None:
            (fresh / saving.file).write_bytes(saved)
            if packed is not None:
                (fresh / PREPROCESSING).write_bytes(packed)
        paths, notes = _write_rows(plan, lifted, given, fresh, folder)
        told = replace(facts, path=paths[0], has_rows=given[0] is not None, notes=notes)
        texts = {**scripts, "config.yaml": config_text(plan, lifted, *paths), "README.md": model_card(plan, told)}
        texts["requirements.txt"] = requirements(_modules(scripts, paths))
        for name, text in texts.items():
            (fresh / name).write_text(text, encoding="utf-8", newline="\n")

    return written_folder(folder, write)


def _cells(plan: Plan, sources: Mapping[str, str]) -> dict[str, str]:
    """Return the cells as plain Python that needs nothing of the notebook but the rows.

    Raises
    ------
    UsageError
    """
    if not plan.code:
        raise UsageError("there is nothing to export: the card names no frame or path")
    standing = {stage: sources.get(stage, plan.code[stage]) for stage in STAGES if stage in plan.code}
    family = family_named(plan.space.family)
    if isinstance(family, OwnTrainer):
        standing["model"] = plain_model_cell(standing["model"], family.function)
    cells = {stage: checked(stage, source) for stage, source in standing.items()}
    _check_names(plan, cells)
    return cells


def _check_names(plan: Plan, cells: Mapping[str, str]) -> None:
    """Raise where the cells read what they do not define, or no longer define what the scripts read."""
    card, p = plan.cards.data, plan.names
    before_test = [source for stage, source in cells.items() if stage != "test"]
    missing = {*unknown(before_test)} - {card.frame}
    missing |= {*unknown([*before_test, cells.get("test", "")])} - {card.frame, card.split.test_frame}
    if missing and not any(map(has_star_import, cells.values())):
        raise UsageError(
            f"the cells read {', '.join(sorted(missing))}, which only the notebook has; "
            "define it in the data cell and export again"
        )
    bound = frozenset().union(*(names(source)[1] for source in cells.values()))
    of_data = ("rows", "target", "preprocessing") if "data" in cells else ()
    wanted = [f"{p}_{name}" for name in (*of_data, "model", "valid_scores")]
    wanted += [f"{p}_test_scores"] if "test" in cells else []
    wanted += [f"{p}_source"] if card.input_type == "image" and of_data else []
    gone = [name for name in wanted if name not in bound]
    if gone:
        raise UsageError(f"the cells no longer define {', '.join(gone)}; give it that name and export again")


def _layout(plan: Plan, lifted: Lifted, model: Any | None) -> tuple[Layout, bytes | None]:
    """Return the scripts' parts, and the preprocessing of ``model`` where it can be saved."""
    given = [plan.cards.data.frame] if plan.cards.data.frame else []
    layout = laid_out(lifted.cells, given, want_apart=model is not None or has_skops())
    if model is None or not layout.apart:
        return layout, None
    packed = packed_preprocessing(model, layout.functions)
    return (layout, packed) if packed is not None else (laid_out(lifted.cells, given, want_apart=False), None)


def _saved(plan: Plan, saving: Saving | None, layout: Layout, model: Any | None) -> tuple[Saving | None, bytes | None]:
    """Return how the scripts save the model, None where it could not be loaded then, and the trained one's file."""
    if saving is None or needs_the_model_code(saving, layout):
        return None, None
    if model is None:
        return (None if saving.by_skops and not has_skops() else saving), None
    saved = packed_model(saving, plan.names, model)
    return (None if saved is None else saving), saved


def _scripts(plan: Plan, layout: Layout, saving: Saving | None) -> dict[str, str]:
    model = {"model.py": model_script(plan, layout)} if layout.model else {}
    predict = {"predict.py": predict_script(plan, layout, saving)} if "data" in plan.code else {}
    return {
        "preprocess.py": preprocess_script(plan, layout),
        **model,
        "train.py": train_script(plan, layout, saving),
        **predict,
    }


def _facts(
    plan: Plan,
    sources: Mapping[str, str],
    lifted: Lifted,
    layout: Layout,
    run: Run | None,
    saving: Saving | None,
    *,
    has_model: bool,
) -> Facts:
    values = lifted.hyperparameters or {}
    cells = [sources.get(stage, plan.code[stage]) for stage in plan.code][:2]  # as a run keeps them
    same = run is not None and (run.dataset, run.code) == (plan.cards.data.name, digest_of(cells))
    same = same and run is not None and dict(run.configuration) == values
    return Facts(
        values=values,
        split=lifted.split,
        run=run if same else None,
        measured_other=run is not None and not same,
        saving=saving,
        has_model=has_model,
        saved_whole=layout.apart,
        path=None,
        has_rows=False,
        edited=_edited(plan, sources),
    )


def _edited(plan: Plan, sources: Mapping[str, str]) -> tuple[str, ...]:
    variable = hyperparameters_name(plan.names)
    given = {stage: source for stage, source in sources.items() if stage in plan.code}
    return tuple(s for s, source in given.items() if cell_hash(source, variable) != cell_hash(plan.code[s], variable))


def _write_rows(
    plan: Plan, lifted: Lifted, given: tuple[DataFrame | None, DataFrame | None], fresh: Path, folder: Path
) -> tuple[tuple[str | None, str | None], tuple[str, ...]]:
    """Write the rows that were given; return where the scripts read rows, and what is to be known of them."""
    card, notes = plan.cards.data, []
    paths = [seen_from(folder, path) if path else None for path in (lifted.path, lifted.test_path)]
    named = (card.frame, card.split.test_frame)
    for place, (rows, name, default) in enumerate(zip(given, named, (_ROWS, _TEST_ROWS), strict=True)):
        if name and rows is not None:
            file, note = write_rows(rows, fresh / "data", Path(default).stem)
            paths[place] = file.relative_to(fresh).as_posix()
            notes += [note] if note else []
        elif name:
            paths[place] = default
            notes.append(f"Put the rows that the notebook calls {one_line(name)} into {default} before training.")
    return (paths[0], paths[1]), tuple(notes)


def _modules(scripts: Mapping[str, str], paths: tuple[str | None, str | None]) -> set[str]:
    parquet = any(str(path).lower().endswith((".parquet", ".pq")) for path in paths)
    return {*used_modules(scripts.values()), *(["pyarrow"] if parquet else [])}
