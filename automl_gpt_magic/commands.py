"""What each ``%automl COMMAND`` does. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import bare, numbers, seconds, unquoted
from .command_table import CommandTable, Kernel
from .errors import UsageError, did_you_mean, one_line
from .settings import AutoML

if TYPE_CHECKING:
    from .records.run import Run
    from .task import Task

COMMANDS = CommandTable()


@COMMANDS.command("help", "this list")
def _help(*_: object) -> None:
    print("%%automl            plan from the cards, in YAML, in the rest of the cell")
    for name, command in COMMANDS.items():
        print(f"%automl {name:<12}{command.meaning}")


@COMMANDS.command("plan", "show the last plan again")
def _plan(kernel: Kernel, _: Namespace) -> None:
    kernel.session.show()


@COMMANDS.command("task", "list the tasks of this notebook; with a name, make that one the last", takes_more=True)
def _task(kernel: Kernel, arguments: Namespace) -> None:
    session = kernel.session
    if arguments.number:
        session.choose(bare(" ".join(arguments.number)))
    last = session.last
    for task in session.tasks:
        mark = " (last)" if task is last else ""
        print(f"{task.plan.names:<24}{one_line(task.plan.cards.data.name)}, {one_line(task.plan.model.name)}{mark}")


@COMMANDS.command("prompt", "print the paragraph that an LLM is sent")
def _prompt(kernel: Kernel, _: Namespace) -> None:
    print(kernel.task.plan.prompt)


@COMMANDS.command("code", "print the generated code, or one stage of it: data, model, training, test", takes_more=True)
def _code(kernel: Kernel, arguments: Namespace) -> None:
    code = kernel.task.plan.code
    stage = next(iter(arguments.number), "")
    if stage and stage not in code:
        raise UsageError(f"the plan has no stage {stage!r}; {did_you_mean(stage, code) if code else 'it has no code'}")
    print(code[stage] if stage else "\n\n\n".join(code.values()))


@COMMANDS.command("train", "run the last plan's cells in a process of their own, and wait for it; an interrupt cancels")
def _train(kernel: Kernel, arguments: Namespace) -> None:
    from .notebook.training_wording import verdict

    task = kernel.task
    task.running.wait(task.train(concurrent=arguments.concurrent))
    if task.measured:
        print(task.running.printed + ". ".join(verdict(task.plan, task.measured)))
        _print_checks(task)


@COMMANDS.command(
    "tune", "search better values by many trainings: --trials 40 --time 10m --workers 2; on Dask: --cluster ADDRESS"
)
def _tune(kernel: Kernel, arguments: Namespace) -> None:
    from .records.study import DEFAULT_TRIALS, DEFAULT_WORKERS, StudyLimits, describe

    task = kernel.task
    if any(given is not None and given < 1 for given in (arguments.trials, arguments.workers)):
        raise UsageError("--trials and --workers take numbers from 1 on")
    most_seconds = seconds(arguments.time) if arguments.time else None
    cluster = bare(arguments.cluster)
    trials = DEFAULT_TRIALS if arguments.trials is None else arguments.trials
    workers = arguments.workers or (trials if cluster else DEFAULT_WORKERS)
    limits = StudyLimits(trials, most_seconds, workers, task.most_seconds, cluster)
    task.running.wait(task.tune(limits, concurrent=arguments.concurrent))
    if task.running.study:
        print(describe(task.running.study))
        print("Take the best into table and cell with the panel's button, or %automl restore best.")


@COMMANDS.command("measure", "time the predictions of the trained model, and size its file")
def _measure(kernel: Kernel, _: Namespace) -> None:
    from .notebook.checks_view import cost_text

    print("\n".join(cost_text(kernel.task.measure())))
    _print_checks(kernel.task)


def _print_checks(task: Task) -> None:
    from .notebook.checks_view import checks_text

    for line in checks_text(task.plan.checks):
        print(line)


@COMMANDS.command(
    "next",
    "write one more cell about the trained model: predict, cross-validation, importance, ...; alone: list them",
    takes_more=True,
)
def _next(kernel: Kernel, arguments: Namespace) -> None:
    from .records.next_step import NEXT_STEPS

    task = kernel.task
    if arguments.number:
        print(" ".join(filter(None, task.write_next(arguments.number[0], in_cell=True))))
        return
    for offered in task.plan.next_code:
        print(f"%automl next {offered:<17}{NEXT_STEPS[offered].meaning}")


@COMMANDS.command(
    "export",
    "write the last plan as a plain project into a folder, with the model if it was trained by Train",
    takes_more=True,
)
def _export(kernel: Kernel, arguments: Namespace) -> None:
    from pathlib import Path

    from .history import last_run

    if len(arguments.number) != 1:
        raise UsageError("%automl export FOLDER writes the last plan as a project; one folder is needed")
    task = kernel.task
    run = last_run(kernel.settings.store_place, task.plan.cards.data.name)
    files = task.export(Path(arguments.number[0]).expanduser(), run)
    print(*files, sep="\n")
    if not any(path.stem == "model" and path.suffix != ".py" for path in files):
        print("The trained model is not among them; train.py makes it.")


@COMMANDS.command("history", "list the runs that were trained; with two numbers, compare them", takes_more=True)
def _history(kernel: Kernel, arguments: Namespace) -> None:
    from .history import difference, forgotten_in, listed, runs_in

    store = kernel.settings.store_place
    if not arguments.number:
        print("\n".join(listed(runs_in(store), forgotten_in(store))))
        return
    wanted = numbers(arguments.number, 2, "history A B compares two runs")
    first, second = ((number, _kept_run(kernel, number)) for number in wanted)
    print("\n".join(difference(first, second)))


@COMMANDS.command("ledger", "list every prediction made here against what was measured, and how each source has done")
def _ledger(kernel: Kernel, _: Namespace) -> None:
    from IPython.display import display

    from .ledger.listing import ledger_of

    display(ledger_of(kernel.settings.store_place))


@COMMANDS.command(
    "experience",
    "list what recommendations are drawn from; published, export FILE, import FILE, or forget RUNS",
    takes_more=True,
)
def _experience(kernel: Kernel, arguments: Namespace) -> None:
    from .own_experience import Filter, experience

    chosen = Filter(*map(bare, (arguments.family, arguments.dataset, arguments.task)))
    print("\n".join(experience(kernel.settings.store_place, arguments.number, chosen)))


@COMMANDS.command(
    "ask", "ask for a change of the last plan in your words: faster, under 50 MB, recall at least 0.9, ..."
)
def _ask(kernel: Kernel, _: Namespace) -> None:
    ask(kernel, "")


def ask(kernel: Kernel, request: str) -> None:
    """Ask for a change in the user's own words, quotation marks and all; without any, list what is understood."""
    from .cards import documented
    from .notebook.round_print import printed

    if not request.strip():
        print("\n".join(f"{kind:<18}{example}" for kind, example in documented()))
        return
    print(printed(kernel.task.ask(unquoted(request.strip()))))


