"""What the generated cells hold, and what may be written into them."""

from __future__ import annotations

from typing import Any

import pytest

from automl_gpt_magic.notebook.cells import (
    cell_hash,
    generated_cells,
    joined_source,
    literal_span,
    read_literal,
    reconcile,
    replace_literal,
)

DATA = "frame = load('adult')\n"
TRAINING = "params = {\n    'lr': 0.1,\n    'layers': (64, 32),\n}\nprint(params)\n"
CODE = {"data": DATA, "training": TRAINING}
PROPOSED = {"lr": 0.1, "layers": (64, 32)}


def report(source: str, stage: str = "training", **changes: Any) -> dict[str, Any]:
    """A cell as the bridge reports it, unchanged since it was written; its metadata went through JSON."""
    written = {cell["stage"]: cell["metadata"] for cell in generated_cells(CODE, "params", PROPOSED)}[stage]
    if "proposed" in written:
        written["proposed"] = {"lr": 0.1, "layers": [64, 32]}
    return {"stage": stage, "id": stage, "source": source, "metadata": written, "pending": False} | changes


@pytest.mark.parametrize(
    "source",
    [
        "params = {'a': 1}",
        "x = 1; params = {'a': 1}; y = 2",
        "größe = 'ß€😀'; params = {'ä': 'ü😀'}  # é",
        "# ü\r\nparams = {\r\n 'a': 1}\r\nx = 1",
        "a = '\x0c'\nb = '\u2028'\nparams = {'a': {'b': [1, None, True]}}",
        "params: dict[str, float] = {'a': -1e-3}",
        "import x\rparams = {'a': 1}\r",
    ],
)
def test_a_literal_is_found_and_only_it_is_replaced(source: str) -> None:
    span = literal_span(source, "params")
    assert span is not None
    start, end = span
    assert source[start] == "{" and source[end - 1] == "}"
    changed = replace_literal(source, "params", "{'new': 2}")
    assert changed == source[:start] + "{'new': 2}" + source[end:]
    assert read_literal(changed, "params") == {"new": 2}
    assert cell_hash(changed, "params") == cell_hash(source, "params")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "params = {'a': rate}",
        "params = dict(a=1)",
        "params = {'a': 1, **more}",
        "other = {'a': 1}",
        "params = {'a': 1",
        "%time params = {'a': 1}",
        "params = {[]: 1}",
        "def f():\n    params = {'a': 1}",
        "params['x'] = {'a': 1}",
        "params.x = {'a': 1}",
        "params = {'a': __import__('os')}",
        "params = '\0'",
        "params = {'a': '\ud800'}",
        "params = " + "[" * 5000,
    ],
)
def test_what_is_not_a_plain_literal_is_left_alone(source: str) -> None:
    assert literal_span(source, "params") is None
    assert read_literal(source, "params") is None
    assert replace_literal(source, "params", "{}") == source
    assert len(cell_hash(source, "params")) == 16


def test_reading_user_code_warns_nobody(recwarn: pytest.WarningsRecorder) -> None:
    assert read_literal(r"x = '\d'; params = {'a': 1}", "params") == {"a": 1}
    assert not recwarn


def test_the_hash_sees_code_and_not_values_or_trailing_space() -> None:
    same = "params = {'lr': 9, 'more': 1}\nprint(params)"
    assert cell_hash(same, "params") == cell_hash("params = {}   \r\nprint(params)\t\n\n", "params")
    assert cell_hash(same, "params") != cell_hash(same.replace("print", "show"), "params")
    assert cell_hash(same, "params") != cell_hash(same.replace("9", "nine"), "params")
    assert cell_hash("if x:\n  y = 1", "") != cell_hash("if x:\n    y = 1", "")


def test_only_the_cell_with_the_literal_carries_the_proposal() -> None:
    data, training = generated_cells(CODE, "params", PROPOSED)
    assert (data["stage"], data["source"], set(data["metadata"])) == ("data", DATA, {"hash"})
    assert training["metadata"]["proposed"] == PROPOSED
    assert training["metadata"]["variable"] == "params"


def test_stages_join_into_one_cell() -> None:
    assert joined_source({"a": "\nx = 1\n", "b": "y = 2"}) == "x = 1\n\n\ny = 2\n"


def test_an_unchanged_plan_changes_no_cell() -> None:
    decision = reconcile(CODE, "params", PROPOSED, [report(DATA, "data"), report(TRAINING)])
    assert decision.outdated == decision.edited == ()
    assert decision.writes == decision.deferred == decision.conflicts == ()
    assert decision.user_values == {}


def test_the_same_values_written_another_way_change_no_cell() -> None:
    source = "params = {'layers': [64, 32], 'lr': 1e-1}  \nprint(params)"
    assert reconcile(CODE, "params", PROPOSED, [report(source)]).writes == ()


def test_a_value_edited_by_hand_is_read_back_and_is_no_edit_of_the_cell() -> None:
    cell = report(TRAINING.replace("0.1", "0.3"))
    decision = reconcile(CODE, "params", PROPOSED, [cell])
    assert decision.user_values == {"lr": 0.3}
    assert decision.edited == ()
    wanted = {"training": TRAINING.replace("0.1", "0.30")}
    assert reconcile(wanted, "params", PROPOSED, [cell]).writes == ()


