"""Datasets by name: scikit-learn's own, and those of Hugging Face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DataError, one_line
from ..records.card import Cards
from ..records.extras import install

if TYPE_CHECKING:
    import pandas as pd


def read_dataset(cards: Cards) -> pd.DataFrame:
    """Return the rows of the dataset that ``data.dataset`` names.

    Raises
    ------
    DataError
        If it cannot be loaded.
    """
    source, _, name = (cards.data.dataset or "").partition("/")
    return _from_sklearn(name, cards) if source == "sklearn" else _from_hugging_face(name)


def _from_sklearn(name: str, cards: Cards) -> pd.DataFrame:
    import pandas as pd
    import sklearn.datasets

    table: Any = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    if cards.data.input_type == "image" and name == "digits":
        table = table[["target"]].assign(image=range(len(table)))[["image", "target"]]
    return pd.DataFrame(table)


def _from_hugging_face(name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        from datasets import load_dataset
    except ModuleNotFoundError:
        message = f"a dataset of Hugging Face needs the package datasets, which is not installed; {install('datasets')}"
        raise DataError(message) from None
    try:
        return pd.DataFrame(load_dataset(name, split="train").to_pandas())
    # Its own, pyarrow's, and the network's errors share no base but Exception.
    except Exception as error:
        reason = (str(error).partition("\n")[0] or type(error).__name__)[:200]
        message = f"the dataset {name} of Hugging Face could not be loaded ({reason}). Check its name and the network."
        raise DataError(one_line(message)) from error
