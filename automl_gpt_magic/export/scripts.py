"""The text of the scripts: ``preprocess.py``, ``model.py`` and ``train.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..planning.families.saving import Saving
from ..planning.recipes.source import comment
from ..records.plan import Plan
from .code import Unit, imported_modules, joined, names, units
from .imports import import_lines
from .layout import Layout
from .markdown import plain

PREPROCESSING, SCORES = "preprocessing.skops", "scores.json"

_READ = '''\
{p}_folder = Path(__file__).resolve().parent
{p}_config = yaml.safe_load(({p}_folder / 'config.yaml').read_text(encoding='utf-8'))


def {p}_read(path):
    """Read a parquet, {npz}tab- or comma-separated file; a relative path starts from this folder."""
    path = {p}_folder / path
    if path.suffix.lower() in ('.parquet', '.pq'):
        return pd.read_parquet(path)
{read_npz}    separator = '\\t' if '.tsv' in path.name.lower() else ','
    return pd.read_csv(path, sep=separator, low_memory=False)
'''
_READ_NPZ = """\
    if path.suffix.lower() == '.npz':
        return pd.DataFrame(np.load(path)[{x!r}]).add_prefix('x')
"""
_PLACE = """\
{p}_folder = Path(__file__).resolve().parent
{p}_config = yaml.safe_load(({p}_folder / 'config.yaml').read_text(encoding='utf-8'))
"""
_SAVE = """\
# Save the refitted model ({form}){what}.
{save}
"""
_DUMP = "skops.io.dump({p}_model[:-1], {p}_folder / {preprocessing!r})\n"
_SCORES = """\
# Keep the scores with all their digits.
{p}_all_scores = {scores}
({p}_folder / {file!r}).write_text(json.dumps({p}_all_scores, indent=2), encoding='utf-8')
"""


def preprocess_script(plan: Plan, layout: Layout) -> str:
    """Return the module of the columns and functions; where they need the rows, it reads and splits them too."""
    p, frame = plan.names, plan.cards.data.frame
    what = (
        "where the settings are read."
        if "data" not in plan.code
        else "columns and functions; importing it reads no rows."
        if layout.apart
        else "importing it reads the rows, splits them and fits the preprocessing on the training part."
    )
    rows = _rows_read(p, frame, "path") if frame and not layout.apart else ""
    body = _reading(plan) + rows + _spaced(joined(layout.shared))
    head = comment(f"Preprocessing for {plain(plan.cards.data.name, 60)}: {what}")
    own = "from pathlib import Path\nimport yaml" + ("\nimport pandas as pd" if reads_tables(plan) else "")
    return f"{head}\n{import_lines(layout.imports, names(body)[0], own)}\n\n{body}"


def reads_tables(plan: Plan) -> bool:
    """Tell whether the scripts read tables: neither images nor data of the user's own function."""
    return "data" in plan.code and plan.cards.data.input_type != "image"


def _reading(plan: Plan) -> str:
    """Return the code that reads ``config.yaml`` and defines how a table is read."""
    p, arrays = plan.names, plan.table.arrays if plan.table else None
    if not reads_tables(plan):
        return _PLACE.format(p=p)
    read_npz = _READ_NPZ.format(x=arrays[0]) if arrays else ""
    return _READ.format(p=p, read_npz=read_npz, npz="npz, " if arrays else "")


def model_script(plan: Plan, layout: Layout) -> str:
    """Return the module that builds and trains a model."""
    first, *rest = layout.model
    head, parts = (first.text, rest) if not first.nodes else (comment("Model"), layout.model)
    body = joined(parts).strip("\n") + "\n"
    return f"{head}\n{head_of(plan, layout, body, '', own='model')}\n\n\n{body}"


def train_script(plan: Plan, layout: Layout, saving: Saving | None) -> str:
    """Return the script that trains, scores, refits, saves, and scores the test rows where there are any."""
    p, card = plan.names, plan.cards.data
    data = f"# Data: read the rows, split them, fit the preprocessing on the training part.\n{_data(plan, layout)}"
    test = layout.cells.get("test", ())
    other = card.split.test_frame if card.split.test_frame != card.frame else None
    parts = [
        data if layout.apart and layout.cells["data"] else "",
        joined(layout.cells["model"]),
        joined(layout.cells["training"]),
        _saving(p, layout, saving) if saving else "",
        _test(p, test, other) if test else "",
        _scores(p, bool(test)),
    ]
    body = "\n\n".join(part.strip("\n") + "\n" for part in parts if part)
    more = "import json" + ("\nimport skops.io" if saving and layout.apart else "")
    head = comment(f"Train {plain(plan.space.family, 60)} for {plain(card.name, 60)}: python train.py")
    saved = units(saving.imports) if saving else ()
    return f"{head}\n{head_of(plan, layout, body, more, imports=(*layout.imports, *saved))}\n\n{body}"


def head_of(
    plan: Plan, layout: Layout, body: str, more: str, *, imports: Iterable[Unit] | None = None, own: str = ""
) -> str:
    """Return the imports that a script's body needs, those from ``preprocess.py`` and ``model.py`` included."""
    p, frame, read = plan.names, plan.cards.data.frame, names(body)[0]
    there = {f"{p}_folder", f"{p}_config"}.union(*(unit.bound for unit in layout.shared))
    there |= {f"{p}_read"} if reads_tables(plan) else set()
    there |= {frame} if frame and not layout.apart else set()
    modules = {"preprocess": there, "model": frozenset().union(*(unit.bound for unit in layout.model))}
    local = [
        f"from {module} import {', '.join(sorted(read & bound))}"
        for module, bound in modules.items()
        if module != own and read & bound
    ]
    return import_lines(layout.imports if imports is None else imports, read, "\n".join([more, *local]))


def _data(plan: Plan, layout: Layout) -> str:
    frame = plan.cards.data.frame
    rows = _rows_read(plan.names, frame, "path").lstrip("\n") if frame else ""
    return rows + "\n" + joined(layout.cells["data"]).lstrip("\n")


def _rows_read(p: str, frame: str, key: str) -> str:
    return f"\n\n{frame} = {p}_read({p}_config['data'][{key!r}])\n"


def _saving(p: str, layout: Layout, saving: Saving) -> str:
    what = ", and its preprocessing, without pickle" if layout.apart else ""
    dump = _DUMP.format(p=p, preprocessing=PREPROCESSING) if layout.apart else ""
    return _SAVE.format(form=saving.form, save=saving.save, what=what) + dump


def _test(p: str, cell: Sequence[Unit], frame: str | None) -> str:
    rows = _rows_read(p, frame, "test_path").lstrip("\n") if frame else ""
    first = Unit("", cell[0].gap.lstrip("\n").rstrip("\n") or comment("Test"))
    return joined([first]) + rows + joined([Unit("", cell[0].text), *cell[1:]])


def _scores(p: str, tested: bool) -> str:
    test = f", 'test': {p}_test_scores" if tested else ""
    return _SCORES.format(p=p, scores=f"{{'validation': {p}_valid_scores{test}}}", file=SCORES)


def _spaced(text: str) -> str:
    """Return a cell's text below other statements."""
    return "\n\n" + text.strip("\n") + "\n" if text.strip() else ""


def used_modules(scripts: Iterable[str]) -> frozenset[str]:
    """Return the modules that the scripts import."""
    return frozenset().union(*map(imported_modules, scripts))
