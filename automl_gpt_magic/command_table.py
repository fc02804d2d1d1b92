"""A table of commands: what each is for, what all are about, and which one a line asks for."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import UsageError, did_you_mean
from .settings import AutoML

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .session import Session
    from .task import Task


class Kernel:
    """What the commands are about: a shell, its settings, and the notebook's session, which is made at first use.

    Attributes
    ----------
    shell : InteractiveShell
    settings : AutoML
    begun : Session or None
        None before the first use.
    """

    def __init__(self, shell: InteractiveShell, settings: AutoML) -> None:
        self.shell, self.settings = shell, settings
        self.begun: Session | None = None

    @property
    def session(self) -> Session:
        if self.begun is None:
            from .session import Session

            self.begun = Session(self.shell)
        return self.begun

    @property
    def task(self) -> Task:
        """The task planned last."""
        return self.session.last


_Do = Callable[[Kernel, Namespace], object]


@dataclass(frozen=True)
class Command:
    """A command of the line magic; ``takes_more`` tells whether words may follow its name."""

    meaning: str
    do: _Do
    takes_more: bool


class CommandTable(dict[str, Command]):
    """Commands by name, in the order in which help lists them."""

    def command(self, name: str, meaning: str, *, takes_more: bool = False) -> Callable[[_Do], _Do]:
        """Enter the function below as a command."""

        def enter(do: _Do) -> _Do:
            self[name] = Command(meaning, do, takes_more)
            return do

        return enter

    def run(self, kernel: Kernel, arguments: Namespace) -> None:
        """Do what a line asks for.

        Raises
        ------
        UsageError
            If there is no such command, or it takes nothing more.
        """
        name = arguments.command or "help"
        if name not in self:
            raise UsageError(f"%automl has no command {name!r}; {did_you_mean(name, self)}")
        if arguments.number and not self[name].takes_more:
            raise UsageError(f"%automl {name} takes nothing more, but got {arguments.number[0]!r}")
        self[name].do(kernel, arguments)
