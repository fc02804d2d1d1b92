"""Cards with no text, with far too much of it, or in another language still get evidence, and soon."""

from __future__ import annotations

import time

import numpy as np
import pytest

from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.settings import AutoML

SIZES = {"n_rows": 5000, "n_features": 12}
CLASSES = [f"Klasse {number} mit einem langen Namen" for number in range(10_000)]
DATA = {
    "no text": {"name": "?", "task": "binary classification", **SIZES},
    "nothing but a task": {"name": "x", "task": "regression"},
    "signs alone": {"name": "…—!?", "description": "\u200b \u00a0 🙂", "task": "regression", **SIZES},
    "German": {
        "name": "Bienenvölker im Schwarzwald",
        "description": "Jede Zeile ist ein Bienenvolk; vorhergesagt wird, ob es den Winter übersteht. Größe in Litern.",
        "task": "binary classification",
        "label_space": ["überlebt", "gestorben"],
        **SIZES,
    },
    "Japanese": {
        "name": "蜜蜂の群れ",
        "description": "各行は一つの巣箱であり、冬を越すかどうかを予測する。",
        "task": "binary classification",
        "label_space": ["生存", "死亡"],
        **SIZES,
    },
    "Arabic": {"name": "خلايا النحل", "task": "binary classification", "label_space": ["حي", "ميت"], **SIZES},
    "ten thousand classes": {
        "name": "Many",
        "task": "multiclass classification",
        "label_space": CLASSES,
        "n_rows": 10**6,
        "n_features": 300,
    },
    "a megabyte of description": {
        "name": "Long",
        "description": "word " * 200_000,
        "task": "regression",
        **SIZES,
    },
}


@pytest.fixture(scope="module", autouse=True)
def warm():
    survey({"data": DATA["German"]}, None, settings=AutoML(cache="", store=""))


@pytest.mark.parametrize("mask_names", [False, True])
@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_there_is_evidence_within_two_seconds_of_work(data, mask_names):
    began = time.process_time()
    situation = survey({"data": data}, None, settings=AutoML(cache="", store="", mask_names=mask_names))
    seconds = time.process_time() - began
    evidence = situation.evidence
    assert evidence.text_compared
    assert evidence.neighbours
    assert all(0 <= near.similarity <= 1 + 1e-6 for near in evidence.neighbours)
    assert abs(sum(near.weight for near in evidence.neighbours) - 1) < 1e-6
    assert all(np.isfinite(curve.value).all() for curve in situation.forecast(evidence.configuration).curves.values())
    assert situation.prompt.tokens <= AutoML().prompt_tokens
    assert seconds < 2


def test_another_language_is_compared_by_its_words_too():
    german, english = (
        survey(
            {"data": {"name": name, "description": said, "task": "binary classification", **SIZES}},
            None,
            settings=AutoML(cache="", store=""),
        ).evidence
        for name, said in (("Pilze", "Jede Zeile ist ein Pilz: essbar oder giftig."), ("Kredit", "Bonität von Kunden."))
    )
    alike = {near.key: near.similarity for near in german.neighbours}
    assert alike != {near.key: near.similarity for near in english.neighbours}
