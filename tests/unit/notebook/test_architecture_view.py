"""The table of a network's layers, in the panel and where no panel is."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import plans
import pytest

from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.architecture_view import architecture_html, network_size, shape
from automl_gpt_magic.notebook.stages import model_html
from automl_gpt_magic.records.architecture import Architecture, Layer
from automl_gpt_magic.records.plan import Plan

NETWORK = Architecture(
    (
        Layer("patches", "convolution", (64, 32), 1_568, 98_304),
        Layer("attention", "attention", (64, 32), 4_288, 524_288, repeats=4),
        Layer("feed forward", "linear", (64, 32), 4_224, 262_144, "GELU", repeats=4),
        Layer("output", "linear", (10,), 394, 320),
    ),
    (3, 32, 32),
    (10,),
    "cross_entropy",
    "AdamW",
    ("self-attention with 4 heads", "learned positions"),
)
HOSTILE = Architecture(
    (Layer(plans.HOSTILE, "linear", (1,), 1, 1, plans.HOSTILE, 2),),
    (1,),
    (1,),
    plans.HOSTILE,
    plans.HOSTILE,
    (plans.HOSTILE,) * 30,
)


def with_network(network: Architecture | None = NETWORK) -> Plan:
    return replace(plans.adult(), architecture=network)


class Parsed(HTMLParser):
    """The cells of each row as text, and all elements and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.seen: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_each_layer_is_a_row_and_repeats_are_counted_together() -> None:
    parsed = Parsed(architecture_html(with_network()).partition("<dl")[0])
    assert parsed.rows == [
        ["Layer", "Activation", "Output", "Parameters", "Multiply-adds"],
        ["input", "", "3 × 32 × 32", "", ""],
        ["patches", "", "64 × 32", "1,568", "98,304"],
        ["attention, 4 times", "", "64 × 32", "17,152", "2,097,152"],
        ["feed forward, 4 times", "GELU", "64 × 32", "16,896", "1,048,576"],
        ["output", "", "10", "394", "320"],
    ]


def test_the_totals_are_those_of_the_rows() -> None:
    words = "".join(Parsed(model_html(with_network())).words)
    assert "36,010 parameters (140 kB), 3.2 M multiply-adds an example" in words
    assert "cross_entropy" in words and "AdamW" in words
    assert "self-attention with 4 heads, learned positions" in words
    assert "Refitted on every row" not in words and "about" not in words


def test_counts_that_are_near_say_so() -> None:
    near = architecture_html(with_network(replace(NETWORK, exact=False)))
    assert "about 36,010 parameters" in near and "known once the data cell has run" in near
    assert "known once" not in architecture_html(with_network())


def test_another_size_after_the_refit_is_told() -> None:
    larger = replace(NETWORK, layers=(*NETWORK.layers, Layer("more", "linear", (1,), 1_000, 0)))
    assert "37,010 parameters" in architecture_html(with_network(replace(NETWORK, refitted=larger)))


def test_models_without_layers_have_no_table() -> None:
    plan = with_network(None)
    assert architecture_html(plan) == "" and "<table" not in model_html(plan)
    assert "network" not in static.text(plan)


@pytest.mark.parametrize(
    ("parameters", "multiply_adds", "said"),
    [
        (1, 1, "1 parameter (0.004 kB), 1 multiply-adds an example"),
        (12_345, 99_999, "12,345 parameters (49 kB), 99,999 multiply-adds an example"),
        (250_000, 199_600, "250,000 parameters (1 MB), 0.2 M multiply-adds an example"),
        (30_000_000, 4_089_000_000, "30,000,000 parameters (120 MB), 4.1 G multiply-adds an example"),
    ],
)
def test_sizes_as_people_say_them(parameters: int, multiply_adds: int, said: str) -> None:
    assert network_size(replace(NETWORK, layers=(Layer("x", "linear", (1,), parameters, multiply_adds),))) == said
    assert shape((1024, 8, 8)) == "1,024 × 8 × 8"


def test_without_widgets_the_size_is_one_line() -> None:
    said = "36,010 parameters (140 kB), 3.2 M multiply-adds an example; loss cross_entropy"
    assert re.search(rf"^network +{re.escape(said)}$", static.text(with_network()), re.MULTILINE)
    assert said in "".join(Parsed(static.html(with_network())).words)


def test_hostile_text_stays_text() -> None:
    plan = with_network(HOSTILE)
    for html in (model_html(plan), static.html(plan)):
        parsed = Parsed(html)
        assert not parsed.seen & {"script", "onload"}
        assert any("<script>alert(1)" in word for word in parsed.words)
    assert "\u202e" not in static.text(plan)
    visible = re.sub(r'title="[^"]*"', "", architecture_html(plan))
    assert visible.count("alert(1)") < 20, "a long list is cut"
