"""Rounds of a conversation made by hand, for tests and for looking at the panel, and the least a session does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.records.exchange import Usage
from automl_gpt_magic.records.request import Constraint, Understood, Wish
from automl_gpt_magic.records.round import Change, Round
from tests.unit.notebook import plans

FAST = Constraint("latency", 0.02, text="under 20 ms per row")
SMALL = Constraint("model_size", 50e6, text="under 50 MB")
BEFORE = "def build():\n    trees = 420\n    return XGBClassifier(n_estimators=trees)\n"
AFTER = "def build():\n    # <b>fewer</b> trees\n    return XGBClassifier(n_estimators=160)\n"
WORDS = "make it faster, under 20 ms per row and under 50 MB, choose by accuracy, keep max_depth, and pretty"

CHANGES = (
    Change("metric", "metric", "log_loss", "accuracy", "user", "choose by accuracy"),
    Change("limit", "latency at most 1 95", None, FAST, "user", "under 20 ms per row"),
    Change("limit", "model_size at most 1 95", replace(SMALL, bound=80e6), SMALL, "user", "under 50 MB"),
    Change("value", "n_estimators", 420, 160, "request", "the lowest loss that the recorded runs predict for it"),
    Change("value", "learning_rate", 0.08, 0.1543219, "llm", "fewer trees learn faster"),
    Change("lock", "max_depth", False, True, "user", "keep max_depth"),
    Change("code", "model", None, AFTER, "llm", "written for this request"),
)


def proposed(number: int = 1, text: str = WORDS, **changes: Any) -> Round:
    """A round that waits for an answer, with a change of every part but the model."""
    fields: dict[str, Any] = {
        "number": number,
        "date": "2026-11-23T10:00:00+00:00",
        "text": text,
        "understood": Understood(
            (
                Wish("prefer", "make it faster", goal="faster inference"),
                Wish("limit", FAST.text, FAST),
                Wish("limit", SMALL.text, SMALL),
                Wish("metric", "choose by accuracy", name="accuracy"),
                Wish("lock", "keep max_depth", name="max_depth"),
            ),
            ("pretty",),
        ),
        "changes": CHANGES,
        "said": "Fewer trees answer faster; the loss rises a little.",
        "before": plans.forecast(plans.PROPOSED),
        "after": plans.forecast({**plans.PROPOSED, "n_estimators": 160, "learning_rate": 0.15}),
        "code": {"model": (BEFORE, AFTER)},
        "llm": plans.MODEL,
        "usage": Usage(1034, 200, 0.0021),
    }
    return Round(**{**fields, **changes})


def earlier() -> tuple[Round, ...]:
    """A round of each standing that a past one can have, the newest last."""
    value = Change("value", "max_depth", 8, 6, "request", "less work")
    taken = {"changes": (value, CHANGES[3]), "taken": (value.key,), "usage": None, "llm": "", "code": {}}
    return (
        proposed(1, "faster", standing="accepted", **{**taken, "changes": (value,)}),
        proposed(2, "smaller", standing="partly accepted", **{**taken, "usage": Usage(900, 100, 0.0016)}),
        proposed(3, "recall at least 0.9", standing="rejected", **{**taken, "taken": ()}),
        proposed(
            4,
            "sing",
            standing="nothing to change",
            understood=Understood((), ("sing",)),
            **{**taken, "changes": (), "taken": ()},
            said="Nothing of the request was understood.",
        ),
        proposed(5, "under 80 MB", standing="undone", **taken),
    )


class Talk:
    """Answers what a panel asks for as a session does; ``asked`` keeps it."""

    def __init__(self, rounds: Sequence[Round] = (), **state: Any) -> None:
        self.rounds, self.asked = list(rounds), []
        self.state: dict[str, Any] = {"can_undo": bool(rounds), "can_redo": False, **state}
        self.panel: Any = None

    def callbacks(self) -> dict[str, Any]:
        """What a panel's constructor takes for the conversation."""
        return {
            "on_ask": self.ask,
            "on_take": self.take,
            "on_reject": lambda: self.answer("reject", standing="rejected"),
            "on_undo": lambda: self.asked.append("undo"),
            "on_redo": lambda: self.asked.append("redo"),
            "on_go": lambda number: self.asked.append(("go", number)),
            "on_model": lambda name: self.asked.append(("model", name)),
        }

    def show(self, panel: Any) -> None:
        self.panel = panel
        panel.show_rounds(self.rounds, **self.state)

    def ask(self, text: str) -> None:
        self.asked.append(("ask", text))
        if text == "refuse":
            raise UsageError("ask for something else")
        self.rounds.append(proposed(len(self.rounds) + 1, text))
        self.show(self.panel)

    def take(self, keys: tuple[str, ...]) -> None:
        whole = len(keys) == len(self.rounds[-1].changes)
        self.answer(("take", keys), standing="accepted" if whole else "partly accepted", taken=keys)

    def answer(self, asked: Any, **became: Any) -> None:
        self.asked.append(asked)
        self.rounds[-1] = replace(self.rounds[-1], **became)
        self.show(self.panel)