@COMMANDS.command(
    "accept", "take what was asked for, or of its changes those named: value:max_depth, ...", takes_more=True
)
def _accept(kernel: Kernel, arguments: Namespace) -> None:
    from .notebook.round_print import printed

    print(printed(kernel.task.take_round(arguments.number or None)))
    kernel.task.renew_output()


@COMMANDS.command("reject", "leave the plan as it was before the request")
def _reject(kernel: Kernel, _: Namespace) -> None:
    from .notebook.round_print import printed

    print(printed(kernel.task.reject_round()))


@COMMANDS.command("models", "list the models that the last plan could be made with, and what is predicted of each")
def _models(kernel: Kernel, _: Namespace) -> None:
    from .notebook.models_table import models_text

    assignment = kernel.task.plan.assignment
    print(models_text(assignment) if assignment else "No other model is known for this plan.")


@COMMANDS.command("use", "plan again with another model, by its name", takes_more=True)
def _use(kernel: Kernel, arguments: Namespace) -> None:
    task = kernel.task
    task.switch_model(bare(" ".join(arguments.number)))
    print(f"Planned with {one_line(task.plan.model.name)}.")
    task.renew_output()


@COMMANDS.command("undo", "take back the last thing done to the plan, cells included")
def _undo(kernel: Kernel, _: Namespace) -> None:
    print(f"Undone: {one_line(kernel.task.undo())}.")
    kernel.task.renew_output()


@COMMANDS.command("redo", "do again what was undone")
def _redo(kernel: Kernel, _: Namespace) -> None:
    print(f"Done again: {one_line(kernel.task.redo())}.")
    kernel.task.renew_output()


@COMMANDS.command("rounds", "list the requests and what became of them")
def _rounds(kernel: Kernel, _: Namespace) -> None:
    from .notebook.round_print import listed

    print(listed(kernel.task.rounds.rounds))


@COMMANDS.command(
    "restore",
    "take the values of a run, by its number, into the last plan; best: those of the best trial of tune",
    takes_more=True,
)
def _restore(kernel: Kernel, arguments: Namespace) -> None:
    if arguments.number == ["best"]:
        kernel.task.take_best()
        print("Taken: the values of the best trial.")
    else:
        usage = "restore N takes the values of run N, restore best the best trial's"
        (number,) = numbers(arguments.number, 1, usage)
        kernel.task.restore(_kept_run(kernel, number).configuration)
        print(f"Taken: the values of run {number}.")
    kernel.task.renew_output()


def _kept_run(kernel: Kernel, number: int) -> Run:
    from .history import run_in

    return run_in(kernel.settings.store_place, number)


@COMMANDS.command("config", "print the settings; change one with %config AutoML.NAME = VALUE")
def _config(kernel: Kernel, _: Namespace) -> None:
    for name, trait in sorted(AutoML.class_traits(config=True).items()):
        print(f"AutoML.{name} = {getattr(kernel.settings, name)!r}  # {trait.help}")


@COMMANDS.command("doctor", "check endpoint, key, model, encoder, frontend and files, and say what to fix")
def _doctor(kernel: Kernel, _: Namespace) -> None:
    from .doctor import examine

    for line in examine(kernel.settings, kernel.shell, kernel.begun):
        print(line, flush=True)
