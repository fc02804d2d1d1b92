"""The book: ``make docs`` builds it into build/docs. Notebooks are shown as they are saved, and not run."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

import automl_gpt_magic

project = "automl_gpt_magic"
author = "the automl_gpt_magic contributors"
release = automl_gpt_magic.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["reference/commands.md"]
html_theme = "sphinx_book_theme"
html_title = "automl_gpt_magic"
nb_execution_mode = "off"
# Text, tables and pictures; the panel's static form, never a widget that needs a kernel.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "none"
napoleon_google_docstring = False


def write_commands(app: Sphinx) -> None:
    """Write the tables of commands and settings from the code that has them."""
    from automl_gpt_magic.commands import COMMANDS
    from automl_gpt_magic.settings import AutoML

    settings = sorted(AutoML.class_traits(config=True).items())
    rows = [
        "| `%automl` | |",
        "| --- | --- |",
        *(f"| `{name}` | {_cell(command.meaning)} |" for name, command in COMMANDS.items()),
        "",
        "## Settings",
        "",
        "`%config AutoML.NAME = VALUE` changes one, `%automl config` prints them.",
        "",
        "| `AutoML.` | |",
        "| --- | --- |",
        *(f"| `{name}` | {_cell(trait.help)} |" for name, trait in settings),
    ]
    (Path(__file__).parent / "reference" / "commands.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", write_commands)
