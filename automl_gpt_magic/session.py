"""One notebook's work: a task for each of its magic cells."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .answers import Answers, Options
from .errors import UsageError
from .hearing import hearing
from .notebook.bridge import current_anchor
from .notebook.static import asking, bundle
from .pipeline import budget_of, replanner, survey
from .planning.names import prefix_for
from .records.card import Cards
from .settings import AutoML
from .task import Task

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Session:
    """Every task of one kernel, by the id of its magic cell; where cells have none, by what the card describes."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._answers = Answers()
        self._tasks: dict[str, Task] = {}
        self._last: Task | None = None
        shell.events.register("post_run_cell", self._end_of_cell)

    @property
    def last(self) -> Task:
        """The task planned last.

        Raises
        ------
        UsageError
            If nothing was planned in this kernel.
        """
        if self._last is None:
            raise UsageError("nothing was planned in this kernel yet; run a %%automl cell first")
        return self._last

    def plan(
        self, text: str, first_line: int, handle: Any, settings: AutoML, options: Options
    ) -> tuple[dict[str, Any], bool]:
        """Plan the cards of a magic cell; return what to display, and whether the user stopped an LLM's answer.

        The task of the same cell keeps its edits and its names; a copied cell becomes a task of its own.
        """
        began = time.perf_counter()
        anchor = current_anchor(self._shell)
        situation = survey(
            text,
            self._shell.user_ns,
            first_line=first_line,
            settings=settings,
            name=lambda c: self._name(anchor, c),
        )
        key = _key(anchor, situation.cards)
        earlier = self._tasks.get(key)
        task = Task(
            self._shell,
            situation,
            anchor,
            handle,
            write=settings.write_cells,
            replan=replanner(settings),
            hear_request=hearing(settings),
            store=settings.store_place,
        )
        if earlier:
            task.inherit(earlier)
        try:
            answered = self._answers.get(
                situation,
                settings,
                options,
                budget=budget_of(settings),
                replan=replanner(settings),
                begin=lambda offer: handle.update(asking(offer, task.panel.widget), raw=True),
                hear=task.panel.show_arrival,
            )
        except BaseException:
            task.close()
            if earlier:
                earlier.publish()
            raise
        if earlier:
            earlier.close()
        self._tasks[key] = self._last = task
        task.take(answered)
        task.begin(time.perf_counter() - began, answered, self._claim)
        return bundle(task.plan, task.panel.widget, rounds=task.rounds.rounds), answered.stopped

    @property
    def writes_cells(self) -> bool:
        """Whether a page has answered that cells can be written."""
        return any(task.identity for task in self._tasks.values())

    def show(self) -> None:
        """Display the last plan again."""
        from IPython.display import display

        task = self.last
        display(bundle(task.plan, task.panel.widget, task.measured, rounds=task.rounds.rounds), raw=True)

    def close(self) -> None:
        """Stop listening to notebook and training."""
        self._shell.events.unregister("post_run_cell", self._end_of_cell)
        for task in self._tasks.values():
            task.close()

    def _end_of_cell(self, *_: Any) -> None:
        for task in self._tasks.values():
            task.end_of_cell()

    def _claim(self, owner: Task) -> None:
        """Retire every other task of the same cells: a magic cell that was moved may run under a new id."""
        for key, task in list(self._tasks.items()):
            if task is not owner and task.identity == owner.identity:
                task.close()
                del self._tasks[key]

    def _name(self, anchor: str | None, cards: Cards) -> str:
        """Return a prefix that nothing uses but what this task's own cells made."""
        known = self._tasks.get(_key(anchor, cards))
        if known and known.plan.cards.data.name == cards.data.name:
            return known.plan.names
        own = f"{known.plan.names}_" if known else None
        theirs = [name for name in self._shell.user_ns if own is None or not name.startswith(own)]
        others = [task.plan.names for task in self._tasks.values() if task is not known]
        return prefix_for(cards.data.name, [*theirs, *others])


def _key(anchor: str | None, cards: Cards) -> str:
    return anchor or f"{cards.data.name}\n{cards.data.frame}\n{cards.data.path}"
