"""How a trained model becomes a file that holds no pickle, and a model again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Saving:
    """The plain code of it, in which ``{names}_model`` is a pipeline that ends in the model.

    Attributes
    ----------
    file, form : str
        The file's name, and in words what it holds.
    imports : str
        The import lines of ``save`` and ``load``.
    save : str
        Statements that write the model into the folder ``{names}_folder``.
    load : str
        Statements that bind ``model`` to what is in the file; they may use what the model cell defines.
    kind : str
        The class of the models that can be saved so; empty where any may be.
    definitions : str
        What ``load`` uses besides, such as a class.
    trusted : sequence of str
        Types, for skops, that the file may hold besides those that skops knows as harmless.
    """

    file: str
    form: str
    imports: str
    save: str
    load: str
    kind: str = ""
    definitions: str = ""
    trusted: Sequence[str] = ()

    @property
    def by_skops(self) -> bool:
        return self.file.endswith(".skops")


def with_skops(names: str, trusted: Sequence[str]) -> Saving:
    """Return how a model of scikit-learn is saved."""
    file = f"{names}_folder / 'model.skops'"
    return Saving(
        file="model.skops",
        form="skops",
        imports="import skops.io",
        save=f"skops.io.dump({names}_model[-1], {file})",
        load=f"model = skops.io.load(\n    {file},\n    trusted={list(trusted)!r},\n)",
        trusted=trusted,
    )
