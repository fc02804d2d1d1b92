"""Which endpoint, which key for which host, which model, at which price."""

from __future__ import annotations

import pytest

from automl_gpt_magic.connection import OPENAI_MODEL, connect, endpoint_of, models_of, with_model
from automl_gpt_magic.errors import LLMError
from automl_gpt_magic.llm.endpoint import OPENAI
from automl_gpt_magic.settings import AutoML
from tests.scripted_llm import ScriptedLLM

OWN, OTHER = "AUTOML_GPT_MAGIC_API_KEY", "OPENAI_API_KEY"
LOCAL = "http://127.0.0.1:8000/v1"


@pytest.fixture
def server():
    with ScriptedLLM() as running:
        yield running


def key(**settings):
    return endpoint_of(AutoML(**settings)).key.get_secret_value()


def test_without_key_and_url_there_is_no_endpoint(monkeypatch):
    assert endpoint_of(AutoML()) is None
    monkeypatch.setenv(OWN, "own")
    assert endpoint_of(AutoML()) is None
    with pytest.raises(LLMError, match="no endpoint is named; pass base_url"):
        connect()


def test_openai_is_the_endpoint_where_its_key_is_set(monkeypatch):
    monkeypatch.setenv(OTHER, "theirs")
    endpoint = endpoint_of(AutoML())
    assert (endpoint.base_url, endpoint.host, endpoint.model) == (OPENAI, "api.openai.com", OPENAI_MODEL)
    assert endpoint.key.get_secret_value() == "theirs"
    assert endpoint.prices is not None


@pytest.mark.parametrize(
    ("base_url", "sent"),
    [
        ("https://api.openai.com/v1", True),
        ("https://API.OpenAI.com/v1/", True),
        ("https://eu.api.openai.com/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://evil.example/api.openai.com/v1", False),
        ("https://api.openai.com:8443/v1", False),
        (LOCAL, False),
    ],
)
def test_openais_key_goes_to_openais_host_alone(monkeypatch, base_url, sent):
    monkeypatch.setenv(OTHER, "theirs")
    assert key(base_url=base_url) == ("theirs" if sent else "")


def test_openais_key_also_goes_to_the_host_of_openais_base_url(monkeypatch):
    monkeypatch.setenv(OTHER, "theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example:8443/v1")
    assert key() == "theirs"
    assert key(base_url="https://proxy.example:8443/other/v1") == "theirs"
    assert key(base_url="https://proxy.example/v1") == ""
    assert key(base_url=LOCAL) == ""


def test_the_own_key_goes_before_openais_and_to_its_own_host_where_one_is_named(monkeypatch):
    monkeypatch.setenv(OWN, "own")
    monkeypatch.setenv(OTHER, "theirs")
    assert key() == key(base_url=LOCAL) == "own"
    monkeypatch.setenv("AUTOML_GPT_MAGIC_BASE_URL", LOCAL)
    assert key() == "own"
    assert key(base_url="https://elsewhere.example/v1") == ""
    assert key(base_url=OPENAI) == "theirs"


def test_a_key_that_is_set_by_hand_goes_before_the_environments(monkeypatch):
    monkeypatch.setenv(OWN, "own")
    assert key(api_key="mine", base_url=LOCAL) == "mine"
    assert endpoint_of(AutoML(api_key="mine")).base_url == OPENAI


def test_a_bad_url_of_the_environment_does_not_spoil_a_good_one(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "not a url")
    monkeypatch.setenv("AUTOML_GPT_MAGIC_BASE_URL", "http://[")
    monkeypatch.setenv(OTHER, "theirs")
    monkeypatch.setenv(OWN, "own")
    assert key(base_url=LOCAL) == ""
    assert key(base_url=OPENAI) == "theirs"


def test_what_is_really_sent_holds_no_key_of_another_host(server, monkeypatch):
    for name in (OTHER, "OPENAI_ADMIN_KEY", "OPENAI_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "theirs")
    connect(base_url=server.base_url)
    assert "theirs" not in str(server.requests[0].headers)
    assert server.requests[0].headers["authorization"] == "Bearer none"
    connect(base_url=server.base_url, api_key="mine")
    assert server.requests[1].headers["authorization"] == "Bearer mine"


@pytest.mark.parametrize("name", ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"])
def test_nothing_else_that_is_meant_for_openai_is_sent_elsewhere(server, monkeypatch, name):
    monkeypatch.setenv(name, "X-Theirs: theirs")
    connect(base_url=server.base_url)
    assert "theirs" not in str(server.requests[0].headers)


def test_headers_are_added_to_every_request(server):
    models_of(endpoint_of(AutoML(base_url=server.base_url, headers={"X-Team": "blue"})))
    assert server.requests[0].headers["x-team"] == "blue"


@pytest.mark.parametrize(
    "base_url", ["localhost:11434/v1", "ftp://host/v1", "http://", "nonsense", "http://host:port/v1"]
)
def test_what_is_no_url_is_said(base_url):
    with pytest.raises(LLMError, match="write it like http://localhost:11434/v1"):
        endpoint_of(AutoML(base_url=base_url))


@pytest.mark.parametrize("base_url", [f"{LOCAL}/", f"{LOCAL}/chat/completions", f" {LOCAL}/chat/completions/ "])
def test_a_url_may_end_in_what_is_called(base_url):
    assert endpoint_of(AutoML(base_url=base_url)).base_url == LOCAL


def test_the_only_model_is_found_and_a_named_one_not_asked_for(server):
    assert connect(base_url=server.base_url).name == "scripted"
    assert server.requests[0].path.endswith("/v1/models")
    assert connect(base_url=server.base_url, model="mine").name == "mine"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (("a", "b"), "write one of: a, b$"),
        (tuple("abcdefgh"), "write one of: a, b, c, d, e, f, …$"),
        ((), "it lists none; write its name"),
    ],
)
def test_several_models_are_listed(models, message):
    with ScriptedLLM(models=models) as running, pytest.raises(LLMError, match=message) as caught:
        connect(base_url=running.base_url)
    assert f"127.0.0.1:{running.port} needs a model's name" in str(caught.value)


def test_an_endpoint_that_does_not_list_its_models_is_said(server):
    with pytest.raises(LLMError, match=r"did not list its models: .*name one in %config AutoML.model"):
        with_model(endpoint_of(AutoML(base_url=server.refused_url)))
    with (
        ScriptedLLM(models=None) as without_a_list,
        pytest.raises(LLMError, match=r"did not list its models \(status 404\)"),
    ):
        connect(base_url=without_a_list.base_url)


def test_prices(monkeypatch):
    monkeypatch.setenv(OTHER, "theirs")
    assert endpoint_of(AutoML(prices="0.25, 2")).prices == (0.25, 2.0)
    assert endpoint_of(AutoML(base_url=LOCAL)).prices == (0.0, 0.0)
    assert endpoint_of(AutoML(base_url="https://elsewhere.example/v1", model="x")).prices is None
    assert endpoint_of(AutoML(base_url=LOCAL, prices="1,1")).prices == (1.0, 1.0)


@pytest.mark.parametrize("prices", ["1", "1, 2, 3", "a, b", "1;2", ", ", "nan, 1", "1, inf", "-1, 2"])
def test_prices_are_two_numbers(prices):
    with pytest.raises(LLMError, match="two numbers"):
        endpoint_of(AutoML(base_url=LOCAL, prices=prices))
