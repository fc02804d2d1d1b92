"""Runs on other rows than the plan's count a little, by the order of configurations on their own data."""

import math
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.experience import learn_from_others
from automl_gpt_magic.experience.own_datasets import weight_of
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.evidence import Evidence, Forecast, OwnRuns
from automl_gpt_magic.records.space import StepLimit
from tests.unit.experience.test_own_runs import a_run, final

TABLE, OTHER = "the plan's own cell", "another cell"


# How much worse each depth is forecast than the recommended one, as a logarithm.
WORSE = {
    6: 0.0,
    5: 0.0005,
    4: 0.0006,
    3: 0.0008,
    2: 0.006,
    12: 0.01,
    7: 0.011,
    8: 0.012,
    9: 0.013,
    10: 0.014,
    11: 0.015,
}
RECOMMENDED = {**XGBOOST.default, "max_depth": 6}


class Known:
    """Evidence and forecast as of recorded runs to which only the depth matters."""

    evidence = Evidence((), RECOMMENDED, {"gamma": "recorded"}, True, 0.5, 50, 5000, note="As recorded.")

    @staticmethod
    def forecast(configuration):
        loss = 0.3 * math.exp(WORSE[configuration["max_depth"]])
        steps = np.array([1, configuration["n_estimators"]])
        curves = {"log_loss": Curve("log_loss", steps, np.array([0.6, loss]))}
        return Forecast({**curves, "accuracy": Curve("accuracy", steps, np.array([0.6, 0.8]))}, 5.0)


@pytest.fixture
def advice():
    return Known


@pytest.fixture
def tried():
    """Return a configuration of each depth, those that are forecast best first."""
    return [{**RECOMMENDED, "max_depth": depth} for depth in WORSE]


def runs_on(tried, best, *, level=1.0, gain=0.5, **changes):
    """Return runs that all measured ``level`` but for one, which gained that share of it."""
    changes = {"fingerprint": "other", "dataset": "Villages", "preprocessing": TABLE, **changes}
    return [a_run(one, level * (1 - gain) if one is best else level, **changes) for one in tried]


def learned(advice, runs, evidence=None, **changes):
    options = {"space": XGBOOST, "fixed": {}, "preprocessing": TABLE, "most_seconds": None, **changes}
    return learn_from_others(dict(enumerate(runs, 1)), evidence or advice.evidence, advice.forecast, **options)


def unchanged(advice, runs, **options):
    evidence, forecast = learned(advice, runs, **options)
    assert replace(evidence, own_datasets=()) == replace(options.get("evidence") or advice.evidence, own_datasets=())
    assert forecast == advice.forecast
    return evidence.own_datasets


def test_the_same_tables_other_rows_decide_between_configurations_that_are_forecast_nearly_alike(advice, tried):
    evidence, forecast = learned(advice, runs_on(tried, tried[1], level=7.0))
    assert (evidence.configuration, evidence.source) == (tried[1], "neighbour")
    assert set(evidence.reasons) == {parameter.name for parameter in XGBOOST.parameters}
    (reason,) = set(evidence.reasons.values())
    assert reason == "the best for this data of your 11 runs on Villages, 2026-11-22: log loss 3.5 there"
    assert "Your 11 runs on Villages (other rows of the same table)" in evidence.note
    (dataset,) = evidence.own_datasets
    assert (dataset.n_runs, dataset.value, dataset.taken, dataset.same_table) == (11, 3.5, True, True)
    assert dataset.best == tried[1]
    assert final(forecast, tried[1]) < final(forecast, tried[0]) == final(advice.forecast, tried[0])


def test_what_was_measured_at_another_level_says_the_same(advice, tried):
    predicted = [
        final(learned(advice, runs_on(tried, tried[1], level=level))[1], tried[1]) for level in (0.002, 0.3, 40.0)
    ]
    assert predicted == pytest.approx([predicted[0]] * 3)


def test_only_the_configurations_that_were_measured_there_are_forecast_otherwise(advice, tried):
    _, forecast = learned(advice, runs_on(tried, tried[1]))
    new = {**tried[1], "gamma": 0.123}
    before, after = advice.forecast(new), forecast(new)
    assert np.array_equal(before.curves["log_loss"].value, after.curves["log_loss"].value)
    assert final(forecast, tried[1], "accuracy") == final(advice.forecast, tried[1], "accuracy")


def test_a_configuration_that_is_forecast_far_worse_is_not_taken_however_good_it_was_there(advice, tried):
    (dataset,) = unchanged(advice, runs_on(tried, tried[-1], gain=0.99))
    assert (dataset.best, dataset.taken) == (tried[-1], False)


def test_the_recommended_configuration_stays_where_it_was_the_best_there_too(advice, tried):
    unchanged(advice, runs_on(tried, tried[0]))


def test_other_data_count_less_than_the_same_tables_other_rows(advice, tried):
    rank = 4
    evidence, _ = learned(advice, runs_on(tried, tried[rank]))
    assert evidence.configuration == tried[rank]
    unchanged(advice, runs_on(tried, tried[rank], preprocessing=OTHER))
    unchanged(advice, runs_on(tried, tried[rank], preprocessing=""), preprocessing="")


