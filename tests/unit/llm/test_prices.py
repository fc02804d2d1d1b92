import json
from datetime import date
from pathlib import Path

import pytest

from automl_gpt_magic.llm import prices
from automl_gpt_magic.llm.prices import Price, price, price_date

TABLE = json.loads(Path(prices.__file__).with_name("prices.json").read_text())
OPENAI = "api.openai.com"


def test_the_file_says_where_its_numbers_are_from_and_how_old_they_are():
    source = TABLE["source"]
    assert source["repository"] and source["version"] and TABLE["how"]
    assert date(2026, 1, 1) < date.fromisoformat(price_date()) < date(2100, 1, 1)


def test_every_price_is_a_pair_of_plausible_dollars():
    listed = [pair for models in TABLE["hosts"].values() for pair in models.values()]
    assert len(listed) > 100
    for prompt, answer in listed:
        assert 0 < prompt <= answer * 1.01 <= 700


def test_a_listed_model_has_its_price():
    assert price("gpt-5.4-mini", OPENAI) == Price(0.75, 4.5)


@pytest.mark.parametrize("model", ["gpt-5.4-mini-2026-03-17", "gpt-5.4-mini-20260317"])
def test_a_dated_model_costs_what_its_base_name_costs(model):
    assert price(model, OPENAI) == price("gpt-5.4-mini", OPENAI)


def test_a_dated_model_with_an_entry_of_its_own_keeps_it():
    assert price("gpt-4o-2024-05-13", OPENAI) == Price(5, 15)
    assert price("gpt-4o-2024-08-06", OPENAI) == price("gpt-4o", OPENAI) == Price(2.5, 10)


@pytest.mark.parametrize(
    "model", ["gpt-99", "", "gpt-5.4-mini-2026-03", "ft:gpt-4o-mini:me", "my-2026-03-17", "-2026-03-17", "gpt-5.4-"]
)
def test_an_unknown_model_has_no_price(model):
    assert price(model, OPENAI) is None


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:11434", "127.0.0.1:8000", "127.9.9.9", "[::1]:8080", "LOCALHOST", "a.localhost"]
)
def test_this_machine_costs_nothing(host):
    assert price("llama3.2", host) == Price(0.0, 0.0)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.5:8000", "10.0.0.1", "0.0.0.0", "llm.example.com", "eu.api.openai.com", "localhost.example.com",
     "api.openai.com.example.com", "", "[::1", "::1:", ":80"],
)  # fmt: skip
def test_other_machines_have_no_price(host):
    assert price("gpt-5.4-mini", host) is None


@pytest.mark.parametrize("host", ["api.openai.com:443", "API.OpenAI.com", "api.openai.com."])
def test_a_host_may_be_written_in_several_ways(host):
    assert price("gpt-5.4-mini", host) == Price(0.75, 4.5)


def test_the_same_model_may_cost_something_else_at_another_host():
    assert price("openai/gpt-oss-120b", "api.groq.com") != price("openai/gpt-oss-120b", "openrouter.ai")
    assert price("gpt-5.4-mini", "openrouter.ai") is None


def test_geminis_long_names_are_known():
    host = "generativelanguage.googleapis.com"
    assert price("models/gemini-2.5-flash", host) == price("gemini-2.5-flash", host) == Price(0.3, 2.5)


def test_a_price_is_a_pair():
    prompt, answer = price("gpt-5.4", OPENAI)
    assert (prompt, answer) == (2.5, 15.0)
