"""The text of ``predict.py``: it loads the saved model, or trains it where that has no file, and predicts."""

from __future__ import annotations

import textwrap

from ..planning.families.saving import Saving
from ..planning.recipes.source import comment
from ..records.plan import Plan
from .code import names, units
from .layout import Layout
from .markdown import plain
from .scripts import PREPROCESSING, head_of
from .trained import trusted_types

_LOAD = '''\
def load_model():
    """Return the pipeline from rows, as in the training data, to predictions."""
{preprocessing}
{load}
    return make_pipeline(preprocessing, model)
'''
_SAVED = """\
    preprocessing = skops.io.load(
        {p}_folder / {file!r},
        trusted={trusted!r},
    )"""
_REBUILT = "    preprocessing = clone({p}_preprocessing).fit({p}_rows, {p}_target({p}_rows))"
_TRAIN = '''\
def load_model():
    """Train the pipeline from rows to predictions: such a model has no file format but pickle."""
    with redirect_stdout(sys.stderr):
        from train import {p}_model
    return {p}_model
'''
_TABLE = """\
if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('write: python predict.py ROWS, a parquet or csv file')
    predicted = load_model().predict({p}_read(Path(sys.argv[1]).resolve()))
    {labels}pd.Series(predicted, name='prediction').to_csv(sys.stdout, index=False)
"""
_IMAGES = '''\
def {p}_found(source):
    """Return a row for each image of {what}."""
{found}


if __name__ == '__main__':
    rows = {p}_found({source})
    predicted = load_model().predict(rows)
    {labels}{table}.to_csv(sys.stdout, index=False)
'''
_FOLDER = """\
    files = sorted(file for file in source.rglob('*') if file.suffix.lower() in ('.png', '.jpg', '.jpeg'))
    return pd.DataFrame({'image': [str(file.resolve()) for file in files]})"""
_NPZ = """\
    with np.load(source, allow_pickle=False) as file:
        return pd.DataFrame({{'image': list(file[{x!r}])}})"""
_DIGITS = "    return pd.DataFrame({'image': list(source.images)})"
_IMPORTS = """\
import sys
from contextlib import redirect_stdout
from pathlib import Path
import numpy as np
import pandas as pd
import skops.io
from sklearn.base import clone
from sklearn.pipeline import make_pipeline"""


def predict_script(plan: Plan, layout: Layout, saving: Saving | None) -> str:
    """Return the script that loads the saved model and predicts."""
    p = plan.names
    has_classes = plan.cards.data.is_classification and any(f"{p}_classes" in unit.bound for unit in layout.shared)
    labels = f"predicted = [{p}_classes[code] for code in predicted]\n    " if has_classes else ""
    main = _images(plan, labels) if plan.cards.data.input_type == "image" else _TABLE.format(p=p, labels=labels)
    load = _loading(p, layout, saving) if saving else _TRAIN.format(p=p)
    body = "\n\n".join(part.strip("\n") + "\n" for part in (saving.definitions if saving else "", load, main) if part)
    imports = units(f"{_IMPORTS}\n{saving.imports if saving else ''}\n")
    head = comment(f"Predict with the model of {plain(plan.cards.data.name, 60)}: python predict.py {_rows(plan)}")
    return f"{head}\n{head_of(plan, layout, body, '', imports=imports)}\n\n\n{body}"


def needs_the_model_code(saving: Saving, layout: Layout) -> bool:
    """Tell whether to load the model, what the model cell defines is read."""
    cell = frozenset().union(*(unit.bound for unit in layout.cells["model"]))
    return bool(names(saving.load)[0] & cell)


def _loading(p: str, layout: Layout, saving: Saving) -> str:
    saved = _SAVED.format(p=p, file=PREPROCESSING, trusted=trusted_types(layout.functions))
    preprocessing = saved if layout.apart else _REBUILT.format(p=p)
    return _LOAD.format(preprocessing=preprocessing, load=textwrap.indent(saving.load, "    "))


def _images(plan: Plan, labels: str) -> str:
    p, path, arrays = plan.names, plan.cards.data.path, plan.table.arrays if plan.table else None
    table, source = "pd.Series(predicted, name='prediction')", f"Path(sys.argv[1]) if len(sys.argv) > 1 else {p}_source"
    if arrays:
        found, what = _NPZ.format(x=arrays[0]), "an npz file"
    elif path:
        found, what, table = _FOLDER, "a folder and the folders in it", "rows.assign(prediction=predicted)"
    else:
        found, what, source = _DIGITS, "scikit-learn's digits", f"{p}_source"
    return _IMAGES.format(p=p, what=what, found=found, source=source, labels=labels, table=table)


def _rows(plan: Plan) -> str:
    if plan.cards.data.input_type != "image":
        return "ROWS"
    return "[IMAGES]" if plan.cards.data.path else ""
