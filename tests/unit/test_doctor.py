"""``%automl doctor``: one line a check, with what to do, and never a key."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from automl_gpt_magic.doctor import examine
from automl_gpt_magic.settings import AutoML
from tests.scripted_llm import ScriptedLLM, answer, error, refuse

READY = answer('{"ready": true}')
KEY = "canary-key-77"
NO_ENDPOINT = {"endpoint", "text encoder", "cells", "store", "recorded answers"}
ALL = NO_ENDPOINT | {"key", "model", "structured output"}


class Locked(ScriptedLLM):
    """A server that wants another key for everything, and says which one it got."""

    def _list_models(self, request):
        return error(401, f"Incorrect API key provided: {request.headers.get('authorization')}")(request)


@pytest.fixture
def server():
    with ScriptedLLM(READY) as running:
        yield running


def examined(**settings):
    """Return every line by its name."""
    lines = list(examine(AutoML(**settings), SimpleNamespace(), None))
    assert all(line.startswith(("ok  ", "fix ")) and "\n" not in line for line in lines)
    assert not [line for line in lines if KEY in line]
    found = {line[4:].partition(":")[0]: (line[:3].strip(), line.partition(": ")[2]) for line in lines}
    assert len(found) == len(lines)
    return found


def state(found):
    return {name for name, (good, _) in found.items() if good == "fix"}


def test_without_an_endpoint_nothing_is_to_fix():
    found = examined()
    assert set(found) == NO_ENDPOINT
    assert state(found) == set()
    assert "set OPENAI_API_KEY or %config AutoML.base_url" in found["endpoint"][1]
    assert "can be written" in found["store"][1]


def test_a_good_endpoint(server):
    found = examined(base_url=server.base_url, api_key=KEY)
    assert set(found) == ALL
    assert state(found) == set()
    assert found["endpoint"][1] == f"127.0.0.1:{server.port} answers and lists 1 model"
    assert found["key"][1] == "a key is sent, not shown"
    assert found["model"][1] == "scripted"
    assert found["structured output"][1].startswith("json_schema; ")
    assert len(server.posts) == 1
    assert len(str(server.posts[0].body["messages"])) < 300


def test_no_key_is_said(server):
    assert examined(base_url=server.base_url)["key"][1] == "no key is sent"


def test_a_key_that_is_not_accepted():
    with Locked(error(401, f"Incorrect API key provided: {KEY}")) as locked:
        found = examined(base_url=locked.base_url, api_key=KEY, model="m")
    assert state(found) == {"endpoint", "structured output"}
    assert "status 401" in found["endpoint"][1]
    assert "the key that was sent is not accepted: set OPENAI_API_KEY" in found["structured output"][1]


def test_a_dead_port(server):
    found = examined(base_url=server.refused_url, model="m")
    assert state(found) == {"endpoint", "structured output"}
    assert "start the server" in found["endpoint"][1]
    assert "start the server" in found["structured output"][1]
    assert state(examined(base_url=server.refused_url)) == {"endpoint", "model"}


def test_a_model_that_is_not_listed(server):
    found = examined(base_url=server.base_url, model="gpt-9")
    assert state(found) == {"model"}
    assert found["model"][1] == "gpt-9 is not listed; write one of scripted"


@pytest.mark.parametrize(
    ("models", "said"), [(("b", "a"), "write one of: b, a"), ((), "it lists none; write its name")]
)
def test_no_model_is_named_and_the_endpoint_has_several_or_none(models, said):
    with ScriptedLLM(READY, models=models) as running:
        found = examined(base_url=running.base_url)
    assert state(found) == {"model"}
    assert said in found["model"][1]
    assert "structured output" not in found


def test_an_endpoint_that_takes_text_alone(server):
    server.play(refuse(READY, "json_schema", "json_object"))
    found = examined(base_url=server.base_url)
    assert state(found) == set()
    assert found["structured output"][1].startswith("text; ")


def test_an_answer_that_is_no_json(server):
    server.play(answer("I would rather not."))
    found = examined(base_url=server.base_url)
    assert state(found) == {"structured output"}
    assert "take another model" in found["structured output"][1]


def test_no_url(monkeypatch):
    found = examined(base_url="localhost:11434")
    assert state(found) == {"endpoint"}
    assert "write it like http://localhost:11434/v1" in found["endpoint"][1]


def test_prices_that_are_none(server):
    found = examined(base_url=server.base_url, prices="cheap")
    assert "AutoML.prices needs two numbers" in found["endpoint"][1]


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    found = examined(recordings=str(tmp_path / "file" / "x"), store=str(tmp_path / "file" / "store.sqlite"))
    assert {"store", "recorded answers"} <= state(found)


def test_a_database_is_asked_and_its_password_not_shown(tmp_path):
    found = examined(store=f"sqlite:///{tmp_path}/team.sqlite")
    assert found["store"] == ("ok", f"sqlite:///{tmp_path}/team.sqlite can be written")
    found = examined(store=f"mysql+mysqldb://u:{KEY}@db/runs")
    assert found["store"][0] == "fix"
    assert "mysql+mysqldb://…@db/runs needs a package" in found["store"][1]


def test_what_is_not_kept_and_cells_that_are_not_written_are_no_fault():
    found = examined(recordings="", store="", write_cells=False)
    assert state(found) == set()
    assert found["store"][1] == found["recorded answers"][1] == "none is kept"
    assert "%automl code" in found["cells"][1]


def test_a_page_that_has_answered_is_said():
    (line,) = [
        one for one in examine(AutoML(), SimpleNamespace(), SimpleNamespace(writes_cells=True)) if "cells" in one
    ]
    assert "the notebook's page has answered" in line
