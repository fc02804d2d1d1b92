"""Level, band, trees and continuation: what a forecast is made of."""

import numpy as np
import pytest

from automl_gpt_magic.experience.band import Band, fitted_band
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.continuation import Beginnings, continued
from automl_gpt_magic.experience.kriging import kriged
from automl_gpt_magic.experience.landmarks import ON_FOLDS
from automl_gpt_magic.experience.level import compressed, expanded, level_by_card, level_by_landmarks, recorded_levels
from automl_gpt_magic.experience.trees import Trees
from automl_gpt_magic.records.curve import QUANTILES

ROUNDS = np.array([1.0, 2, 5, 10, 20, 50, 100])


def test_a_level_by_landmarks_is_that_of_the_recorded_dataset_that_has_them():
    bank = load_bank()
    levels = recorded_levels(bank)
    found = [level_of(bank, place) for place in range(0, 140, 7)]
    missed = np.array([level.middle - levels[place] for level, place in zip(found, range(0, 140, 7), strict=True)])
    assert np.abs(missed).mean() < 0.2 * np.abs(levels - levels.mean(axis=0)).mean()


def level_of(bank, place, **other):
    return level_by_landmarks(bank, bank.landmarks[place].astype("float64"), {**bank.datasets[place], **other})


@pytest.mark.parametrize("place", [7, 50, 100])
def test_more_rows_than_landmarks_were_measured_on_lower_where_the_level_ends(place):
    bank = load_bank()
    sampled, beyond = (level_of(bank, place, n_rows=rows).middle for rows in (4_500, 45_000))
    assert beyond[-1] < sampled[-1]


def test_rows_that_are_not_beyond_the_sample_leave_the_level():
    bank = load_bank()
    sampled = level_of(bank, 7, n_rows=4_500).middle
    assert (level_of(bank, 7, n_rows=1_000).middle == sampled).all()
    assert (level_of(bank, 7, n_rows=None).middle == sampled).all()


def test_a_level_moves_with_the_loss_on_the_split_and_is_less_sure_of_what_was_never_seen():
    bank = load_bank()
    own = bank.landmarks[7].astype("float64")
    worse = own.copy()
    worse[len(ON_FOLDS) :] *= 1.5
    fields = bank.datasets[7]
    usual, moved = level_by_landmarks(bank, own, fields), level_by_landmarks(bank, worse, fields)
    assert (moved.middle > usual.middle).all()
    odd = own.copy()
    odd[: len(ON_FOLDS)] = -5
    assert (level_by_landmarks(bank, odd, fields).spread > usual.spread).all()
    assert (usual.spread > 0).all()


def test_kriging_goes_through_what_is_known_and_back_to_the_mean_far_from_it():
    chance = np.random.default_rng(0)
    features = chance.normal(size=(200, 3))
    values = np.column_stack([np.sin(features[:, 0]), features[:, 1]])
    near, sure = kriged(features[:150], values[:150], features[170])
    assert near == pytest.approx(values[170], abs=0.25)
    assert (sure < values.std(axis=0)).all()
    said = [kriged(features[:150], values[:150], one)[0] for one in features[150:]]
    wrong = np.abs(np.array(said) - values[150:])
    assert (np.mean(wrong, axis=0) < 0.35 * values.std(axis=0)).all()


def test_the_level_of_a_card_is_a_median_and_its_spread_is_zero_where_all_agree():
    bank = load_bank().subset(np.array([3, 3, 3, 90]))
    level = level_by_card(bank, np.array([0.3, 0.3, 0.2, 0.2]))
    assert level.middle == pytest.approx(recorded_levels(bank)[0])
    assert (level.spread > 0).all()
    assert level_by_card(bank, np.array([0.5, 0.5, 0, 0])).spread == pytest.approx(0, abs=1e-6)


def test_losses_come_back_from_the_scale_of_levels():
    losses = np.array([0.0, 0.3, 1.0, 2.5])
    assert expanded(compressed(losses)) == pytest.approx(losses)
    assert expanded(np.array([-20.0])) == 0


def simulated(n_groups, each=50, seed=0):
    """Errors whose size one sign tells, and which differ from group to group."""
    chance = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), each)
    sign = np.exp(chance.normal(0, 1, len(groups)))
    errors = 0.2 * sign * (chance.normal(0, 1, n_groups)[groups] + 0.3 * chance.normal(0, 1, len(groups)))
    return errors, sign[None], chance.choice([0.0, 1.0], len(groups)), groups


