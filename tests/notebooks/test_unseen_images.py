"""What the notebook on unseen images says, of its own trainings and of the benchmark's, holds for the numbers."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.experience.bank import load_bank
from tests.benchmarks.unseen import __main__ as benchmark

from .conftest import NOTEBOOKS
from .pages import cell, printed

PATH = "cases/unseen_images.ipynb"
pytestmark = pytest.mark.xdist_group(PATH)
MEASURED = json.loads((NOTEBOOKS / "cases" / "unseen_images.json").read_text())


@pytest.fixture
def unseen(executed):
    return executed(PATH)


def accuracies(family):
    return pd.DataFrame(MEASURED[family]).T


def points(family, arm):
    """Return by how much ours is better than another arm, and the ends of the interval, in points."""
    own = accuracies(family)
    low, mean, high = benchmark._paired(own[benchmark.OURS] - own[arm])
    return [f"{100 * number:.2f}" for number in (mean, low, high)]


def test_no_known_set_shares_an_image_with_new(unseen):
    names = printed(unseen, "unseen-similar")
    recorded = {one["name"]: one for one in load_bank("vit").datasets}
    new = {f"digits_8x8/{digit}" for digit in range(5, 10)}
    shown = {name for name in recorded if name in names}
    assert shown == {name for name, one in recorded.items() if not set(one["drawn_from"]) & new}
    assert "6 known sets have no class of New: the same values" in printed(unseen, "unseen-strict")


def test_the_recommendation_is_far_from_random_and_about_where_the_default_is(unseen):
    one_new = {name: float(value) for name, value in re.findall(r"(\S.*?)\s{2,}(\S+)$", compared(unseen), re.MULTILINE)}
    assert one_new["recommended"] > one_new["random, mean of six"] + 0.05
    assert abs(one_new["recommended"] - one_new["library default"]) <= 0.02


def compared(notebook):
    return printed(notebook, "unseen-compare")


def test_the_results_are_of_every_draw_and_arm_of_the_benchmark():
    for family in benchmark.FAMILIES:
        assert sorted(accuracies(family).index) == sorted(one["key"] for one in load_bank(family.lower()).datasets)
        assert tuple(accuracies(family).columns) == benchmark.ARMS


def test_table_intervals_and_the_benchmarks_own_page_are_the_same(unseen):
    page = (NOTEBOOKS.parent / "tests" / "benchmarks" / "unseen" / "README.md").read_text()
    table, intervals = printed(unseen, "unseen-table"), printed(unseen, "unseen-paired")
    for family in benchmark.FAMILIES:
        part = page.partition(f"\n{family}: top-1 accuracy on 14 unseen subsets")[2]
        for arm, scores in accuracies(family).items():
            shown = f"{scores.mean():.3f} ± {scores.sem():.3f}"
            assert shown in next(line for line in table.splitlines() if line.startswith(arm))
            assert re.search(rf"^  {re.escape(arm)} +{shown}$", part, re.MULTILINE)
        for arm in set(benchmark.ARMS) - {benchmark.OURS}:
            mean, low, high = (f"{float(number):+.2f}" for number in points(family, arm))
            assert f"{mean} [{low}, {high}]" in next(line for line in intervals.splitlines() if line.startswith(arm))


def test_the_verdict_says_what_was_measured(unseen):
    said = " ".join(cell(unseen, "unseen-verdict").source.split())
    arms = (benchmark.GRID, benchmark.RANDOM, benchmark.DEFAULT)
    below, above_random, above_default = (points("ViT", arm)[0] for arm in arms)
    assert f"{-float(below):.2f} points below a grid search" in said
    assert f"{above_random} points above random configurations and {above_default} above the library's default" in said
    gain, low, _ = points("ViT", benchmark.AVERAGE)
    assert f"gains {gain} points. The lower end of that interval is {low} points: it just holds zero" in said
    assert -0.1 < float(low) < 0
    mean, low, high = points("ViT", benchmark.ALIKE)
    assert f"does as well: {float(mean):+.2f} points, {low} to +{high}" in said
    mean, low, high = (-float(number) for number in points("CNN", benchmark.DEFAULT))
    assert f"{mean:.2f} points *below* the library's default ({high:.2f} to {low:.2f})" in said
    mean, low, high = map(float, points("CNN", benchmark.AVERAGE))
    assert low < 0 < high and abs(mean) < 0.2, "level with the best on average"


def test_students_interval_of_the_gain_holds_zero(unseen):
    own = accuracies("ViT")
    gains = 100 * (own[benchmark.OURS] - own[benchmark.AVERAGE])
    reach = 2.1604 * gains.sem()  # Student's t with 13 degrees of freedom, 97.5%
    said = " ".join(cell(unseen, "unseen-verdict").source.split())
    assert (
        f"Student's interval of the same differences is {gains.mean() - reach:.2f} to {gains.mean() + reach:+.2f}."
        in said
    )
    assert gains.mean() - reach < 0


def test_the_figure_is_drawn(unseen):
    (figure,) = cell(unseen, "unseen-figure").outputs
    assert "image/png" in figure.data
    assert np.all([0.2 < value < 1 for family in MEASURED for value in accuracies(family).mean()]), "inside the axis"
