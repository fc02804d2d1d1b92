"""``%%automl`` and ``%automl`` in a shell: parse the line, plan or do a command. Nothing heavy is imported here."""

from __future__ import annotations

from argparse import Namespace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from traitlets import TraitError

from .arguments import bare
from .command_table import Kernel
from .commands import COMMANDS, ask
from .errors import StoppedError, UsageError
from .settings import AutoML

if TYPE_CHECKING:
    from .session import Session

_BODY_BEGINS_AT_LINE = 2
_PLANNING = '<div style="padding:12px 16px;border:1px solid #bbb">Reading the cards…</div>'


@magics_class
class AutoMLMagics(Magics):
    """The magics; the notebook's work lives in `session`, what the line magic does in `commands`."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.settings = AutoML(parent=shell)
        self._kernel = Kernel(shell, self.settings)

    @property
    def session(self) -> Session:
        return self._kernel.session

    def close(self) -> None:
        """Stop listening to notebook and training."""
        if self._kernel.begun is not None:
            self._kernel.begun.close()

    @magic_arguments()
    @argument("command", nargs="?", default="", help="help, plan, prompt, code, train, history, ... (line magic only)")
    @argument("number", nargs="*", help="with code: a stage; with next: a step; with history: runs; ...")
    @argument("--trials", type=int, default=None, help="with tune: how many configurations, earlier ones included; 40")
    @argument("--time", default="", help="with tune: the most time, such as 90s, 10m or 1h")
    @argument("--workers", type=int, default=None, help="with tune: how many processes train; 2, or all of a cluster")
    @argument("--cluster", default="", help="with tune: a Dask scheduler's address, such as tcp://host:8786")
    @argument("--concurrent", action="store_true", help="with train, tune: beside what another plan runs")
    @argument("--family", default="", help="with experience: only model families with this in their name")
    @argument("--dataset", default="", help="with experience: only datasets with this in their name")
    @argument("--task", default="", help="with experience: only tasks with this in their name")
    @argument("--live", action="store_true", help="ask the LLM anew, also where its answer is recorded")
    @argument("--replay", action="store_true", help="take the recorded answer; ask nobody")
    @argument("--model", default="", help="name of the LLM, for this cell")
    @argument("--base-url", default="", help="OpenAI-compatible endpoint, for this cell")
    @argument("--rounds", type=int, default=None, help="calls in which the LLM may improve on the forecast")
    @line_cell_magic
    def automl(self, line: str, cell: str | None = None) -> None:
        """Plan a task: ``%%automl`` above cards in YAML. ``%automl help`` lists the line magic's commands."""
        command, _, request = line.strip().partition(" ")
        if cell is None and command == "ask":  # its words are the user's own, quotation marks and all
            ask(self._kernel, request)
            return
        try:
            arguments = parse_argstring(self.automl, line)
        except ValueError as error:
            raise UsageError(f"{line.strip()!r} is not understood: {error}; close every quotation mark") from None
        if arguments.command != "experience" and (arguments.family or arguments.dataset or arguments.task):
            raise UsageError("--family, --dataset and --task go with %automl experience alone")
        if cell is None:
            COMMANDS.run(self._kernel, arguments)
        else:
            self._plan(arguments, cell)

    def _plan(self, arguments: Namespace, cell: str) -> None:
        settings, live, replay = self._settings_for(arguments), arguments.live, arguments.replay
        from IPython.display import HTML, display

        from .answers import Options

        handle = display(HTML(_PLANNING), display_id=True)
        shown = False

        def show(content: Any, **options: Any) -> None:
            nonlocal shown
            handle.update(content, **options)
            shown = True

        try:
            stopped = self.session.plan(
                cell, _BODY_BEGINS_AT_LINE, SimpleNamespace(update=show), settings, Options(live, replay)
            )
        except BaseException:
            if not shown:
                handle.update(HTML(""))
            raise
        if stopped:
            raise StoppedError(
                "the LLM's answer was stopped; the plan above stands without it, and its cells are written"
            )

    def _settings_for(self, arguments: Namespace) -> AutoML:
        """Return the settings with what the cell's line changes."""
        if arguments.command:
            raise UsageError(f"%%automl takes options only, but got {arguments.command!r}; write the cards below it")
        if arguments.live and arguments.replay:
            raise UsageError("%%automl takes --live or --replay, not both")
        given = {name: getattr(arguments, name) for name in ("model", "base_url", "rounds")}
        changed = {
            name: bare(value) if isinstance(value, str) else value
            for name, value in given.items()
            if value not in ("", None)
        }
        try:
            return self.settings.changed(**changed)
        except TraitError:
            raise UsageError("--rounds takes 1 to 5") from None


def register(shell: InteractiveShell) -> None:
    """Register magics, settings and completion with a shell."""
    magics = AutoMLMagics(shell)
    shell.register_magics(magics)
    shell.configurables.append(magics.settings)  # type: ignore[arg-type]  # IPython's annotation is too narrow
    shell.set_hook("complete_command", _complete, str_key="%automl")


def unregister(shell: InteractiveShell) -> None:
    """Undo `register`."""
    magics = shell.magics_manager.registry.pop("AutoMLMagics", None)
    if magics is not None:
        magics.close()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("automl", None)
    shell.configurables[:] = [one for one in shell.configurables if not isinstance(one, AutoML)]
    shell.strdispatchers["complete_command"].strs.pop("%automl", None)


def _complete(shell: Any, event: Any) -> list[str]:
    words = event.line.split()
    asked = len(words) - (not event.line.endswith(" "))  # words before the one being typed
    if asked == 1:
        return list(COMMANDS)
    return _names_after(words[1]) if asked == 2 else []


def _names_after(command: str) -> list[str]:
    if command == "next":
        from .records.next_step import NEXT_STEPS

        return list(NEXT_STEPS)
    return {
        "code": ["data", "model", "training", "test"],
        "experience": ["published", "export", "import", "forget"],
    }.get(command, [])
