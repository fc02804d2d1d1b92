"""Landmarks say how noisy a dataset is, how deep its trees and how soon it is overfitted."""

import numpy as np
import pytest

from automl_gpt_magic.experience import landmarks
from automl_gpt_magic.experience.landmarks import NAMES, measure_landmarks, measured_loss, parted


def a_table(noise, n_rows=1_500, classes=2, depth=1):
    chance = np.random.default_rng(0)
    x = chance.normal(size=(n_rows, 6))
    signal = x[:, 0] if depth == 1 else np.sign(x[:, 0] * x[:, 1] * x[:, 2])
    signal = signal + noise * chance.normal(size=n_rows)
    held_out = np.arange(n_rows) % 5 == 0
    if not classes:
        return x, signal, 0, held_out
    return x, np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)), classes, held_out


def mark(name, table):
    return measure_landmarks(*table)[NAMES.index(name)]


@pytest.mark.parametrize("classes", [0, 2, 5])
def test_noise_is_seen(classes):
    clean, noisy = (measured_loss(measure_landmarks(*a_table(noise, classes=classes))) for noise in (0.05, 4.0))
    assert clean < 0.35 < 0.9 < noisy


def test_a_noisy_dataset_is_overfitted_soon():
    assert (
        mark("log of the default best round", a_table(4.0)) < 2 < mark("log of the default best round", a_table(0.05))
    )


def test_depth_is_seen():
    shallow, deep = (mark("log of shallow over default loss", a_table(0.3, depth=depth)) for depth in (1, 3))
    assert shallow < 0.05 < 0.2 < deep


def test_the_same_rows_give_the_same_and_are_measured_once(monkeypatch):
    first = measure_landmarks(*a_table(1.0))
    monkeypatch.setattr(landmarks, "_of_probes", lambda *_: pytest.fail("measured again"))
    assert np.array_equal(measure_landmarks(*a_table(1.0)), first)


def test_a_class_that_no_training_part_has_is_no_error():
    x, y, _, held_out = a_table(1.0, n_rows=40)
    y[:] = 0
    y[0] = 1
    assert np.isfinite(measure_landmarks(x, y, 2, held_out)).all()


@pytest.mark.parametrize("move", [lambda y: 1e19 * y, lambda y: 1e-20 * y, lambda y: 1e12 + y])
def test_the_units_of_a_target_do_not_matter_where_32_bits_would_not_hold_it(move):
    x, y, _, held_out = a_table(1.0, classes=0)
    plain, moved = (measure_landmarks(x, one, 0, held_out) for one in ((y - y.mean()) / y.std(), move(y)))
    losses = [not name.startswith("log of the") for name in NAMES]  # of a flat curve another round may be the best
    assert np.allclose(plain[losses], moved[losses], rtol=0.02, atol=0.01)


@pytest.mark.parametrize("classes", [0, 2])
def test_the_level_is_that_of_the_rows_that_are_held_out(classes):
    x, y, _, held_out = a_table(0.2, classes=classes)
    chance = np.random.default_rng(3)
    noisy = np.where(held_out, chance.permutation(y), y)  # nothing can be said of these rows
    assert measured_loss(measure_landmarks(x, y, classes, held_out)) < 0.6
    assert measured_loss(measure_landmarks(x, noisy, classes, held_out)) > 0.95


@pytest.mark.parametrize("classes", [0, 3])
def test_the_curves_on_the_split_fall_and_sampling_is_overfitted_later(classes):
    _, curves, best = parted(measure_landmarks(*a_table(0.2, classes=classes)))
    default, sampling = curves[:4], curves[4:]
    assert (np.diff(default[:3]) < 0).all() and (np.diff(sampling[:3]) < 0).all()
    assert best <= default.min() and best < 0.6 * default[0]
    assert sampling[-1] - sampling.min() < default[-1] - best


@pytest.mark.parametrize(("n_rows", "n_columns", "classes"), [(30, 2, 2), (9, 1, 0)])
def test_a_few_rows_and_a_column_without_values_are_measured(n_rows, n_columns, classes):
    chance = np.random.default_rng(1)
    y = chance.integers(0, classes, n_rows) if classes else chance.normal(size=n_rows)
    x = chance.normal(size=(n_rows, n_columns)).astype("float32")
    x[:, 0] = np.nan
    assert np.isfinite(measure_landmarks(x, y, classes, np.arange(n_rows) % 5 == 0)).all()
