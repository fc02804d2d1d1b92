"""The table: typed fields, refused values, resets, and silence while it shows a plan."""

from __future__ import annotations

from typing import Any

import ipywidgets
import plans
import pytest

from automl_gpt_magic.errors import ParameterError
from automl_gpt_magic.notebook.table import Table
from automl_gpt_magic.records.space import Parameter, SearchSpace


class Log:
    """Keeps what the table asks for and answers with the edited plan, as a session does."""

    def __init__(self) -> None:
        self.edits: dict[str, Any] = {}
        self.locked: list[str] = []
        self.asked: list[tuple[Any, ...]] = []
        self.table = Table(self.edit, self.reset, self.lock)
        self.show()

    def edit(self, name: str, value: Any) -> None:
        self.asked.append((name, value))
        self.edits[name] = value
        self.show()

    def reset(self, name: str) -> None:
        self.asked.append((name,))
        self.edits.pop(name)
        self.show()

    def lock(self, name: str, locked: bool) -> None:
        self.asked.append((name, locked))
        self.locked = [name] if locked else []
        self.show()

    def show(self) -> None:
        self.table.show(plans.locked(*self.locked, edits=self.edits))

    def row(self, name: str) -> ipywidgets.Box:
        return next(row for row in self.table.widget.children[1:-1] if row.children[0].description == name)

    def field(self, name: str) -> Any:
        return self.row(name).children[0]

    def button(self, name: str) -> ipywidgets.Button | None:
        last = self.row(name).children[-1]
        return last if last.layout.visibility == "visible" else None

    @property
    def note(self) -> str:
        return str(self.table.widget.children[-1].value + self.table.note.value)


@pytest.fixture
def log() -> Log:
    return Log()


def test_fields_fit_their_parameters(log: Log) -> None:
    kinds = {name: type(log.field(name)).__name__ for name in plans.PROPOSED}
    assert kinds["learning_rate"] == kinds["max_delta_step"] == "FloatText"
    assert kinds["n_estimators"] == "IntText" and kinds["grow_policy"] == "Dropdown"
    assert log.field("reg_lambda").value == 1.235 and log.field("n_estimators").value == 420
    assert "0.5 – 1" in log.row("subsample").children[1].value
    assert not log.field("subsample").continuous_update


def test_showing_a_plan_asks_for_nothing(log: Log) -> None:
    log.table.show(plans.adult({"subsample": 0.85, "grow_policy": "lossguide", "n_estimators": 7}))
    assert log.field("subsample").value == 0.85 and log.field("grow_policy").value == "lossguide"
    assert log.asked == []


def test_an_edit_is_asked_for_in_the_parameters_type(log: Log) -> None:
    log.field("subsample").value = 0.85
    log.field("n_estimators").value = 100
    log.field("grow_policy").value = "lossguide"
    assert log.asked == [("subsample", 0.85), ("n_estimators", 100), ("grow_policy", "lossguide")]
    assert isinstance(log.asked[1][1], int)
    assert "Fixed by your card: max_depth. Edited here: n_estimators, subsample, grow_policy." in log.note


def test_a_refused_value_changes_nothing_and_says_why(log: Log) -> None:
    log.field("subsample").value = 0.85
    log.field("subsample").value = 1.7
    assert log.asked == [("subsample", 0.85)]
    assert "subsample 1.7 is above 1. Write 0.5 to 1; the curve keeps the last valid 0.85." in log.note
    assert "1.7" not in log.table.note.value, "what is wrong stands under the field, the note may stand elsewhere"
    assert "ag-bad" in log.field("subsample")._dom_classes and log.field("subsample").value == 1.7
    log.field("subsample").value = 0.85
    assert "ag-bad" not in log.field("subsample")._dom_classes and "1.7" not in log.note
    assert log.asked == [("subsample", 0.85)]


def test_a_refused_value_survives_an_edit_elsewhere_and_not_a_reset(log: Log) -> None:
    log.field("subsample").value = 1.7
    log.field("n_estimators").value = 100
    assert log.field("subsample").value == 1.7 and "1.7" in log.note
    button = log.button("subsample")
    assert button is not None
    button.click()
    assert log.field("subsample").value == 0.7 and "1.7" not in log.note
    assert log.asked == [("n_estimators", 100)]


