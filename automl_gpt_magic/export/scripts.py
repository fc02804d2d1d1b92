"""The text of the scripts: ``preprocess.py``, ``train.py`` and ``predict.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..planning.recipes.source import comment
from ..records.plan import Plan
from .code import Unit, imported_modules, joined, names
from .imports import import_lines
from .layout import Layout
from .markdown import plain

MODEL, PREPROCESSING, SCORES = "model.ubj", "preprocessing.skops", "scores.json"

_READ = '''\
{p}_folder = Path(__file__).resolve().parent
{p}_config = yaml.safe_load(({p}_folder / 'config.yaml').read_text(encoding='utf-8'))


def {p}_read(path):
    """Read a parquet, tab- or comma-separated file; a relative path starts from this folder."""
    path = {p}_folder / path
    if path.suffix.lower() in ('.parquet', '.pq'):
        return pd.read_parquet(path)
    separator = '\\t' if '.tsv' in path.name.lower() else ','
    return pd.read_csv(path, sep=separator, low_memory=False)
'''
_SAVE = """\
# Save the refitted model in XGBoost's own format{what}.
{p}_model[-1].save_model({p}_folder / {model!r})
"""
_DUMP = "skops.io.dump({p}_model[:-1], {p}_folder / {preprocessing!r})\n"
_SCORES = """\
# Keep the scores with all their digits.
{p}_all_scores = {scores}
({p}_folder / {file!r}).write_text(json.dumps({p}_all_scores, indent=2), encoding='utf-8')
"""
_LOAD = '''\
def load_model():
    """Return the pipeline from rows, with columns as in the training data, to predictions."""
{preprocessing}
    model = {estimator}()
    model.load_model({p}_folder / {model!r})
    return make_pipeline(preprocessing, model)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('write: python predict.py ROWS, a parquet or csv file')
    predicted = load_model().predict({p}_read(Path(sys.argv[1]).resolve()))
    {labels}pd.Series(predicted, name='prediction').to_csv(sys.stdout, index=False)
'''
_SAVED = "    preprocessing = skops.io.load({p}_folder / {file!r}, trusted={trusted!r})"
_REBUILT = "    preprocessing = clone({p}_preprocessing).fit({p}_rows, {p}_target({p}_rows))"


def preprocess_script(plan: Plan, layout: Layout) -> str:
    """Return the module of the columns and functions; where they need the rows, it reads and splits them too."""
    p, frame = plan.names, plan.cards.data.frame
    what = (
        "columns and functions; importing it reads no rows."
        if layout.apart
        else "importing it reads the rows, splits them and fits the preprocessing on the training part."
    )
    rows = _rows_read(p, frame, "path") if frame and not layout.apart else ""
    body = _READ.format(p=p) + rows + _spaced(joined(layout.shared))
    head = comment(f"Preprocessing for {plain(plan.cards.data.name, 60)}: {what}")
    own = "from pathlib import Path\nimport pandas as pd\nimport yaml"
    return f"{head}\n{import_lines(layout.imports, names(body)[0], own)}\n\n{body}"


def train_script(plan: Plan, layout: Layout) -> str:
    """Return the script that trains, scores, refits, saves, and scores the test rows where there are any."""
    p, card = plan.names, plan.cards.data
    data = f"# Data: read the rows, split them, fit the preprocessing on the training part.\n{_data(plan, layout)}"
    test = layout.cells.get("test", ())
    other = card.split.test_frame if card.split.test_frame != card.frame else None
    parts = [
        data if layout.apart else "",
        joined(layout.cells["model"]),
        joined(layout.cells["training"]),
        _saving(p, layout),
        _test(p, test, other) if test else "",
        _scores(p, bool(test)),
    ]
    body = "\n\n".join(part.strip("\n") + "\n" for part in parts if part)
    more = "import json" + ("\nimport skops.io" if layout.apart else "")
    head = comment(f"Train XGBoost for {plain(card.name, 60)}: python train.py")
    return f"{head}\n{_head(plan, layout, body, more)}\n\n{body}"


def predict_script(plan: Plan, layout: Layout, estimator: str) -> str:
    """Return the script that loads the saved model and predicts."""
    p = plan.names
    trusted = [f"preprocess.{name}" for name in layout.functions]
    saved = _SAVED.format(p=p, file=PREPROCESSING, trusted=trusted)
    has_classes = plan.cards.data.is_classification and any(f"{p}_classes" in unit.bound for unit in layout.shared)
    labels = f"predicted = [{p}_classes[code] for code in predicted]\n    " if has_classes else ""
    preprocessing = saved if layout.apart else _REBUILT.format(p=p)
    body = _LOAD.format(p=p, preprocessing=preprocessing, estimator=estimator, model=MODEL, labels=labels)
    more = "import sys\nfrom pathlib import Path\nimport pandas as pd\nfrom sklearn.pipeline import make_pipeline\n"
    more += f"from xgboost import {estimator}\n"
    more += "import skops.io" if layout.apart else "from sklearn.base import clone"
    head = comment(f"Predict with the saved model of {plain(plan.cards.data.name, 60)}: python predict.py ROWS")
    return f"{head}\n{_head(plan, layout, body, more, imported=False)}\n\n\n{body}"


def _head(plan: Plan, layout: Layout, body: str, more: str, *, imported: bool = True) -> str:
    """Return the imports that a script's body needs, those from ``preprocess.py`` included."""
    p, frame = plan.names, plan.cards.data.frame
    there = {f"{p}_folder", f"{p}_config", f"{p}_read"}.union(*(unit.bound for unit in layout.shared))
    if frame and not layout.apart:
        there.add(frame)
    read = names(body)[0]
    local = f"\nfrom preprocess import {', '.join(sorted(read & there))}" if read & there else ""
    return import_lines(layout.imports if imported else (), read, more + local)


def _data(plan: Plan, layout: Layout) -> str:
    frame = plan.cards.data.frame
    rows = _rows_read(plan.names, frame, "path").lstrip("\n") if frame else ""
    return rows + "\n" + joined(layout.cells["data"]).lstrip("\n")


def _rows_read(p: str, frame: str, key: str) -> str:
    return f"\n\n{frame} = {p}_read({p}_config['data'][{key!r}])\n"


def _saving(p: str, layout: Layout) -> str:
    what = ", and its preprocessing without pickle" if layout.apart else ""
    dump = _DUMP.format(p=p, preprocessing=PREPROCESSING) if layout.apart else ""
    return _SAVE.format(p=p, model=MODEL, what=what) + dump


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
