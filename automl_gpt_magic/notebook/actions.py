"""The panel's buttons: train, tune, cancel, reset."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from . import plan_wording
from .buttons import button


class Actions:
    """What can be done with a plan as it stands.

    Parameters
    ----------
    on_train, on_tune, on_cancel, on_reset : callable
        Called without arguments at a click.
    """

    def __init__(
        self,
        on_train: Callable[[], object],
        on_tune: Callable[[], object],
        on_cancel: Callable[[], object],
        on_reset: Callable[[], object],
    ) -> None:
        self._training = self._can_train = False
        self._train = button("Train", "Run the cells below in a process of their own", on_train).add_class("ag-go")
        self._tune = button("Tune", "Search better values by training many configurations", on_tune)
        self._cancel = button("Cancel", "End the training or the search; the notebook is not touched", on_cancel)
        self._reset = button(plan_wording.RESET_ALL, "Reset every value to the proposed one", on_reset)
        buttons = [self._train, self._tune, self._cancel, self._reset]
        self.widget = ipywidgets.Box(buttons).add_class("ag-sec").add_class("ag-act")
        self._refresh()

    def show(self, *, can_reset: bool, can_train: bool) -> None:
        """Enable what the plan that is shown allows."""
        self._reset.disabled, self._can_train = not can_reset, can_train
        self._refresh()

    def train(self, running: bool) -> None:
        """Show whether a training or a search runs: then only Cancel can be clicked."""
        self._training = running
        self._refresh()

    def _refresh(self) -> None:
        self._train.disabled = self._tune.disabled = self._training or not self._can_train
        self._cancel.disabled = not self._training