def test_a_band_holds_what_it_says_of_groups_it_has_not_seen():
    band = Band(fitted_band(*simulated(400), knots=[0.0, 1.0]))
    errors, signs, places, _ = simulated(800, seed=1)
    offsets = band.offsets(signs, places)
    for low, high in ((0.1, 0.9), (0.025, 0.975)):
        inside = (offsets[QUANTILES.index(low)] <= errors) & (errors <= offsets[QUANTILES.index(high)])
        assert inside.mean() == pytest.approx(high - low, abs=0.04)
    width = offsets[-1] - offsets[0]
    assert np.corrcoef(np.log(width), np.log(signs[0]))[0, 1] > 0.95


def test_a_task_whose_errors_are_smaller_than_the_signs_say_has_a_narrower_band_of_its_own():
    errors, signs, places, groups = simulated(400)
    tasks = np.where(groups % 2 == 0, "multiclass classification", "regression")
    errors[groups % 2 == 0] /= 3
    fitted = fitted_band(errors, signs, places, groups, [0.0, 1.0], tasks)
    ones, place = np.ones((1, 1)), np.zeros(1)
    easy, hard = (Band(fitted, task).offsets(ones, place)[:, 0] for task in ("multiclass classification", "regression"))
    assert easy == pytest.approx(hard / 3, rel=0.15)
    fresh, signs, places, groups = simulated(800, seed=1)
    fresh[groups % 2 == 0] /= 3
    for task, rest in (("multiclass classification", 0), ("regression", 1)):
        offsets, own = Band(fitted, task).offsets(signs, places), groups % 2 == rest
        inside = (offsets[QUANTILES.index(0.1)] <= fresh) & (fresh <= offsets[QUANTILES.index(0.9)])
        assert inside[own].mean() == pytest.approx(0.8, abs=0.04)


def test_a_task_of_few_datasets_has_no_width_of_its_own():
    errors, signs, places, groups = simulated(40)
    tasks = np.where(groups < 14, "regression", "binary classification")
    assert fitted_band(errors, signs, places, groups, [0.0, 1.0], tasks)["widths"].keys() == {"binary classification"}


def test_few_datasets_promise_less_and_the_line_stays():
    few, many = (Band(fitted_band(*simulated(n, 400), knots=[0.0, 1.0])) for n in (6, 300))
    signs, places = np.ones((1, 2)), np.array([0.0, 1.0])
    narrow, wide = many.offsets(signs, places), few.offsets(signs, places)
    assert (narrow[QUANTILES.index(0.5)] == 0).all() and (wide[QUANTILES.index(0.5)] == 0).all()
    assert (np.diff(narrow, axis=0) >= 0).all()


def test_trees_answer_as_the_library_that_fitted_them():
    lightgbm = pytest.importorskip("lightgbm")
    from automl_gpt_magic.recording.continuation import as_arrays

    chance = np.random.default_rng(0)
    x = chance.normal(size=(400, 5)).astype("float32").astype("float64")
    booster = lightgbm.train({"verbosity": -1, "num_leaves": 8}, lightgbm.Dataset(x, x[:, 0] * x[:, 1] + 3), 12)
    trees = as_arrays([one["tree_structure"] for one in booster.dump_model()["tree_info"]])
    assert trees.predict(x) == pytest.approx(booster.predict(x), abs=1e-4)
    again = Trees.of_arrays("any", trees.arrays("any"))
    assert (again.predict(x) == trees.predict(x)).all()


def begun(measured, forecast, done, wanted):
    n = len(wanted)
    tile = [np.tile(one, (n, 1)) for one in (measured, forecast, np.full(len(ROUNDS), 0.1))]
    return Beginnings(np.zeros((n, 2)), ROUNDS, *tile, np.full(n, done), np.array(wanted, dtype="float64"))


LEAF = ((-1, "int16"), (0, "float32"), (0, "int16"), (0, "int16"), (0, "float32"))
NOTHING = Trees(*(np.full((1, 1), fill, dtype=kind) for fill, kind in LEAF))


def test_the_rest_is_the_forecast_moved_to_what_was_measured():
    forecast = np.linspace(0, -1, len(ROUNDS))
    one = begun(forecast + 0.3, forecast, 10.0, [20, 100])
    assert continued(NOTHING, one) == pytest.approx(forecast[[4, 6]] + 0.3)
    assert one.features().shape == (2, 2 + 9 + 6)
    assert one.signs[3] == pytest.approx([0.3, 0.3])
    assert one.places == pytest.approx(np.log([0.5, 0.1]))


def test_what_comes_after_the_steps_done_is_not_looked_at():
    forecast = np.linspace(0, -1, len(ROUNDS))
    later = forecast.copy()
    later[4:] = 99
    assert (begun(forecast, forecast, 10.0, [100]).features() == begun(later, forecast, 10.0, [100]).features()).all()