def test_a_value_from_the_table_rewrites_only_the_literal() -> None:
    source = TRAINING + "   "
    (write,) = reconcile({"training": TRAINING.replace("0.1", "0.2")}, "params", PROPOSED, [report(source)]).writes
    assert write["expected"] == source
    assert write["source"] == source.replace("0.1", "0.2")
    assert write["metadata"]["proposed"] == PROPOSED


def test_a_value_from_the_table_reaches_an_edited_cell_without_touching_its_code() -> None:
    source = TRAINING + "print('mine')\n"
    decision = reconcile({"training": TRAINING.replace("0.1", "0.2")}, "params", PROPOSED, [report(source)])
    assert decision.edited == ("training",)
    assert [write["source"] for write in decision.writes] == [source.replace("0.1", "0.2")]
    assert decision.writes[0]["metadata"]["hash"] == cell_hash(TRAINING, "params")
    assert decision.conflicts == ()


def test_new_code_is_written_when_the_cell_is_idle_and_deferred_when_it_is_not() -> None:
    wanted = {"data": DATA + "frame = frame.dropna()\n"}
    cells = [report(DATA, "data")]
    assert [write["source"] for write in reconcile(wanted, "params", {}, cells).writes] == [wanted["data"]]
    for decision in (
        reconcile(wanted, "params", {}, [report(DATA, "data", pending=True)]),
        reconcile(wanted, "params", {}, cells, ran={"data"}),
    ):
        assert decision.writes == ()
        assert [write["source"] for write in decision.deferred] == [wanted["data"]]
        assert decision.outdated == ("data",)


def test_an_edited_cell_is_kept_and_named_only_when_the_plan_has_moved_on() -> None:
    cells = [report(DATA + "frame = frame[:10]\n", "data")]
    kept = reconcile(CODE, "params", PROPOSED, cells)
    assert (kept.edited, kept.outdated) == (("data",), ())
    moved = reconcile({"data": "frame = load('iris')\n"}, "params", {}, cells)
    assert (moved.writes, moved.deferred, moved.outdated) == ((), (), ("data",))
    assert moved.conflicts[0]["source"] == "frame = load('iris')\n"


@pytest.mark.parametrize("source", ["params = {'lr': rate}\nprint(params)", "params = {'lr': 0.1"])
def test_a_literal_made_into_code_is_the_users(source: str) -> None:
    decision = reconcile({"training": TRAINING.replace("0.1", "0.2")}, "params", PROPOSED, [report(source)])
    assert (decision.edited, decision.user_values) == (("training",), {})
    assert decision.outdated == ()


def test_a_key_added_by_hand_is_never_dropped_unasked() -> None:
    cell = report(TRAINING.replace("'lr': 0.1,", "'lr': 0.1, 'gamma': 2,"))
    unchanged = reconcile(CODE, "params", PROPOSED, [cell])
    assert (unchanged.edited, unchanged.user_values, unchanged.outdated) == (("training",), {}, ())
    moved = reconcile({"training": TRAINING.replace("0.1", "0.2")}, "params", PROPOSED, [cell])
    assert moved.writes == ()
    assert moved.outdated == ("training",)
    known = reconcile(CODE, "params", PROPOSED | {"gamma": 1}, [cell])
    assert known.user_values == {"gamma": 2}


def test_a_renamed_plan_still_reads_the_old_cell() -> None:
    cell = report(TRAINING.replace("0.1", "0.3"))
    wanted = {"training": TRAINING.replace("params", "adult_params")}
    decision = reconcile(wanted, "adult_params", PROPOSED, [cell])
    assert (decision.edited, decision.user_values) == ((), {"lr": 0.3})
    assert decision.writes[0]["source"] == wanted["training"]


def test_a_value_kept_against_a_new_proposal_stays_the_users() -> None:
    """The cell says 0.1 as before, but that is now the user's value: only the metadata has to say so."""
    moved = {"lr": 0.2, "layers": (64, 32)}
    decision = reconcile(CODE, "params", moved, [report(TRAINING, pending=True)])
    (write,) = decision.writes
    assert write["source"] == write["expected"] == TRAINING
    assert write["metadata"]["proposed"] == moved
    assert decision.outdated == ()


def test_a_cell_whose_metadata_were_stripped_is_taken_for_the_users() -> None:
    other = reconcile(CODE, "params", PROPOSED, [report(DATA + "x = 1\n", "data", metadata={})])
    assert (other.edited, other.writes, other.outdated) == (("data",), (), ("data",))
    (write,) = reconcile(CODE, "params", PROPOSED, [report(DATA, "data", metadata={})]).writes
    assert write["source"] == write["expected"]


def test_a_stage_that_the_plan_does_not_know_is_ignored() -> None:
    cell = report(DATA, "data") | {"stage": "other"}
    assert reconcile(CODE, "params", PROPOSED, [cell]).edited == ()
