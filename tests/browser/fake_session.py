"""What a magic cell of the browser tests imports: the least a session does around the bridge."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from automl_gpt_magic.notebook.bridge import Bridge, State, current_anchor
from automl_gpt_magic.notebook.cells import generated_cells, reconcile
from automl_gpt_magic.notebook.panel import Panel
from tests.unit.notebook import conversations, plans

VARIABLE = "params"
open_sessions: dict[str, FakeSession] = {}


class FakeSession:
    """A plan of three stages whose code names its version."""

    def __init__(self, version: str, log: str) -> None:
        shell = get_ipython()
        assert shell is not None
        anchor = current_anchor(shell)
        assert anchor is not None
        self.version, self.anchor, self.log = version, anchor, Path(log)
        self.user_values: dict[str, Any] = {}
        self.proposed = {"lr": 0.1, "layers": (8, 4)}
        self.bridge = Bridge(shell)
        self.bridge.on_state(self.settle)
        self.bridge.observe(lambda _: self.note(), names="theme")
        self.automatic = True
        self.replace_previous()
        self.ask()

    def replace_previous(self) -> None:
        previous = open_sessions.get(self.anchor)
        if previous:
            previous.bridge.close()
        open_sessions[self.anchor] = self

    def code(self) -> dict[str, str]:
        values = self.proposed | self.user_values
        return {
            "data": f"print('data {self.version}')",
            "model": f"print('model {self.version}')",
            "training": f"params = {values!r}\nprint('training {self.version}', params['lr'])",
        }

    def ask(self, writes: tuple[dict[str, Any], ...] = ()) -> None:
        cells = generated_cells(self.code(), VARIABLE, self.proposed)
        self.bridge.ask(self.bridge.state.get("anchor") or self.anchor, cells, writes)

    def decide(self) -> Any:
        arguments = (self.code(), VARIABLE, self.proposed, self.bridge.state["cells"], self.bridge.ran)
        decision = reconcile(*arguments)
        if decision.user_values == self.user_values:
            return decision
        self.user_values = decision.user_values
        return self.decide()

    def settle(self, state: State) -> None:
        decision = self.decide() if state["ok"] else None
        self.note(decision)
        if decision and self.automatic and self.bridge.answered:
            self.automatic = False
            if decision.writes:
                self.ask(decision.writes)

    def update(self, version: str | None = None) -> None:
        """What the click on "update cells" does; with a version, what an edit in the panel does."""
        self.version = version or self.version
        decision = self.decide()
        self.ask(decision.writes + decision.deferred)

    def set_value(self, name: str, value: Any) -> None:
        """What an edit in the panel's table does."""
        self.user_values[name] = value
        cells = self.bridge.state["cells"]
        decision = reconcile(self.code(), VARIABLE, self.proposed, cells)
        self.ask(decision.writes)

    def note(self, decision: Any = None) -> None:
        """Write what the kernel knows where the test can read it without running a cell."""
        own = ("user_values", "edited", "outdated")
        known = {name: getattr(decision, name) for name in own} if decision else {}
        heard = {**self.bridge.state, "theme": self.bridge.theme, "ran": sorted(self.bridge.ran)}
        text = json.dumps({**heard, **known})
        self.log.with_suffix(".tmp").write_text(text)
        self.log.with_suffix(".tmp").replace(self.log)


def latest() -> FakeSession:
    """Return the session that was started last."""
    return [*open_sessions.values()][-1]


def start(version: str, log: str = "state.json") -> None:
    """Plan a version and show its buttons."""
    session = FakeSession(version, log)
    update = ipywidgets.Button(description=f"update {log}")
    update.on_click(lambda _: session.update())
    replan = ipywidgets.Button(description=f"replan {log}")
    replan.on_click(lambda _: session.update(version + "-replanned"))
    value = ipywidgets.Button(description=f"set lr {log}")
    value.on_click(lambda _: session.set_value("lr", 0.5))
    display(ipywidgets.VBox([session.bridge, update, replan, value]))


def panel(*, bridge: bool = True, talk: conversations.Talk | None = None) -> Panel:
    """Show the panel of an offline plan, with a bridge or without, and a conversation."""
    talk = talk or conversations.Talk()
    shown = Panel(
        plans.adult(),
        on_edit=lambda *_: None,
        on_reset=lambda _: None,
        on_update_cells=lambda: None,
        on_code=lambda *_: None,
        on_train=lambda: None,
        on_tune=lambda: None,
        on_take_best=lambda: None,
        on_cancel=lambda: None,
        on_next=lambda _: None,
        on_lock=lambda *_: None,
        **talk.callbacks(),
    )
    talk.show(shown)
    if bridge:
        shown.attach(Bridge(get_ipython()))
    display(shown.widget)
    return shown


def stream(seconds: float = 60) -> None:
    """Let an answer arrive in this cell until somebody stops it; the error then says when."""
    shown = panel()
    began = time.monotonic()
    try:
        while (elapsed := time.monotonic() - began) < seconds:
            values = int(elapsed * 2) % 5
            shown.show_arrival(plans.arrival(plans.draft(values), seconds=elapsed))
            time.sleep(0.1)
    except KeyboardInterrupt:
        stopped = str(time.time())
        shown.show_arrived(plans.arrival(plans.draft(values)))
        shown.say("Stopped.", "The plan before it stands.", "warn")
        raise KeyboardInterrupt(stopped) from None
