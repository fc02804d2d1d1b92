"""Landmarks of large and odd tables are measured in seconds."""

import time

import numpy as np
import pytest

from automl_gpt_magic.experience.landmarks import measure_landmarks


@pytest.mark.parametrize(("n_rows", "n_columns", "classes"), [(60_000, 20, 2), (2_000, 10_000, 2), (3_000, 5, 60)])
def test_odd_shapes_are_measured_soon(n_rows, n_columns, classes):
    chance = np.random.default_rng(1)
    y = chance.integers(0, classes, n_rows) if classes else chance.normal(size=n_rows)
    x = chance.normal(size=(n_rows, n_columns)).astype("float32")
    x[:, 0] = np.nan
    began = time.process_time()
    assert np.isfinite(measure_landmarks(x, y, classes, np.arange(n_rows) % 5 == 0)).all()
    assert time.process_time() - began < 6  # about 1 on one core of its own


@pytest.mark.parametrize(("n_columns", "classes"), [(200, 10), (200, 2)])
def test_few_rows_of_many_columns_are_measured_soon(n_columns, classes):
    chance = np.random.default_rng(2)
    x, y = chance.normal(size=(1_200, n_columns)), chance.integers(0, classes, 1_200)
    began = time.process_time()
    measure_landmarks(x, y, classes, np.arange(1_200) % 5 == 0)
    assert time.process_time() - began < 8  # about 2 on one core of its own; it was 45
