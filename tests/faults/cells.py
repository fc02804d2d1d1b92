"""Run a real %%automl cell against a server that misbehaves, and hold what came of it to what must always be so."""

from __future__ import annotations

import _thread
import ast
import gc
import json
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from unittest.mock import patch

from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import start_ipython
from IPython.utils.capture import capture_output

from automl_gpt_magic.errors import ParameterError, StoppedError
from automl_gpt_magic.records.plan import Plan
from tests.conftest import CARDS, small_adult
from tests.faults.more import more_faults
from tests.scripted_llm import Fault, ScriptedLLM, answer, fault_catalogue

KEY, HEADER = "canary-of-the-key-7f3a91", "canary-of-the-header-c04be2"
EDIT = ("gamma", 2.5)
PAUSE = 0.05
DEADLINE, SHORT_DEADLINE = 6.0, 1.0
SLACK = 3.0
_LONGEST_NOTE = 300  # what the static output shows of a note
_UNSENDABLE = "a widget's message cannot be sent:"

# The first number is a hyperparameter, so that the faults of values meet the check of values.
WANTED = {"learning_rate": 0.03, "subsample": 0.94, "colsample_bytree": 0.5}
GOOD = json.dumps(
    {
        "data_processing": {"techniques": [{"technique": "keep the codes", "reason": "trees split them"}], "code": ""},
        "model": {
            "card": "XGBoost",
            "why": "it is the only one",
            "layers": [],
            "activations": "",
            "loss": "",
            "code": "",
        },
        "candidates": [
            {
                "hyperparameters": [
                    {"name": name, "value": value, "reason": "near the transferred one"}
                    for name, value in WANTED.items()
                ],
                "log": [],
                "expected": 0.4,
            }
        ],
        "notes": "Short, as asked.",
    }
)

