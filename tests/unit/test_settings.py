"""Settings, and that nothing that lists them shows a key."""

from __future__ import annotations

import copy
import pickle
import sys
import traceback
from dataclasses import replace

import IPython
import pytest
from IPython.core.ultratb import VerboseTB
from traitlets import TraitError
from traitlets.config import Config

from automl_gpt_magic.connection import endpoint_of
from automl_gpt_magic.errors import LLMError
from automl_gpt_magic.llm import ChatModel
from automl_gpt_magic.records.secret import SecretStr
from automl_gpt_magic.settings import AutoML, studies_file

CANARY = "canary-4f1c"
PLAIN = {"theme_name": "nocolor"} if IPython.version_info[0] >= 9 else {"color_scheme": "NoColor"}


@pytest.fixture
def settings():
    return AutoML(api_key=f"{CANARY}-key", headers={"X-Key": f"{CANARY}-header"}, base_url="http://127.0.0.1:1/v1")


def every_listing(thing):
    """Yield what Python shows of something."""
    yield from (repr(thing), str(thing), f"{thing}", f"{thing!s:>40}", f"{thing!r}", format(thing))
    yield from (repr([thing]), str({"x": thing}), repr(vars(thing)))


def test_a_secret_shows_only_that_there_is_one():
    secret = SecretStr(CANARY)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>30}", format(secret), repr((secret,))):
        assert CANARY not in shown
        assert "**********" in shown
    assert secret.get_secret_value() == CANARY
    assert (bool(secret), bool(SecretStr()), repr(SecretStr())) == (True, False, "SecretStr('')")
    assert secret == SecretStr(CANARY) != SecretStr("other")


def test_a_secret_is_neither_pickled_nor_copied_whole():
    for act in (pickle.dumps, copy.deepcopy, copy.copy):
        with pytest.raises(TypeError, match="not pickled"):
            act(SecretStr(CANARY))


def test_no_listing_of_settings_endpoint_or_model_shows_a_key(settings):
    endpoint = endpoint_of(settings)
    for thing in (settings, endpoint, ChatModel(endpoint), replace(endpoint, model="x"), settings.changed(model="y")):
        assert not [shown for shown in every_listing(thing) if CANARY in shown]
    assert CANARY not in repr(settings.trait_values())
    assert CANARY not in settings.class_get_help(settings)
    assert endpoint.key.get_secret_value() == f"{CANARY}-key"


def test_neither_settings_nor_endpoint_are_pickled(settings):
    for thing in (settings, endpoint_of(settings), ChatModel(endpoint_of(settings))):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)


def test_a_traceback_with_all_variables_shows_no_key(settings):
    def fail():
        endpoint, headers, key = endpoint_of(settings), settings.headers, settings.api_key
        model, given = ChatModel(endpoint), settings
        raise ValueError((endpoint, headers, key, model, given))

    try:
        fail()
    except ValueError:
        kind, value, trace = sys.exc_info()
        shown = VerboseTB(**PLAIN).text(kind, value, trace)
        whole = "".join(traceback.TracebackException(kind, value, trace, capture_locals=True).format())
    assert "endpoint = Endpoint(" in shown
    assert CANARY not in shown
    assert CANARY not in whole


@pytest.mark.parametrize(
    "given", [{"api_key": CANARY.encode()}, {"api_key": [CANARY]}, {"headers": {"X-Key": CANARY.encode()}}]
)
def test_a_value_of_the_wrong_type_is_kept_as_a_secret(given):
    assert CANARY not in repr(vars(AutoML(**given)))


@pytest.mark.parametrize("headers", [[CANARY], CANARY])
def test_headers_that_are_no_mapping_are_not_shown(headers):
    with pytest.raises(TraitError) as caught:
        AutoML(headers=headers)
    assert CANARY not in str(caught.value)


def configured():
    settings, config = AutoML(), Config()
    config.AutoML.api_key = CANARY
    config.AutoML.headers = {"X-Key": CANARY}
    settings.update_config(config)
    return settings


def test_config_sets_key_and_headers():
    settings = configured()
    assert settings.api_key.get_secret_value() == CANARY
    assert settings.headers["X-Key"].get_secret_value() == CANARY


def test_what_config_was_given_is_not_kept_in_the_clear():
    assert CANARY not in repr(vars(configured()))


