"""Every block of code in README and guide runs, is planned, or names only what there is."""

from __future__ import annotations

import ast
import re

import pytest

import automl_gpt_magic
from automl_gpt_magic.cards import read_tasks
from automl_gpt_magic.commands import COMMANDS
from automl_gpt_magic.planning.families import catalogue
from automl_gpt_magic.settings import AutoML
from tests.conftest import small_adult
from tests.docs.pages import BOOK, PAGES, ROOT, blocks

MAKEFILE = (ROOT / "Makefile").read_text()
PLAIN = blocks("")


@pytest.mark.parametrize(("page", "block"), blocks("python"))
def test_python_runs_and_so_does_what_it_plans(page, block, monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})
    namespace = {}
    exec(block, namespace)
    assert namespace["plan"].hyperparameters
    for source in namespace["plan"].code.values():
        exec(source, namespace)
    scores = [value for name, value in namespace.items() if name.endswith("_valid_scores")]
    assert scores and scores[0]["log_loss"] < 0.7


@pytest.mark.parametrize(("page", "block"), [one for one in PLAIN if one[1].startswith("%%automl")])
def test_a_cell_can_be_planned(page, block):
    plan = automl_gpt_magic.plan(block.partition("\n")[2], frame=small_adult())
    assert plan.hyperparameters["max_depth"] == 6


@pytest.mark.parametrize(("page", "block"), blocks("yaml"))
def test_yaml_is_the_card_language(page, block):
    (cards,) = read_tasks(block)
    assert cards.data.name


LINES = [(page, line) for page, block in PLAIN if not block.startswith("%%automl") for line in block.splitlines()]


@pytest.mark.parametrize(("page", "line"), [one for one in LINES if one[1] and not one[1].startswith("#")])
def test_a_line_names_what_there_is(page, line, one_shell):
    words = line.split("#")[0].split()
    if words[0] == "%automl":
        assert words[1] in COMMANDS
    elif words[0] == "%config":
        assert words[1].removeprefix("AutoML.") in AutoML.class_traits(config=True)
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", MAKEFILE, re.MULTILINE)
    elif words[0] == "jupyter":
        assert (ROOT / words[-1]).is_file()
    elif words[0] == "pip":
        _assert_extras(words[-1])
    elif words[0] == "%load_ext":
        one_shell.run_line_magic("load_ext", words[1])
    else:
        ast.parse(line)
        if words[0] in ("from", "import"):
            exec(line, {})


def _assert_extras(asked):
    project = (ROOT / "pyproject.toml").read_text()
    for extra in re.search(r"\[(.*)\]", asked)[1].split(","):
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra


NAMING = {**PAGES, **{path.name: path.read_text(encoding="utf-8") for path in sorted(BOOK.glob("*/*.ipynb"))}}


@pytest.mark.parametrize("page", NAMING)
def test_every_command_and_setting_that_a_page_names_is_there(page):
    for command in re.findall(r"`%automl ([a-z]+)", NAMING[page]):
        assert command in COMMANDS, command
    for setting in re.findall(r"AutoML\.([a-z_]+)", NAMING[page]):
        assert setting in AutoML.class_traits(config=True), setting
    for target in re.findall(r"`make ([a-z-]+)", NAMING[page]):
        assert re.search(rf"^{target}:|[ :]{target}[ :]", MAKEFILE, re.MULTILINE), target
