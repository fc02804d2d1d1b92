"""What the panel asks for, and what becomes of a request that is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from ..errors import AutoMLError


class Callbacks(TypedDict):
    """What a panel calls. Each may raise `AutoMLError`: the panel says so, and shows the plan as it was.

    Attributes
    ----------
    on_edit : callable
        Called with a hyperparameter's name and its new, checked value; has shown the new plan when it returns.
    on_reset : callable
        Called with a name to reset, or None for all.
    on_update_cells : callable
        Called without arguments when the offer to update the cells is taken.
    on_code : callable
        Called with ``"data"`` or ``"model"`` and whether the LLM's code should stand in that stage's cell.
    on_train, on_tune, on_cancel : callable
        Called without arguments: train what stands in the cells, search better values, and end what runs of both.
    on_take_best : callable
        Called without arguments: make the best trial's values the plan's.
    on_next : callable
        Called with the name of a step in `NEXT_STEPS` that should get its cell.
    on_lock : callable
        As in `Table`.
    on_ask, on_take, on_reject, on_undo, on_redo, on_go : callable
        As in `RoundsView`.
    on_model : callable
        As in `ModelsView`.
    """

    on_edit: Callable[[str, Any], object]
    on_reset: Callable[[str | None], object]
    on_update_cells: Callable[[], object]
    on_code: Callable[[str, bool], object]
    on_train: Callable[[], object]
    on_tune: Callable[[], object]
    on_cancel: Callable[[], object]
    on_take_best: Callable[[], object]
    on_next: Callable[[str], object]
    on_lock: Callable[[str, bool], object]
    on_ask: Callable[[str], object]
    on_take: Callable[[tuple[str, ...]], object]
    on_reject: Callable[[], object]
    on_undo: Callable[[], object]
    on_redo: Callable[[], object]
    on_go: Callable[[int], object]
    on_model: Callable[[str], object]


def saying(refused: Callable[[AutoMLError], object], call: Callable[..., object]) -> Callable[..., bool]:
    """Return a callback that hands what is refused to ``refused``, and returns whether nothing was."""

    def tried(*given: Any) -> bool:
        try:
            call(*given)
        except AutoMLError as error:
            refused(error)
            return False
        return True

    return tried
