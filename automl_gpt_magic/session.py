"""One notebook's work: the tasks of its magic cells."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .answers import Answered, Answers, Options
from .cards import read_tasks
from .consult import Consultation
from .errors import UsageError, did_you_mean
from .hearing import Hearing
from .notebook.bridge import current_anchor
from .notebook.static import asking, bundle
from .pipeline import budget_of, survey
from .planning.build import Situation
from .planning.names import prefix_for
from .records.card import Cards
from .settings import AutoML
from .situations import replanner
from .task import Task

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


# The id of a magic cell, or what a card describes where cells have none; and the task's place in the cell.
_Key = tuple[str, int]


class _Draft(NamedTuple):
    """A task of a magic cell that is about to be planned, and how long it took to find that its cards are right."""

    place: int
    situation: Situation
    seconds: float


class _Cell(NamedTuple):
    """A magic cell that is run: its id where cells have one, and what its line asks for."""

    anchor: str | None
    settings: AutoML
    options: Options


class Session:
    """Every task of one kernel, by its magic cell and its place there."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._answers = Answers()
        self._tasks: dict[_Key, Task] = {}
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

    def plan(self, text: str, first_line: int, handle: Any, settings: AutoML, options: Options) -> bool:
        """Plan the tasks of a magic cell, and display each; return whether the user stopped an LLM's answer.

        The task at the same place of the same cell keeps its edits and its names; a copied cell gets tasks of its own.
        Nothing that stands is replaced before the cards of all tasks were found to be right. The first task is shown by
        ``handle``, the others below it.
        """
        cell = _Cell(current_anchor(self._shell), settings, options)
        drafts = self._drafts(cell, read_tasks(text, first_line=first_line))
        stopped = False
        for draft in drafts:
            shown = handle if draft.place == 0 else _Below()
            stopped = self._begin(draft, cell, shown, stopped=stopped)
        self._retire_beyond(cell.anchor, len(drafts))
        return stopped

    def _drafts(self, cell: _Cell, tasks: Sequence[Cards]) -> list[_Draft]:
        """Survey every task of a cell."""
        drafts: list[_Draft] = []
        for place, cards in enumerate(tasks):
            began = time.perf_counter()
            taken = [draft.situation.names for draft in drafts]
            situation = survey(
                cards,
                self._shell.user_ns,
                settings=cell.settings,
                name=lambda c, place=place, taken=taken: self._name(_key(cell.anchor, c, place), c, taken),  # type: ignore[misc]
            )
            drafts.append(_Draft(place, situation, time.perf_counter() - began))
        return drafts

    def _begin(self, draft: _Draft, cell: _Cell, handle: Any, *, stopped: bool) -> bool:
        """Make a task of a draft, ask the LLM about it unless that was ``stopped``, and show it."""
        began = time.perf_counter() - draft.seconds
        key = _key(cell.anchor, draft.situation.cards, draft.place)
        earlier, task = self._tasks.get(key), self._task_of(draft, cell, handle)
        if earlier:
            task.inherit(earlier)
        try:
            answered = self._answered(draft.situation, task, cell, handle, stopped=stopped)
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
        handle.update(bundle(task.plan, task.panel.widget, rounds=task.rounds.rounds), raw=True)
        return answered.stopped

    def _task_of(self, draft: _Draft, cell: _Cell, handle: Any) -> Task:
        settings = cell.settings
        return Task(
            self._shell,
            draft.situation,
            cell.anchor,
            handle,
            write=settings.write_cells,
            replan=replanner(settings),
            hearing=Hearing(settings, lambda: self._answers.model(settings)),
            store=settings.store_place,
            place=draft.place,
        )

    def _answered(self, situation: Situation, task: Task, cell: _Cell, handle: Any, *, stopped: bool) -> Answered:
        """Ask the LLM, and show its answer arrive in the task's panel; nobody is asked where it was ``stopped``."""
        if stopped:
            return Answered(Consultation(situation, stopped=True))
        return self._answers.get(
            situation,
            cell.settings,
            cell.options,
            budget=budget_of(cell.settings),
            replan=replanner(cell.settings),
            begin=lambda offer: handle.update(asking(offer, task.panel.widget), raw=True),
            hear=task.panel.show_arrival,
        )

    def _retire_beyond(self, anchor: str | None, count: int) -> None:
        """Close the tasks that a cell does not describe any more."""
        for key in [one for one in self._tasks if anchor and one[0] == anchor and one[1] >= count]:
            self._tasks.pop(key).close()

    def choose(self, name: str) -> None:
        """Make another task the one that the line magic's commands are about.

        Raises
        ------
        UsageError
            If no task has the name, that of its data card or of what its cells define.
        """
        wanted = name.strip().casefold()
        for task in self._tasks.values():
            if wanted in (task.plan.cards.data.name.casefold(), task.plan.names):
                self._last = task
                return
        raise UsageError(f"no task is called {name!r}; {did_you_mean(name, [one.plan.names for one in self.tasks])}")

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task that was planned, in the order of its first planning."""
        return tuple(self._tasks.values())

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

    def _name(self, key: _Key, cards: Cards, taken: Sequence[str]) -> str:
        """Return a prefix that nothing uses but what this task's own cells made; ``taken`` are prefixes."""
        known = self._tasks.get(key)
        if known and known.plan.cards.data.name == cards.data.name and known.plan.names not in taken:
            return known.plan.names
        own = f"{known.plan.names}_" if known else None
        theirs = [name for name in self._shell.user_ns if own is None or not name.startswith(own)]
        others = [task.plan.names for task in self._tasks.values() if task is not known]
        return prefix_for(cards.data.name, [*theirs, *others, *taken])


class _Below:
    """Where a further task of a cell is shown, under those before it: made when there is something to show."""

    def __init__(self) -> None:
        self._handle: Any = None

    def update(self, content: Any, **options: Any) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(content, display_id=True, **options)
        else:
            self._handle.update(content, **options)


def _key(anchor: str | None, cards: Cards, place: int) -> _Key:
    return anchor or f"{cards.data.name}\n{cards.data.frame}\n{cards.data.path}", place
