"""The bridge in JupyterLab and Notebook 7, with a stand-in for the session around it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import (
    Cell,
    NotebookPage,
    assert_outputs_came_from_their_source,
    assert_outputs_name_their_source,
    wait_until,
)

STAGES = ["data", "model", "training"]
VERSION = re.compile(r"\bv\d+(-replanned)?\b")
Open = Callable[..., NotebookPage]


def magic(version: str, log: str = "state.json") -> str:
    return f"import fake_session\nfake_session.start({version!r}, {log!r})"


def told(page: NotebookPage, log: str = "state.json") -> dict[str, Any]:
    """What the kernel last heard from the page."""
    path = page.server.folder / log
    heard: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return heard


def wait_told(
    page: NotebookPage, check: Callable[[dict[str, Any]], object], what: str, log: str = "state.json"
) -> None:
    try:
        wait_until(lambda: (heard := told(page, log)) and check(heard), what)
    except AssertionError as error:
        raise AssertionError(f"{error}: {told(page, log)}\n" + "\n".join(page.console[-10:])) from None


def has(version: str) -> Callable[[list[Cell]], bool]:
    """All three stages stand there once, in this version."""

    def check(cells: list[Cell]) -> bool:
        own = [cell for cell in cells if cell.stage]
        return [cell.stage for cell in own] == STAGES and all(f" {version}'" in cell.source for cell in own)

    return check


def check_truth(page: NotebookPage) -> None:
    page.idle()
    assert_outputs_name_their_source(page.cells(), VERSION)
    assert_outputs_came_from_their_source(page)


@pytest.fixture(autouse=True)
def _fresh_log(server: Any) -> Iterator[None]:
    yield
    for log in server.folder.glob("*.json"):
        log.unlink()


def test_run_all(open_notebook: Open) -> None:
    """Cells land below the magic cell; a second Run All leaves queued cells alone; a click updates them."""
    page = open_notebook("print('head')", magic("v1"), "import time; time.sleep(.3); print('mid')", "print('tail')")
    page.run_all()
    page.wait_for(has("v1"), "the cells of the first plan")
    assert page.stages() == ["", "", *STAGES, "", ""]
    assert all(cell.metadata.get("trusted") is not True for cell in page.cells() if cell.stage)
    assert not any(cell.outputs for cell in page.cells() if cell.stage)

    page.run_all()
    wait_told(page, lambda heard: heard.get("inserted") == [], "the second run's answer")
    assert all(cell.outputs for cell in page.cells() if cell.stage)
    check_truth(page)
    before = page.cells()

    page.set_source(1, magic("v2"))
    page.run_all()
    wait_told(page, lambda heard: heard.get("outdated") == STAGES, "the kernel to see that the plan changed")
    assert {cell.id for cell in page.cells()[2:]} == set(told(page)["ran"])
    assert has("v1")(page.cells())
    assert [cell.text for cell in page.cells() if cell.stage] == [cell.text for cell in before if cell.stage]
    check_truth(page)

    page.select(len(page.cells()) - 1)
    page.click("update")
    page.wait_for(has("v2"), "the update after the click")
    assert not any(cell.outputs or cell.execution_count for cell in page.cells() if cell.stage)
    assert page.stages() == ["", "", *STAGES, "", ""]
    page.run_all()
    check_truth(page)
    saved = page.save().cells
    assert [cell.metadata.get("automl_gpt_magic", {}).get("stage", "") for cell in saved] == page.stages()
    assert not page.complaints()


def test_running_again_updates_idle_cells_in_place(open_notebook: Open) -> None:
    page = open_notebook(magic("v1"), "print('tail')")
    page.run(0)
    page.wait_for(has("v1"), "the first plan")
    for index in (1, 2, 3):
        page.run(index)
    ids = [cell.id for cell in page.cells()]

    page.set_source(0, magic("v2"))
    page.run(0)
    page.wait_for(has("v2"), "the second plan")
    assert [cell.id for cell in page.cells()] == ids
    assert not any(cell.outputs or cell.execution_count for cell in page.cells() if cell.stage)
    wait_told(page, lambda heard: heard.get("written") == STAGES, "the report of the writes")
    check_truth(page)

    # Cells behind an error are never run: they must not count as queued for ever.
    page.set_source(0, "1 / 0")
    page.run_all()
    page.set_source(0, magic("v3"))
    page.run(0)
    page.wait_for(has("v3"), "the update after the failure")

    # The kernel asks for a rewrite while the cells are queued: the page must refuse.
    page.set_source(4, "fake_session.latest().update('v4')")
    page.move(4, 0)
    page.move(1, 4)
    assert page.stages() == ["", *STAGES, ""]
    page.select(4)
    page.command("notebook:run-all-above")
    wait_told(page, lambda heard: heard.get("refused") == STAGES, "the refusal")
    assert has("v3")(page.cells())
    check_truth(page)

    wait_told(page, lambda heard: heard.get("theme") == "light", "the light theme")
    page.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    wait_told(page, lambda heard: heard["theme"] == "dark", "the dark theme")
    page.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    wait_told(page, lambda heard: heard["theme"] == "light", "the light theme again")


def test_a_reloaded_page_and_a_restarted_kernel_find_the_same_cells(open_notebook: Open) -> None:
    page = open_notebook(magic("v1"), "print('tail')")
    page.run(0)
    page.wait_for(has("v1"), "the first plan")
    for index in (1, 2, 3):
        page.run(index)
    ids = [cell.id for cell in page.cells()]

    page.reload()
    page.select(len(page.cells()) - 1)
    page.click("replan")
    page.wait_for(has("v1-replanned"), "the click after the reload")
    assert [cell.id for cell in page.cells()] == ids

    page.restart()
    (page.server.folder / "state.json").unlink()
    page.set_source(0, magic("v3"))
    page.run(0)
    page.wait_for(has("v3"), "the plan of the new kernel")
    assert [cell.id for cell in page.cells()] == ids
    page.run_all()
    check_truth(page)
    assert not page.complaints()


def test_what_the_user_edits_is_kept_and_reported(open_notebook: Open) -> None:
    page = open_notebook(magic("v1"))
    page.run(0)
    page.wait_for(has("v1"), "the first plan")
    wait_told(page, lambda heard: heard.get("edited") == [], "the first report")

    mine = "print('data v1')\nprint('mine')"
    page.set_source(page.index("data"), mine)
    wait_told(page, lambda heard: heard.get("edited") == ["data"], "the edit")
    training = page.index("training")
    page.set_source(training, page.cells()[training].source.replace("0.1", "0.3"))
    wait_told(page, lambda heard: heard.get("user_values") == {"lr": 0.3}, "the value")
    assert told(page)["edited"] == ["data"]

    page.set_source(0, magic("v2"))
    page.run(0)
    page.wait_for(lambda cells: "model v2" in cells[2].source and "training v2" in cells[3].source, "the update")
    assert page.cells()[1].source == mine
    assert "0.3" in page.cells()[3].source
    wait_told(page, lambda heard: heard.get("seq") == 2 and heard["outdated"] == ["data"], "the kept edit")
    assert told(page)["user_values"] == {"lr": 0.3}

    page.run(3)
    page.click("set lr")
    page.wait_for(lambda cells: "'lr': 0.5" in cells[3].source and not cells[3].outputs, "the table's value")
    check_truth(page)


def test_a_copied_magic_cell_has_cells_of_its_own(open_notebook: Open) -> None:
    page = open_notebook(magic("v1"), "print('tail')")
    page.run(0)
    page.wait_for(has("v1"), "the first plan")
    first = page.cells()
    page.copy(0)
    page.paste_below(4)
    page.set_source(5, magic("v2", "copy.json"))
    page.run(5)
    page.wait_for(lambda cells: len(cells) == 9, "the copy's cells")
    cells = page.cells()
    assert page.stages() == ["", *STAGES, "", "", *STAGES]
    assert [cell.source for cell in cells[:4]] == [cell.source for cell in first[:4]]
    assert len({cell.own["plan"] for cell in cells[:4]}) == 1
    assert {cell.own["plan"] for cell in cells[5:]}.isdisjoint({cell.own["plan"] for cell in cells[:4]})
    assert all("v2" in cell.source for cell in cells[6:])

    # Each panel writes into its own cells.
    page.click("replan state.json")
    page.wait_for(lambda cells: all("v1-replanned" in cell.source for cell in cells[1:4]), "the first plan's click")
    assert all("v2'" in cell.source for cell in page.cells()[6:])


def test_moved_and_deleted_cells(open_notebook: Open) -> None:
    page = open_notebook("print('head')", magic("v1"), "print('tail')")
    page.run(1)
    page.wait_for(has("v1"), "the first plan")
    plan = page.cells()[1].own["plan"]

    page.delete(page.index("model"))
    wait_told(
        page,
        lambda heard: [cell["stage"] for cell in heard.get("cells", [])] == ["data", "training"],
        "the deletion",
    )
    page.run(1)
    page.wait_for(has("v1"), "the deleted cell to come back in its place")

    page.move(page.index("training"), 0)
    page.cut(page.stages().index("", 1))
    page.paste_below(0)
    page.cut(page.index("data"))
    page.paste_below(len(page.cells()) - 1)
    order = page.stages()
    sources = [cell.source for cell in page.cells()]
    place = sources.index(magic("v1"))
    page.set_source(place, magic("v2"))
    page.run(place)
    page.wait_for(lambda cells: sum(" v2'" in cell.source for cell in cells) == 3, "the moved cells' update")
    assert page.stages() == order
    assert {cell.own["plan"] for cell in page.cells() if cell.own} == {plan}

    # A copy whose original is gone is the original, moved.
    place = page.cells().index(next(cell for cell in page.cells() if cell.own and not cell.stage))
    old = page.cells()[place]
    page.copy(place)
    page.paste_below(place)
    page.delete(place)
    moved = page.cells()[place]
    assert moved.id != old.id and moved.source == old.source
    page.click("replan")
    page.wait_for(lambda cells: sum("v2-replanned" in cell.source for cell in cells) == 3, "the moved panel's click")
    page.run(place)
    page.wait_for(lambda cells: sum(" v2'" in cell.source for cell in cells) == 3, "the moved cell's plan")
    assert page.stages() == order
    assert {cell.own["plan"] for cell in page.cells() if cell.own} == {plan}
    assert {cell.own["anchor"] for cell in page.cells() if cell.own} == {moved.id}


def test_stop_interrupts_a_cell_while_an_answer_arrives(open_notebook: Open) -> None:
    page = open_notebook("import fake_session\nfake_session.stream()", "print('tail')")
    page.select(0)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    stop = page.page.locator("button.ag-stop:visible")
    stop.wait_for()
    wait_until(lambda: "2 of 6 values" in page.page.locator(".ag-slot").inner_text(), "the answer to arrive")
    stop.click()
    clicked = time.time()
    wait_until(lambda: ended_by(page.cells()[0]) == "KeyboardInterrupt", "the interrupt")
    assert float(page.cells()[0].error) - clicked < 1
    page.page.get_by_text("Had arrived before the stop:").wait_for()
    assert not page.page.locator("button.ag-stop:visible").count()
    page.idle()
    page.run(1)
    page.wait_for(lambda cells: cells[1].text == "tail\n", "the next cell")
    assert not page.complaints()


def ended_by(cell: Cell) -> str:
    """Name of the error that the cell ended with."""
    return "".join(out["ename"] for out in cell.outputs if out["output_type"] == "error")