def test_a_value_that_the_session_refuses_is_marked(log: Log) -> None:
    def refuse(name: str, value: Any) -> None:
        raise ParameterError("subsample 0.9 does not go with gblinear.")

    table = Table(refuse, log.reset, log.lock)
    table.show(plans.adult())
    table.widget.children[4].children[0].value = 0.9
    assert "does not go with gblinear; the curve keeps the last valid 0.7." in table.widget.children[-1].value


def test_reset_is_there_only_where_something_changed(log: Log) -> None:
    assert all(log.button(name) is None for name in plans.PROPOSED)
    log.field("reg_lambda").value = 5
    button = log.button("reg_lambda")
    assert button is not None and button.description == "1.235"
    button.click()
    assert log.asked[-1] == ("reg_lambda",)
    assert log.button("reg_lambda") is None and log.field("reg_lambda").value == 1.235


def test_typing_the_shown_number_means_the_number_behind_it(log: Log) -> None:
    log.field("reg_lambda").value = 5
    log.field("reg_lambda").value = 1.235
    assert log.asked[-1] == ("reg_lambda", plans.PROPOSED["reg_lambda"])


def test_chips_say_the_source_with_the_reason(log: Log) -> None:
    log.field("subsample").value = 0.85
    chips = {name: log.row(name).children[2].value for name in plans.PROPOSED}
    assert ">neighbour<" in chips["learning_rate"] and "2 of 2 neighbours" in chips["learning_rate"]
    assert ">you<" in chips["subsample"] and 'title="set by you"' in chips["subsample"]
    assert ">default<" in chips["grow_policy"]


def test_rows_stay_for_the_same_space_and_are_rebuilt_for_another(log: Log) -> None:
    rows = log.table.widget.children
    log.table.show(plans.adult({"subsample": 0.9}))
    assert log.table.widget.children == rows
    plan = plans.adult()
    space = SearchSpace("other", (Parameter("subsample", "float", 0.5, 0.1, 0.9),))
    values = tuple(planned for planned in plan.values if planned.name == "subsample")
    log.table.show(plans.adult(space=space, values=values))
    assert [row.children[0].description for row in log.table.widget.children[1:-1]] == ["subsample"]
    assert log.asked == []


def lock(log: Log, name: str) -> ipywidgets.Checkbox:
    return log.row(name).children[3]


def test_a_locked_value_cannot_be_edited_or_reset_until_it_is_free_again(log: Log) -> None:
    log.field("subsample").value = 0.85
    box = lock(log, "subsample")
    assert box.description == "Lock subsample" and not box.value
    box.value = True
    button = log.button("subsample")
    assert log.asked[-1] == ("subsample", True) and log.field("subsample").disabled
    assert button is not None and button.disabled
    assert not log.field("n_estimators").disabled and "Locked: subsample." in log.note
    box.value = False
    assert log.asked[-1] == ("subsample", False)
    assert not log.field("subsample").disabled and not button.disabled and "Locked" not in log.note


def test_showing_a_locked_value_asks_for_nothing(log: Log) -> None:
    log.table.show(plans.locked("max_depth"))
    assert lock(log, "max_depth").value and log.asked == []


def test_a_lock_that_is_refused_is_not_shown(log: Log) -> None:
    table = Table(log.edit, log.reset, lambda *_: None)
    table.show(plans.adult())
    box = table.widget.children[4].children[3]
    box.value = True
    assert not box.value and not table.widget.children[4].children[0].disabled


def test_a_lock_puts_the_planned_value_back_in_place_of_a_refused_one(log: Log) -> None:
    log.field("subsample").value = 1.7
    lock(log, "subsample").value = True
    assert log.field("subsample").value == 0.7 and "1.7" not in log.note


def test_locks_are_off_while_an_answer_arrives(log: Log) -> None:
    log.table.arrive({})
    box = lock(log, "subsample")
    assert box.disabled
    box.value = True
    assert log.asked == []
    log.show()
    assert not box.disabled and not box.value
