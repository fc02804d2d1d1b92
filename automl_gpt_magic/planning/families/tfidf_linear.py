"""TF-IDF and a linear model, for text: one solution, no steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.card import REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from . import measured
from .family import Family

_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model: counted terms, weighed, and one weight for each."""
    values = dict(hyperparameters)
    return make_pipeline(
        TfidfVectorizer(
            analyzer=values['analyzer'],
            ngram_range=(1, values['longest_ngram']),
            min_df=values['min_df'],
            max_features=values['max_features'],
            sublinear_tf=values['term_frequency'] == 'log',
        ),
        {model},
    )'''
_MODELS = {True: "Ridge(alpha=1 / values['C'])", False: "LogisticRegression(C=values['C'], max_iter=1000)"}


class TfidfLinear(Family):
    """scikit-learn's TF-IDF vectoriser, then its logistic regression or ridge regression."""

    # Defaults: scikit-learn's own but for pairs of words, which most texts gain from. A log of the counts and a weaker
    # penalty are the usual choice for texts of one length and for rows of norm 1.
    space = SearchSpace(
        "TF-IDF + linear",
        (
            Parameter(
                "analyzer", "choice", "word", choices=("word", "char_wb"), meaning="terms of words or of letters"
            ),
            Parameter("longest_ngram", "int", 2, 1, 5, meaning="most words or letters in a term"),
            Parameter("min_df", "int", 1, 1, 20, log=True, meaning="least texts that a term is in"),
            Parameter("max_features", "int", 50_000, 100, 500_000, log=True, meaning="most terms, by frequency"),
            Parameter("term_frequency", "choice", "log", choices=("log", "count"), meaning="weight of a repeated term"),
            Parameter("C", "float", 10.0, 1e-3, 1e4, log=True, meaning="inverse of the L2 penalty"),
        ),
    )
    spellings = ("tfidf", "bagofwords")
    structure = "TF-IDF of words, and a linear model"
    features = "text"
    inputs = ("text",)

    def estimator(self, card: DataCard) -> str:
        return "Pipeline"

    def objective(self, card: DataCard) -> str:
        return "squared_error" if card.task == REGRESSION else "log_loss"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        unit = "words" if values["analyzer"] == "word" else "letters"
        terms = f"at most {values['max_features']:,} terms of 1 to {values['longest_ngram']} {unit}"
        linear = "ridge regression" if card.task == REGRESSION else "logistic regression"
        return (
            Step(f"TF-IDF of {terms}", "a term counts more in a text that repeats it, less if many texts have it"),
            Step(
                f"{linear}, L2 penalty 1/C, C = {values['C']:g}", "one weight a term; the penalty keeps rare ones small"
            ),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        return (
            *measured.measure_imports(card),
            "from sklearn.feature_extraction.text import TfidfVectorizer",
            f"from sklearn.linear_model import {'Ridge' if card.task == REGRESSION else 'LogisticRegression'}",
            "from sklearn.pipeline import make_pipeline",
        )

    def build(self, names: str, card: DataCard) -> str:
        return _BUILD.format(names=names, model=_MODELS[card.task == REGRESSION])

    def fit(self, names: str, card: DataCard) -> str:
        return f"{measured.measure(names, card)}\n\n\n{measured.fit_at_once(names, card)}"
