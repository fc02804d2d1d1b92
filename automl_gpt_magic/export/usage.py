"""The model card's section on how to use the project."""

from __future__ import annotations

from ..planning.families.saving import Saving
from ..records.plan import Plan

_ROWS = "python predict.py ROWS    # prints a prediction for each row of a parquet or csv file"
_FILES = "python predict.py IMAGES  # prints a prediction for each image of {what}, without IMAGES of config.yaml's"
_DATASET = "python predict.py         # prints a prediction for each image of the dataset"
_LOADING = """\
```python
from predict import load_model

model = load_model()      # a scikit-learn pipeline
model.predict(rows)       # rows: a DataFrame {rows}
```"""
_IMAGES = "whose column image holds arrays of pixels"
_COLUMNS = "with columns as in the training data"


def how_to_use(plan: Plan, saving: Saving | None, *, saved_whole: bool) -> str:
    """Return the commands and the lines of Python, and where the trained model is."""
    card = plan.cards.data
    commands = ["pip install -r requirements.txt", "python train.py           # trains, prints and writes the scores"]
    if "data" not in plan.code:
        return _block(commands)
    commands[-1] += ", saves the model" if saving else ""
    numbered = "Classes are numbered in the order of the list in `preprocess.py`; `predict.py` prints their names."
    loading = _LOADING.format(rows=_IMAGES if card.input_type == "image" else _COLUMNS)
    parts = [_block([*commands, _predicting(plan)]), loading, _saved(saving, saved_whole)]
    return "\n\n".join([*parts, numbered] if card.is_classification else parts)


def _block(lines: list[str]) -> str:
    return "\n".join(["```", *lines, "```"])


def _predicting(plan: Plan) -> str:
    """Return the command that predicts, and what it prints."""
    if plan.cards.data.input_type != "image":
        return _ROWS
    if plan.cards.data.path is None:
        return _DATASET
    return _FILES.format(what="an npz file" if plan.table and plan.table.arrays else "a folder")


def _saved(saving: Saving | None, whole: bool) -> str:
    if saving is None:
        return (
            "The trained model is not saved: it has no format but pickle, or skops was not installed. `predict.py` "
            "runs `train.py` first, so the training rows must be at hand."
        )
    model = f"The trained model is in `{saving.file}` ({saving.form})"
    if whole:
        return (
            f"{model}, the preprocessing in `preprocessing.skops`; neither holds a pickle. "
            "The scripts belong to them: they define the functions and classes that the files name."
        )
    return (
        f"{model}. The preprocessing cannot be saved without pickle: `preprocess.py` rebuilds it from the training "
        "rows, which must therefore be at hand."
    )