def test_few_configurations_tell_nothing_and_more_tell_more(advice, tried):
    four = [tried[0], tried[1], tried[5], tried[6]]
    runs = runs_on(four, tried[1])
    (dataset,) = unchanged(advice, [*runs, *runs])
    assert dataset.n_runs == 8
    evidence, _ = learned(advice, runs_on([*four, tried[7]], tried[1]))
    assert evidence.configuration == tried[1]
    assert 0 < weight_of(True, 5) < weight_of(True, 50) < 0.5
    assert weight_of(False, 1000) < 0.15


def test_datasets_of_the_same_table_come_first_then_the_newest(advice, tried):
    dates = {"old": "2026-01-01", "new": "2026-12-31", "middle": "2026-06-01", "same": "2025-01-01"}
    runs = [
        a_run(tried[0], 0.4, fingerprint=name, dataset=name, date=date, preprocessing=TABLE if name == "same" else "")
        for name, date in dates.items()
    ]
    assert [dataset.name for dataset in unchanged(advice, runs)] == ["same", "new", "middle", "old"]


def test_the_newest_run_dates_and_names_its_dataset(advice, tried):
    changes = {"fingerprint": "same"}
    runs = [
        a_run(tried[0], 0.4, date="2026-03-01", dataset="renamed", **changes),
        a_run(tried[1], 0.3, date="2026-02-01", dataset="first", imported="2026-04-01", **changes),
    ]
    (dataset,) = unchanged(advice, runs)
    assert (dataset.name, dataset.date, dataset.value, dataset.imported) == ("renamed", "2026-03-01", 0.3, True)


def test_the_first_dataset_with_something_better_decides(advice, tried):
    older = runs_on(tried, tried[1], date="2026-01-01", fingerprint="older", dataset="Older")
    newer = runs_on(tried, tried[0], date="2026-02-01", fingerprint="newer", dataset="Newer")
    evidence, _ = learned(advice, [*older, *newer])
    assert [(one.name, one.taken) for one in evidence.own_datasets] == [("Newer", False), ("Older", True)]
    assert evidence.configuration == tried[1]


@pytest.mark.parametrize(
    "changes", [{"family": "LightGBM"}, {"curves": {}}], ids=["another family", "without the loss"]
)
def test_runs_that_cannot_be_compared_are_not_shown(advice, tried, changes):
    assert unchanged(advice, runs_on(tried, tried[1], **changes)) == ()


def test_losses_that_are_no_numbers_do_not_count(advice, tried):
    for loss in (float("nan"), float("inf"), 0.0):
        assert unchanged(advice, [a_run(one, loss) for one in tried]) == ()


def test_values_that_the_space_does_not_have_are_shown_and_do_not_count(advice, tried):
    strange = [{**one, "max_depth": "deep"} for one in tried] + [{"depth": 3}]
    (dataset,) = unchanged(advice, [odd(one) for one in strange])
    assert dataset.n_runs == len(strange)


def odd(configuration):
    return replace(a_run({"n_estimators": 5}, 0.1), configuration=configuration)


def test_fixed_values_and_the_limits_of_the_request_hold(advice, tried):
    runs = runs_on(tried, tried[1])
    unchanged(advice, runs, fixed={"max_depth": 6})
    unchanged(advice, runs, most_seconds=4.9)
    unchanged(advice, runs, most_steps=StepLimit("n_estimators", 99, "trees"))
    allowed, _ = learned(advice, runs, fixed={"max_depth": 5}, most_seconds=5.1)
    assert allowed.configuration == tried[1]
    assert "max_depth" not in allowed.reasons


def test_what_was_measured_on_the_very_rows_keeps_its_place(advice, tried):
    own = replace(advice.evidence, own=OwnRuns(1, 1, {}))
    (dataset,) = unchanged(advice, runs_on(tried, tried[1]), evidence=own)
    assert not dataset.taken


def test_a_long_name_and_one_with_strange_letters_stay_short_and_on_one_line(advice, tried):
    evidence, _ = learned(advice, runs_on(tried, tried[1], dataset="a\n\x1b[2J" * 900))
    for text in (evidence.note, *evidence.reasons.values(), evidence.own_datasets[0].name):
        assert text.isprintable()
        assert len(text) < len(advice.evidence.note) + 300


def test_an_imported_run_is_said_to_be(advice, tried):
    evidence, _ = learned(advice, runs_on(tried, tried[1], imported="2026-11-23T10:00:00+00:00"))
    assert all(", 2026-11-22, imported: log loss" in reason for reason in evidence.reasons.values())


def test_a_configuration_is_not_taken_only_because_it_is_forecast_better(advice, tried):
    recommended = replace(advice.evidence, configuration=tried[3])
    unchanged(advice, runs_on(tried, tried[0]), evidence=recommended)
    unchanged(advice, runs_on(tried, None), evidence=recommended)


def test_equal_losses_everywhere_change_nothing(advice, tried):
    unchanged(advice, runs_on(tried, None))