def test_the_password_of_a_proxy_is_not_listed():
    settings = AutoML(proxy=f"http://user:{CANARY}@proxy.example:3128", base_url="http://host.example/v1", model="x")
    assert CANARY not in repr(vars(settings)) + repr(endpoint_of(settings)) + settings.class_get_help(settings)


def test_the_password_in_a_url_is_not_listed():
    settings = AutoML(base_url=f"http://user:{CANARY}@host.example/v1", model="x")
    assert CANARY not in repr(vars(settings)) + settings.class_get_help(settings)
    with pytest.raises(LLMError, match="write it without"):
        endpoint_of(settings)


def test_the_password_of_a_store_is_not_listed(monkeypatch):
    url = f"postgresql+psycopg://team:{CANARY}@db.example:5432/runs?sslpassword={CANARY}"
    config = Config()
    config.AutoML.store = url
    settings = AutoML()
    settings.update_config(config)
    monkeypatch.setenv("AUTOML_GPT_MAGIC_STORE", url)
    for found in (settings, AutoML(store=url), AutoML(), settings.changed(rounds=2)):
        assert found.store_place.get_secret_value() == url
        assert repr(found.store) == "'postgresql+psycopg://…@db.example:5432/runs?…'"
        assert CANARY not in repr(vars(found)) + found.class_get_help(found)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/runs", "postgresql://db/runs"),
        ("postgresql://team@db/runs", "postgresql://…@db/runs"),
        (f"postgresql://u:{CANARY}", "postgresql://…"),
        (f"postgresql://u:{CANARY}/x@db/runs", "postgresql://…"),
        (f"postgresql://u:{CANARY}#x@db/runs", "postgresql://…"),
        (f"postgresql://u:{CANARY}?x@db/runs", "postgresql://…"),
        (f"postgresql://u:a@{CANARY}@db/runs", "postgresql://…@db/runs"),
        (f"postgresql://db/runs?password={CANARY}", "postgresql://db/runs?…"),
        (f"postgresql://db/runs?options=a@{CANARY}", "postgresql://…"),
        (f"postgresql://[::1{CANARY}@db/runs", "postgresql://…"),
        ("sqlite:////data/runs.sqlite", "sqlite:////data/runs.sqlite"),
    ],
)
def test_a_store_is_shown_without_what_may_be_a_password(url, shown):
    assert str(AutoML(store=url).store) == shown


def test_a_store_is_a_file_or_a_url(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    file = AutoML(store="~/runs.sqlite").store_place
    assert file.is_absolute()
    assert studies_file(file) == file.with_name("studies.sqlite")
    assert studies_file(AutoML(store="").store_place) is None
    url = AutoML(store="postgresql://db/runs").store_place
    assert studies_file(url).name == "studies.sqlite"
    assert studies_file(url).is_relative_to(tmp_path)
    with pytest.raises(TraitError, match="needs text"):
        AutoML(store=7)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(url)


def test_the_environment_gives_what_is_not_set(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://second/v1")
    assert AutoML().base_url == "http://second/v1"
    monkeypatch.setenv("AUTOML_GPT_MAGIC_BASE_URL", "http://first/v1")
    monkeypatch.setenv("AUTOML_GPT_MAGIC_MODEL", "m")
    monkeypatch.setenv("AUTOML_GPT_MAGIC_STORE", "")
    monkeypatch.setenv("AUTOML_GPT_MAGIC_CACHE", "~/cache")
    found = AutoML()
    assert (found.base_url, found.model, found.store_place) == ("http://first/v1", "m", None)
    assert found.cache_folder.is_absolute()
    assert AutoML(base_url="http://set/v1").base_url == "http://set/v1"


def test_changed_keeps_everything_else(settings):
    other = settings.changed(model="m", rounds=2)
    assert (other.model, other.rounds, settings.model, settings.rounds) == ("m", 2, "", 1)
    assert other.api_key == settings.api_key
    assert other.headers == settings.headers
    assert all(getattr(other, name) == getattr(settings, name) for name in ("base_url", "store", "deadline"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0},
        {"rounds": 6},
        {"candidates": 0},
        {"deadline": 0},
        {"retries": -1},
        {"cost_budget": -1.0},
        {"answer_tokens": 0},
        {"prompt_tokens": 10},
        {"repair": "no"},
    ],
)
def test_values_outside_their_range_are_refused(wrong):
    with pytest.raises(TraitError):
        AutoML(**wrong)