# Where a careful client could end with the good answer and this one does not, with the reason.
NOT_TAKEN = {
    "never_answers_once": "a slow model may still be reading the prompt, and asking again would put it back",
    "moved_then_good": "nobody has agreed to send a prompt to where a redirect leads; the message says where it is",
}
# Where more comes of it than the catalogue expects, with the reason.
TAKEN = {
    "two_different_objects": "the object with the schema's keys is the one that was asked for",
    "list_of_answers": "the one object in the list has the schema's keys",
    "wrapped_object": "the one object inside has the schema's keys",
    "content_parts": "the parts are text",
    **dict.fromkeys(
        ("broken_json_event", "invalid_utf_8", "utf_16", "no_blank_lines", "only_done"),
        "a stream that cannot be read is asked for again in one piece, which this server gives whole",
    ),
    **dict.fromkeys(
        ("chunks_without_choices", "chunks_are_numbers"),
        "a stream without text is asked for again in one piece, which this server gives whole",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What one cell did: where its values come from, what it said, and which invariants did not hold."""

    fault: Fault
    said: str
    origin: str
    requests: int
    seconds: float
    plan: Plan
    displayed: str = field(repr=False)
    problems: tuple[str, ...] = ()


def catalogue() -> dict[str, Fault]:
    """Return the faults of the server's catalogue, and those that need this package's key or form of answer."""
    return {**fault_catalogue(GOOD, PAUSE), **more_faults(GOOD)}


class Notebook:
    """A shell with the extension, a server, and folders of its own."""

    def __init__(self, shell: InteractiveShell, server: ScriptedLLM, folder: Path) -> None:
        self.shell, self.server, self.folder = shell, server, folder
        self.settings = next(one for one in shell.configurables if type(one).__name__ == "AutoML")
        self.logged: list[str] = []
        self.sent: list[str] = []  # the messages that widgets send to the page

    @property
    def session(self) -> Any:
        return self.shell.magics_manager.registry["AutoMLMagics"].session

    @property
    def sidecar(self) -> Path:
        return self.folder / "recordings" / "small_adult.automl.json"

    @property
    def slot(self) -> str:
        """The words of the panel's status slot."""
        return words(self.session.last.panel._slot._text.value)

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.settings, name, value)

    def run(self, line: str = "", cards: str = CARDS) -> tuple[Any, str, str]:
        """Run a magic cell; return its result, what was printed, and all that was displayed."""
        with capture_output() as captured:
            result = self.shell.run_cell(f"%%automl {line}\n{cards}")
        shown = packed([output.data for output in captured.outputs])
        return result, captured.stdout + captured.stderr, shown

    def prepare(self) -> None:
        """Let an answer to other cards be recorded, and a value be edited in the table."""
        self.server.play(answer(GOOD))
        self.set(base_url=self.server.base_url, headers={"X-Team": HEADER})
        self.run(cards=CARDS.replace("under a minute", "under an hour"))[0].raise_error()
        self.session.last.edit(*EDIT)
        self._earlier = self.sidecar.read_bytes()

    def plan(self) -> Plan:
        plan: Plan = self.shell.user_ns["small_adult_plan"]
        return plan

    def observe(self, fault: Fault, line: str = "", *, keep: bool = False, stop_after: float = 0) -> Outcome:
        """Run one cell under a fault; only the answer to other cards is recorded before, unless ``keep``."""
        if not keep:
            self.sidecar.write_bytes(self._earlier)
        self.set(base_url=fault.start(self.server), deadline=SHORT_DEADLINE if hangs(fault) else DEADLINE)
        self.set(headers={"X-Team": HEADER, "X-Fault": fault.name})  # another endpoint: nothing is known of its form
        self.sent.clear()
        before, asked, recorded = threads(), len(self.server.posts), self.recorded()
        began = time.monotonic()
        stop = interrupted_after(stop_after, lambda: len(self.server.posts) > asked) if stop_after else nullcontext()
        with stop:
            result, printed, shown = self.run(line)
        seconds = time.monotonic() - began
        plan = self.plan()
        outcome = Outcome(
            fault, self.slot, origin(plan), len(self.server.posts) - asked, seconds, plan, printed + shown
        )
        problems = [*self._problems(outcome, printed)]
        error = result.error_in_exec or result.error_before_exec
        if stop_after:
            problems += [] if isinstance(error, StoppedError) else [f"not stopped, but {error!r}"]
        else:
            problems += self._wrong_end(outcome, error)
        if not self.server.wait_until_idle(1):
            problems.append("a connection stays open")
        if left := threads() - before:
            problems.append(f"threads are left: {left}")
        if not recorded or not recorded <= self.recorded():
            problems.append("a recorded answer is gone")
        return Outcome(**{**vars(outcome), "problems": tuple(problems)})

    def recorded(self) -> set[str]:
        """Return what the file of recorded answers holds, an entry for each conversation."""
        if not self.sidecar.exists():
            return set()
        return {json.dumps(one, sort_keys=True) for one in json.loads(self.sidecar.read_text())["conversations"]}

    def _wrong_end(self, outcome: Outcome, error: BaseException | None) -> Iterator[str]:
        """Yield what is wrong in how a cell ended that nobody stopped."""
        fault, plan = outcome.fault, outcome.plan
        if error is not None:
            yield f"{type(error).__name__} left the magic: {error}"
        yield from self._wrong_words(outcome)
        if plan.replayed:
            return
        if expects_good(fault) and not has_good(plan):
            yield f"the good answer was not taken: {outcome.origin}"
        if not expects_good(fault) and plan.llm and not is_partly_good(plan):
            yield f"something else was taken for the good answer: {values_of(plan)}"

    def _problems(self, outcome: Outcome, printed: str) -> Iterator[str]:
        plan = outcome.plan
        yield from filter(None, map(unsendable, self.sent))
        if "Traceback" in printed or self.logged:
            yield f"a traceback or log is printed: {self.logged or printed}"
        if outcome.seconds > self.settings.deadline + SLACK:
            yield f"took {outcome.seconds:.1f} s"
        if plan.edits != dict([EDIT]):
            yield f"the edit is lost: {plan.edits}"
        yield from wrong_in(plan)
        for where in self.leaks(outcome.displayed):
            yield f"a secret is in {where}"

    def _wrong_words(self, outcome: Outcome) -> Iterator[str]:
        """Yield what is wrong in what is said where there is no answer."""
        if outcome.plan.llm:
            return
        notes = outcome.plan.notes
        said = notes[0] if notes else ""
        if not said or said not in outcome.said:
            yield f"slot and static output say different things: {outcome.said!r}, {notes}"
        if "\n" in said or not said.isprintable() or len(said) > _LONGEST_NOTE:
            yield f"not one line: {said!r}"
        if self.host not in said and "scripted" not in said:
            yield f"does not say where: {said!r}"
        if not re.search(r"%config|%automl|[Rr]un the cell|take another|AutoML\.|start the server|quota", said):
            yield f"gives no next step: {said!r}"
        if "measured runs" not in outcome.said:
            yield f"does not say what stands: {outcome.said!r}"
        if said[:60] not in text_of(outcome.displayed):
            yield f"not in the static output: {said!r}"

    @property
    def host(self) -> str:
        return str(self.settings.base_url).split("/")[2]

    def leaks(self, displayed: str) -> Iterator[str]:
        """Yield the places where a secret stands."""
        places = {
            "the output": displayed,
            "the slot": self.slot,
            "the widgets": "".join(self.sent),
            "the plan": repr(vars(self.plan())),
            "the settings": repr({name: getattr(self.settings, name) for name in self.settings.trait_names()}),
            "the log": "".join(self.logged),
            **{f"file {path.name}": path.read_bytes().decode("latin-1") for path in files(self.folder)},
        }
        for where, text in places.items():
            if KEY in text or HEADER in text:
                yield where


@contextmanager
def notebook(folder: Path) -> Iterator[Notebook]:
    """Start a shell, once for the process, with the extension; and a server."""
    shell = start_ipython() or InteractiveShell.instance()
    for name in ("recordings", "cache"):
        (folder / name).mkdir()
    with (
        ScriptedLLM() as server,
        patch("automl_gpt_magic.llm.chat._FIRST_WAIT", 0.05),
        # Pictures show no word of a server, and drawing them takes most of a cell's time.
        patch("automl_gpt_magic.notebook.plot.png", lambda *_: ""),
        patch("automl_gpt_magic.notebook.plot._drawn", lambda *_: "<svg></svg>"),
        patch("comm.DummyComm.publish_msg", lambda comm, *arguments, **parts: made.sent.append(packed(parts))),
    ):
        shell.run_line_magic("load_ext", "automl_gpt_magic")
        shell.user_ns["adult"] = small_adult()
        made = Notebook(shell, server, folder)
        made.set(
            model="scripted",
            api_key=KEY,
            retries=1,
            answer_tokens=500,
            recordings=str(folder / "recordings"),
            store=str(folder / "store.sqlite"),
            cache=str(folder / "cache"),
        )
        handler = _Listener(made.logged)
        logging.getLogger().addHandler(handler)
        try:
            made.prepare()
            gc.freeze()
            yield made
        finally:
            logging.getLogger().removeHandler(handler)
            shell.run_line_magic("unload_ext", "automl_gpt_magic")
            for name in [name for name in shell.user_ns if name.startswith("small_adult")]:
                del shell.user_ns[name]


class _Listener(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(self.format(record))


def packed(message: Any) -> str:
    """Return a message as a kernel packs it, or why it cannot."""
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, default=str)
        return text.encode().decode()
    except ValueError as error:
        return f"{_UNSENDABLE} {type(error).__name__}: {error}"


@contextmanager
def interrupted_after(seconds: float, asked: Callable[[], bool]) -> Iterator[None]:
    """Press Ctrl-C a while after the endpoint was asked."""
    over = threading.Event()

    def press() -> None:
        while not asked():
            if over.wait(0.01):
                return
        if not over.wait(seconds):
            _thread.interrupt_main()

    user = threading.Thread(target=press)
    user.start()
    try:
        yield
    finally:
        over.set()
        user.join()


def unsendable(packed: str) -> str:
    return packed if packed.startswith(_UNSENDABLE) else ""


def hangs(fault: Fault) -> bool:
    """Return whether only the deadline ends it."""
    endless = {"never_answers", "never_answers_once", "headers_then_nothing", "stall_half_way", "stall_once_then_good"}
    return fault.name in endless | {"drip_for_ever", "keepalives_for_ever", "dripping_headers", "surrogate_then_cut"}


def threads() -> set[str]:
    return {f"{one.name} {one.ident}" for one in threading.enumerate() if one.name.startswith("automl-llm-call")}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def words(html: str) -> str:
    """Return the text of HTML on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def text_of(displayed: str) -> str:
    """Return the plain text among what was displayed, on one line."""
    found = re.findall(r'"text/plain": ("(?:[^"\\]|\\.)*")', displayed)
    return " ".join(" ".join(map(json.loads, found)).split())


def values_of(plan: Plan) -> dict[str, Any]:
    return {planned.name: planned.value for planned in plan.values}


def origin(plan: Plan) -> str:
    """Return whose values stand."""
    if plan.answer is None:
        return "evidence"
    return f"LLM {plan.answer.taken} of {plan.answer.given}"


def wrong_in(plan: Plan) -> Iterator[str]:
    """Yield what makes a plan one that cannot be used."""
    if [value.name for value in plan.values] != [parameter.name for parameter in plan.space.parameters]:
        yield "values are missing"
    for planned in plan.values:
        try:
            plan.space[planned.name].check(planned.value)
        except ParameterError as error:
            yield str(error)
        if isinstance(planned.value, float) and not math.isfinite(planned.value):
            yield f"{planned.name} is {planned.value}"
        if plan.answer is None and planned.source == "llm":
            yield f"{planned.name} is said to be the LLM's"
    if set(plan.code) != {"data", "model", "training"}:
        yield f"the cells are {set(plan.code)}"
    for source in plan.code.values():
        ast.parse(source)


def expects_good(fault: Fault) -> bool:
    return (fault.recovers or fault.name in TAKEN) and fault.name not in NOT_TAKEN


def has_good(plan: Plan) -> bool:
    """Return whether every value of the good answer stands, and none is another's."""
    return _llm_values(plan) == WANTED


def is_partly_good(plan: Plan) -> bool:
    """Return whether nothing stands as the LLM's but values of the good answer."""
    return _llm_values(plan).items() <= WANTED.items()


def _llm_values(plan: Plan) -> Mapping[str, Any]:
    return {planned.name: planned.value for planned in plan.values if planned.source == "llm"}
