"""``%%automl`` and ``%automl``: parse the line, call the session, display. Nothing heavy is imported here."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from traitlets import TraitError

from .errors import StoppedError, UsageError, did_you_mean, one_line
from .settings import AutoML

if TYPE_CHECKING:
    from .records.run import Run
    from .session import Session

COMMANDS = {
    "help": "this list",
    "plan": "show the last plan again",
    "task": "list the tasks of this notebook; with a name, make that one the last",
    "prompt": "print the paragraph that an LLM is sent",
    "code": "print the generated code, or one stage of it: data, model, training, test",
    "train": "run the last plan's cells in a process of their own, and wait for it; an interrupt cancels",
    "tune": "search better values by many trainings: --trials 40 --time 10m --workers 2; on Dask: --cluster ADDRESS",
    "measure": "time the predictions of the trained model, and size its file",
    "next": "write one more cell about the trained model: predict, cross-validation, importance, ...; alone: list them",
    "export": "write the last plan as a plain project into a folder, with the model if it was trained by Train",
    "history": "list the runs that were trained; with two numbers, compare them",
    "ledger": "list every prediction made here against what was measured, and how each source has done",
    "experience": "list what recommendations are drawn from; published, export FILE, import FILE, or forget RUNS",
    "ask": "ask for a change of the last plan in your words: faster, under 50 MB, recall at least 0.9, ...",
    "accept": "take what was asked for, or of its changes those named: value:max_depth, ...",
    "reject": "leave the plan as it was before the request",
    "models": "list the models that the last plan could be made with, and what is predicted of each",
    "use": "plan again with another model, by its name",
    "undo": "take back the last thing done to the plan, cells included",
    "redo": "do again what was undone",
    "rounds": "list the requests and what became of them",
    "restore": "take the values of a run, by its number, into the last plan; best: those of the best trial of tune",
    "config": "print the settings; change one with %config AutoML.NAME = VALUE",
    "doctor": "check endpoint, key, model, encoder, frontend and files, and say what to fix",
}
_TAKING_MORE = ("code", "next", "export", "history", "experience", "restore", "accept", "use", "task")
_BODY_BEGINS_AT_LINE = 2
_PLANNING = '<div style="padding:12px 16px;border:1px solid #bbb">Reading the cards…</div>'


@magics_class
class AutoMLMagics(Magics):
    """The magics; the notebook's work lives in `session`, which is made at first use."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._kernel = shell
        self.settings = AutoML(parent=shell)
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            from .session import Session

            self._session = Session(self._kernel)
        return self._session

    def close(self) -> None:
        """Stop listening to notebook and training."""
        if self._session is not None:
            self._session.close()

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
            self._ask(request)
            return
        try:
            arguments = parse_argstring(self.automl, line)
        except ValueError as error:
            raise UsageError(f"{line.strip()!r} is not understood: {error}; close every quotation mark") from None
        if arguments.command != "experience" and (arguments.family or arguments.dataset or arguments.task):
            raise UsageError("--family, --dataset and --task go with %automl experience alone")
        if cell is None:
            self._command(arguments)
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
            name: value.strip("\"'") if isinstance(value, str) else value
            for name, value in given.items()
            if value not in ("", None)
        }
        try:
            return self.settings.changed(**changed)
        except TraitError:
            raise UsageError("--rounds takes 1 to 5") from None

    def _command(self, arguments: Namespace) -> None:
        command = arguments.command or "help"
        commands: dict[str, Callable[[], object]] = {
            "help": _help,
            "plan": lambda: self.session.show(),
            "task": lambda: self._task(" ".join(arguments.number)),
            "prompt": lambda: print(self.session.last.plan.prompt),
            "code": lambda: self._print_code(*arguments.number[:1]),
            "config": self._print_settings,
            "doctor": self._examine,
            "train": lambda: self._train(arguments),
            "tune": lambda: self._tune(arguments),
            "measure": self._measure,
            "next": lambda: self._next(*arguments.number[:1]),
            "export": lambda: self._export(arguments.number),
            "history": lambda: self._print_history(arguments.number),
            "ledger": self._show_ledger,
            "experience": lambda: self._experience(arguments),
            "ask": lambda: self._ask(""),
            "accept": lambda: self._accept(arguments.number),
            "reject": self._reject,
            "undo": lambda: self._undo_or_redo("Undone", self.session.last.undo),
            "redo": lambda: self._undo_or_redo("Done again", self.session.last.redo),
            "rounds": self._print_rounds,
            "models": self._print_models,
            "use": lambda: self._use(" ".join(arguments.number)),
            "restore": lambda: self._restore(arguments.number),
        }
        if command not in commands:
            raise UsageError(f"%automl has no command {command!r}; {did_you_mean(command, COMMANDS)}")
        if arguments.number and command not in _TAKING_MORE:
            raise UsageError(f"%automl {command} takes nothing more, but got {arguments.number[0]!r}")
        commands[command]()

    def _train(self, arguments: Namespace) -> None:
        from .notebook.wording import verdict

        task = self.session.last
        task.running.wait(task.train(concurrent=arguments.concurrent))
        if task.measured:
            print(task.running.printed + ". ".join(verdict(task.plan, task.measured)))
            self._print_checks()

    def _tune(self, arguments: Namespace) -> None:
        from .records.study import DEFAULT_TRIALS, DEFAULT_WORKERS, StudyLimits, describe

        task = self.session.last
        if any(given is not None and given < 1 for given in (arguments.trials, arguments.workers)):
            raise UsageError("--trials and --workers take numbers from 1 on")
        seconds = _seconds(arguments.time) if arguments.time else None
        cluster = arguments.cluster.strip("\"'")
        trials = DEFAULT_TRIALS if arguments.trials is None else arguments.trials
        workers = arguments.workers or (trials if cluster else DEFAULT_WORKERS)
        limits = StudyLimits(trials, seconds, workers, task.most_seconds, cluster)
        task.running.wait(task.tune(limits, concurrent=arguments.concurrent))
        if task.running.study:
            print(describe(task.running.study))
            print("Take the best into table and cell with the panel's button, or %automl restore best.")

    def _measure(self) -> None:
        from .notebook.checks_view import cost_text

        print("\n".join(cost_text(self.session.last.measure())))
        self._print_checks()

    def _print_checks(self) -> None:
        from .notebook.checks_view import checks_text

        for line in checks_text(self.session.last.plan.checks):
            print(line)

    def _next(self, name: str = "") -> None:
        from .records.next_step import NEXT_STEPS

        task = self.session.last
        if name:
            print(" ".join(filter(None, task.write_next(name, in_cell=True))))
            return
        for offered in task.plan.next_code:
            print(f"%automl next {offered:<17}{NEXT_STEPS[offered].meaning}")

    def _export(self, folders: list[str]) -> None:
        from pathlib import Path

        from .history import last_run

        if len(folders) != 1:
            raise UsageError("%automl export FOLDER writes the last plan as a project; one folder is needed")
        task = self.session.last
        run = last_run(self.settings.store_place, task.plan.cards.data.name)
        files = task.export(Path(folders[0]).expanduser(), run)
        print(*files, sep="\n")
        if not any(path.stem == "model" and path.suffix != ".py" for path in files):
            print("The trained model is not among them; train.py makes it.")

    def _print_history(self, numbers: list[str]) -> None:
        from .history import difference, forgotten_in, listed, runs_in

        store = self.settings.store_place
        if not numbers:
            print("\n".join(listed(runs_in(store), forgotten_in(store))))
            return
        first, second = (self._run(number) for number in _numbers(numbers, 2, "history A B compares two runs"))
        print("\n".join(difference(first, second)))

    def _show_ledger(self) -> None:
        from IPython.display import display

        from .ledger.listing import ledger_of

        display(ledger_of(self.settings.store_place))

    def _experience(self, arguments: Namespace) -> None:
        from .own_experience import Filter, experience

        chosen = Filter(*(part.strip("\"'") for part in (arguments.family, arguments.dataset, arguments.task)))
        print("\n".join(experience(self.settings.store_place, arguments.number, chosen)))

    def _ask(self, request: str) -> None:
        from .cards import documented
        from .notebook.round_print import printed

        if not request.strip():
            print("\n".join(f"{kind:<18}{example}" for kind, example in documented()))
            return
        print(printed(self.session.last.ask(_unquoted(request.strip()))))

    def _accept(self, keys: list[str]) -> None:
        from .notebook.round_print import printed

        print(printed(self.session.last.take_round(keys or None)))
        self.session.last.renew_output()

    def _reject(self) -> None:
        from .notebook.round_print import printed

        print(printed(self.session.last.reject_round()))

    def _print_rounds(self) -> None:
        from .notebook.round_print import listed

        print(listed(self.session.last.rounds.rounds))

    def _task(self, name: str) -> None:
        if name:
            self.session.choose(name.strip("\"'"))
        last = self.session.last
        for task in self.session.tasks:
            mark = " (last)" if task is last else ""
            print(f"{task.plan.names:<24}{one_line(task.plan.cards.data.name)}, {one_line(task.plan.model.name)}{mark}")

    def _print_models(self) -> None:
        from .notebook.models_table import models_text

        assignment = self.session.last.plan.assignment
        print(models_text(assignment) if assignment else "No other model is known for this plan.")

    def _use(self, name: str) -> None:
        task = self.session.last
        task.switch_model(name.strip("\"'"))
        print(f"Planned with {one_line(task.plan.model.name)}.")
        task.renew_output()

    def _undo_or_redo(self, done: str, do: Callable[[], str]) -> None:
        print(f"{done}: {one_line(do())}.")
        self.session.last.renew_output()

    def _restore(self, numbers: list[str]) -> None:
        if numbers == ["best"]:
            self.session.last.take_best()
            print("Taken: the values of the best trial.")
        else:
            (number,) = _numbers(numbers, 1, "restore N takes the values of run N, restore best the best trial's")
            self.session.last.restore(self._run(number)[1].configuration)
            print(f"Taken: the values of run {number}.")
        self.session.last.renew_output()

    def _run(self, number: int) -> tuple[int, Run]:
        from .history import run_in

        return number, run_in(self.settings.store_place, number)

    def _examine(self) -> None:
        from .doctor import examine

        for line in examine(self.settings, self._kernel, self._session):
            print(line, flush=True)

    def _print_code(self, stage: str = "") -> None:
        code = self.session.last.plan.code
        if stage and stage not in code:
            raise UsageError(
                f"the plan has no stage {stage!r}; {did_you_mean(stage, code) if code else 'it has no code'}"
            )
        print(code[stage] if stage else "\n\n\n".join(code.values()))

    def _print_settings(self) -> None:
        for name, trait in sorted(AutoML.class_traits(config=True).items()):
            print(f"AutoML.{name} = {getattr(self.settings, name)!r}  # {trait.help}")


def _numbers(given: list[str], count: int, usage: str) -> list[int]:
    if len(given) != count or not all(number.isdecimal() for number in given):
        raise UsageError(f"%automl {usage}; {count} of their numbers {'are' if count > 1 else 'is'} needed")
    return [int(number) for number in given]


def _unquoted(text: str) -> str:
    """Return a text without the quotation marks around it; one at its end alone is the text's own."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _seconds(text: str) -> float:
    """Read a duration such as 90s, 10m or 1h."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1] in units else (text, 1)
    if not number.replace(".", "", 1).isdecimal():
        raise UsageError(f"--time {text!r} is no duration; write it like 90s, 10m or 1h")
    return float(number) * unit


def _help() -> None:
    print("%%automl            plan from the cards, in YAML, in the rest of the cell")
    for name, meaning in COMMANDS.items():
        print(f"%automl {name:<12}{meaning}")


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
