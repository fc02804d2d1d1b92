"""The curves' colours: told apart by everybody, readable as text, and never alone in telling curves apart."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import plans
import pytest

from automl_gpt_magic.notebook import plot

STYLE = Path(plot.__file__).with_name("panel.css").read_text(encoding="utf-8")
CURVES = ("plan", "default", "measured", "llm")
# What is behind the curves: JupyterLab's --jp-layout-color1.
PAGE = {"light": "#ffffff", "dark": "#212121"}
# Machado, Oliveira and Fernandes 2009, A Physiologically-based Model for Simulation of Color Vision Deficiency, IEEE
# TVCG 15 (6): the matrices at severity 1.0, for linear RGB; as in colorspacious 1.1.2, cvd.py.
SEEN_WITH = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# IEC 61966-2-1: linear sRGB to XYZ, and its white.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# As far as a grey of L* 50 is from one of 70.
APART = 20


def colours(theme: str) -> dict[str, str]:
    """Return the curves' colours of a theme as the style sheet has them."""
    light, dark = STYLE.split('[data-jp-theme-light="false"]')
    return {name: re.search(rf"--ag-{name}: (#\w{{6}})", dark if theme == "dark" else light)[1] for name in CURVES}


def linear(colour: str) -> Any:
    """Return linear RGB of a colour such as ``#1565c0``: (3,), 0 to 1."""
    coded = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def lab(rgb: Any) -> Any:
    """Return CIE L*a*b* of linear RGB (CIE 15:2004), both (3,)."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / (XYZ @ np.ones(3))
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(one: str, other: str) -> float:
    """Return WCAG 2.2's contrast ratio."""
    dark, light = sorted(float(linear(colour) @ XYZ[1]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", PAGE)
@pytest.mark.parametrize("eyes", SEEN_WITH)
def test_curves_are_told_apart_with_any_eyes(theme: str, eyes: str) -> None:
    seen = {name: lab(SEEN_WITH[eyes] @ linear(colour)) for name, colour in colours(theme).items()}
    near = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(CURVES, 2)}
    assert {pair: round(float(far), 1) for pair, far in near.items() if far < APART} == {}


@pytest.mark.parametrize("theme", PAGE)
def test_the_names_of_curves_can_be_read(theme: str) -> None:
    """4.5 to 1 is WCAG's 1.4.3 for text; the labels have their curves' colours."""
    assert {name: colour for name, colour in colours(theme).items() if contrast(colour, PAGE[theme]) < 4.5} == {}


def test_pictures_without_a_style_sheet_have_the_same_colours() -> None:
    assert {name: getattr(plot.LIGHT, name) for name in CURVES} == colours("light")


def test_every_curve_has_a_line_of_its_own_kind() -> None:
    plan = plans.with_llm()
    svg = plot.svg(plan, "log_loss", plans.measured(plan, 200, finished=True))
    lines = re.findall(r'<path d="([^"]+)"[^>]* style="fill: none; ([^"]*)"', svg)
    kinds: dict[str, set[str]] = {}
    for path, style in lines:
        role = re.search(r"stroke: var\(--ag-(\w+),", style)
        width = float(re.search(r"stroke-width: ([\d.]+)", style)[1]) if "stroke-width" in style else 1.0
        if role and role[1] in CURVES and width >= 1.5 and path.count("L") > 3:
            dash = re.search(r"stroke-dasharray: ([\d., ]+)", style)
            kinds.setdefault(role[1], set()).add(dash[1] if dash else "solid")
    assert set(kinds) == set(CURVES), kinds
    assert all(not one & other for one, other in combinations(kinds.values(), 2)), kinds
