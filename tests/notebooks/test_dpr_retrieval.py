"""What the retrieval notebook says of its results holds for them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from .pages import cell, printed

PATH = "cases/dpr_retrieval.ipynb"
pytestmark = pytest.mark.xdist_group(PATH)


@pytest.fixture
def dpr(executed):
    pytest.importorskip("transformers")
    return executed(PATH)


def table(notebook, cell_id):
    """Return a printed table by row and column; the rows' names may hold single spaces."""
    lines = printed(notebook, cell_id).splitlines()
    columns = re.split(r"\s{2,}", lines[0].strip())
    rows = [line.rsplit(maxsplit=len(columns)) for line in lines[1:]]
    return pd.DataFrame([row[1:] for row in rows], index=[row[0] for row in rows], columns=columns).astype(float)


def test_the_papers_values_stand_beside_the_plans(dpr):
    lines = printed(dpr, "dpr-paper").splitlines()
    assert re.search(r"learning_rate +1e-05 +1e-05 +1e-05 +2e-05$", lines[1])
    assert re.search(r"epochs +40 +40 +40 +40$", lines[2])


def test_training_tells_what_the_islanders_words_mean(dpr):
    log = table(dpr, "dpr-log")
    for part in ("training", "validation"):
        assert log.loc[f"{part} loss", "epoch 2"] < log.loc[f"{part} loss", "epoch 1"]
    assert 0.6 < log.loc["validation recall_at_1", "epoch 2"] < 1
    assert "keeps the ships and quays in order as harbour master" in printed(dpr, "dpr-find")


def test_the_request_is_faster_and_what_it_costs_is_measured(dpr):
    assert "known by construction" in printed(dpr, "dpr-ask")
    assert "layers" in printed(dpr, "dpr-german")
    measured = table(dpr, "dpr-measured")
    exact, gentle, fewest = (measured.iloc[row] for row in range(3))
    assert fewest["p50 ms"] < gentle["p50 ms"] < exact["p50 ms"]
    assert gentle["recall@20"] >= exact["recall@20"] - 0.03
    assert gentle["recall@1"] >= exact["recall@1"] - 0.05
    assert measured["recall@5"].between(measured["recall@1"], measured["recall@20"]).all()


def test_the_searchs_share_is_as_small_as_the_text_says(dpr):
    search, measured = table(dpr, "dpr-index"), table(dpr, "dpr-measured")
    assert search.loc["1,000 passages", "float32 ms"] < 0.2 * measured["p50 ms"].min()


def test_no_cell_fails_and_the_plan_is_shown(dpr):
    for one in dpr.cells:
        for output in one.get("outputs", []):
            assert output.output_type != "error"
    assert cell(dpr, "dpr-small-magic").outputs
