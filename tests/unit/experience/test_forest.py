"""The weights that a forest gives recorded datasets."""

import numpy as np
import pytest

from automl_gpt_magic.experience.bank import FORESTS, load_bank
from automl_gpt_magic.experience.forest import Forest
from automl_gpt_magic.experience.landmarks import ON_FOLDS
from automl_gpt_magic.experience.weights import forest_weights, level_weights
from automl_gpt_magic.recording.forest import dataset_features
from automl_gpt_magic.records.card import BINARY, DataCard


@pytest.fixture(scope="module", params=FORESTS)
def known(request):
    bank = load_bank()
    return bank.forests[request.param], dataset_features(bank, request.param)


def test_a_recorded_dataset_weighs_most_for_itself(known):
    forest, features = known
    own = [forest.weights(one).argmax() == place for place, one in enumerate(features)]
    assert np.mean(own) > 0.95


def test_weights_are_shares(known):
    forest, features = known
    weights = forest.weights(features.mean(axis=0))
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


def test_what_is_not_known_is_taken_as_usual(known):
    forest, features = known
    usual = forest.weights(forest.usual.astype("float64"))
    assert np.array_equal(forest.weights(np.full(features.shape[1], np.nan)), usual)


def test_a_subset_shares_the_weight_among_those_that_are_left(known):
    forest, features = known
    kept = np.arange(1, forest.leaves.shape[1])
    left = forest.subset(kept).weights(features[0])
    assert left.shape == (len(kept),)
    assert left.sum() == pytest.approx(1)


def test_arrays_bring_it_back(known):
    forest, features = known
    again = Forest.of_arrays("x", forest.arrays("x"))
    assert np.array_equal(again.weights(features[3]), forest.weights(features[3]))


def test_prediction_is_that_of_the_library():
    """The weights times the targets are what scikit-learn's forest predicts."""
    from sklearn.ensemble import ExtraTreesRegressor

    from automl_gpt_magic.recording.forest import _as_arrays

    chance = np.random.default_rng(0)
    x, y, new = chance.normal(size=(40, 5)), chance.normal(size=(40, 3)), chance.normal(size=(7, 5)).astype("float32")
    trees = ExtraTreesRegressor(30, min_samples_leaf=2, random_state=0).fit(x, y)
    forest = _as_arrays(trees, x, np.zeros(5))
    ours = np.array([forest.weights(one.astype("float64")) @ y for one in new])
    assert np.allclose(ours, trees.predict(new), atol=1e-6)


def test_the_level_goes_by_the_words_too_but_not_by_those_of_another_encoder():
    bank = load_bank()
    card = DataCard("Anything", task=BINARY, n_rows=1_000, n_features=10)
    place = next(at for at, one in enumerate(bank.datasets) if one["key"] == "letter")
    silent, like_letters = level_weights(bank, card, None), level_weights(bank, card, bank.embeddings[place])
    assert like_letters.sum() == pytest.approx(1)
    assert like_letters[place] > silent[place] + 0.1
    other_encoder = np.append(bank.embeddings[place], np.float32(1))
    assert np.array_equal(level_weights(bank, card, other_encoder), silent)


def test_the_order_of_losses_on_the_rows_held_out_changes_which_datasets_count():
    bank = load_bank()
    card = DataCard("Anything", task=BINARY, n_rows=1_000, n_features=10)
    own = bank.landmarks[7].astype("float64")
    other = own.copy()
    other[len(ON_FOLDS) : -1] *= 2
    before, after = (forest_weights(bank, card, None, marks) for marks in (own, other))
    assert np.abs(before - after).sum() > 0.05
