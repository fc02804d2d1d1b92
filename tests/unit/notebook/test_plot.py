"""The curve: what is drawn, in which colours, and that it stays where it is."""

from __future__ import annotations

import base64
import re
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

import numpy as np
import plans
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from automl_gpt_magic.notebook import plan_wording, plot, training_wording
from automl_gpt_magic.notebook.frame import AXIS_HEIGHT, WIDTH, place, spread
from automl_gpt_magic.notebook.spoken import spoken
from automl_gpt_magic.records.curve import Curve, quantiles_within
from automl_gpt_magic.records.evidence import Continuation, Forecast


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_colour_follows_the_theme() -> None:
    plan = plans.adult()
    svg = plot.svg(plan, "log_loss", plans.measured(plan, 420, finished=True))
    fills = re.findall(r"(?:fill|stroke): ?([^;\"]+)", svg)
    assert {colour for colour in fills if colour != "none" and not colour.startswith("var(--ag-")} == set()
    used = set(re.findall(r"var\(--ag-(\w+), #", svg))
    assert used == {"text", "muted", "axis", "grid", "plan", "band", "outer", "default", "measured"}


def test_the_picture_keeps_to_itself_in_a_page() -> None:
    svg = plot.svg(plans.adult(), "log_loss", salt="one")
    assert svg.startswith("<svg ")
    assert "<style" not in svg and "font-family" not in svg and "<metadata" not in svg
    ids = set(re.findall(r"\bid=\"([^\"]*)\"", svg))
    assert ids and all(f"#{name}" in svg for name in ids)
    assert not ids & set(re.findall(r"\bid=\"([^\"]*)\"", plot.svg(plans.adult(), "log_loss", salt="two")))


def test_lines_carry_their_names_and_numbers() -> None:
    shown = texts(plot.svg(plans.adult(), "log_loss"))
    assert {"predicted", "0.286", "0.274 – 0.298", "default", "0.292", "best round 363", "predicted, not run"} <= set(
        shown
    )
    assert "Validation log loss" in shown


def test_a_training_is_laid_over_the_prediction() -> None:
    plan = plans.adult()
    under_way = texts(plot.svg(plan, "log_loss", plans.measured(plan, 180)))
    assert {"training: round 180 of 420", "round 180: 0.284"} <= set(under_way)
    assert "best round 363" not in under_way
    done = texts(plot.svg(plan, "log_loss", plans.measured(plan, 420, finished=True)))
    assert done.count("measured") == 2 and "0.282" in done


def test_a_metric_that_was_not_measured_stays_predicted() -> None:
    plan = plans.adult()
    run = plans.measured(plan, 420, finished=True)
    only_loss = replace(run, curves={"log_loss": run.curves["log_loss"]})
    assert "predicted, not run" in texts(plot.svg(plan, "accuracy", only_loss))


def test_the_default_plan_is_drawn_once() -> None:
    plan = plans.adult(plans.SPACE.default)
    assert "default" not in texts(plot.svg(plan, "log_loss"))
    assert "this plan is the default" in spoken(plan, "log_loss")


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # Matplotlib 3.9 looks for it in its own font
def test_the_sentence_for_screen_readers_is_escaped() -> None:
    plan = plans.adult()
    curves = {plans.HOSTILE: replace(plan.curve, metric=plans.HOSTILE)}
    svg = plot.svg(replace(plan, forecast=Forecast(curves, 1.0)), plans.HOSTILE)
    assert "<script>" not in svg and "<b>" not in svg
    label = ElementTree.fromstring(svg).attrib["aria-label"]
    assert label.startswith(f"Predicted validation {plans.HOSTILE} by boosting round, not run")
    assert f"Validation {plans.HOSTILE}" in texts(svg)


def test_limits_hold_the_settled_part_and_let_the_start_run_out() -> None:
    plan = plans.adult()
    low, high = plot.limits(plan, "log_loss")
    curve = plan.curve
    assert curve.lower is not None and curve.upper is not None
    assert low < curve.lower.min() and curve.upper[-1] < high < curve.value[0]
    low, high = plot.limits(plan, "accuracy")
    accuracy = plan.forecast.curves["accuracy"]
    assert accuracy.value[0] < low < accuracy.value[-1] < high


def test_the_start_of_a_training_does_not_squash_the_axis() -> None:
    plan = plans.adult()
    for rounds in (1, 20, 60):
        run = plans.measured(plan, rounds)
        assert plot.limits(plan, "log_loss", run) == plot.limits(plan, "log_loss")
        assert f"round {rounds}: {run.curves['log_loss'].final:.3f}" in texts(plot.svg(plan, "log_loss", run))
    low, _ = plot.limits(plan, "log_loss", plans.measured(plan, 420, finished=True, off=-0.1))
    assert low < plan.curve.final - 0.1


@pytest.mark.parametrize(("off", "below"), [(-0.004, True), (0.004, False)])
def test_the_note_on_a_training_keeps_off_the_prediction(off: float, below: bool) -> None:
    plan = plans.adult()
    axes = plot.draw(plan, "log_loss", plans.measured(plan, 180, off=off)).axes[0]
    note = next(text for text in axes.texts if text.get_text().startswith("round 180"))
    height = place(axes, 180, plan.curve.value[179] + off)[1]
    assert bool(note.get_position()[1] * AXIS_HEIGHT < height) is below


def test_values_that_are_not_finite_are_left_out() -> None:
    plan = plans.adult()
    run = plans.measured(plan, 420, finished=True)
    loss = run.curves["log_loss"]
    broken = replace(loss, value=np.where(loss.steps > 400, np.nan, loss.value))
    assert "0.282" in texts(plot.svg(plan, "log_loss", replace(run, curves={"log_loss": broken})))
    nothing = replace(loss, value=np.full(420, np.inf))
    assert "predicted, not run" in texts(plot.svg(plan, "log_loss", replace(run, curves={"log_loss": nothing})))


def test_an_early_best_round_is_inside_the_axis() -> None:
    curve = plans.adult().curve
    dip = np.where(curve.steps == 3, 0.1, curve.value)
    plan = plans.adult(forecast=Forecast({"log_loss": replace(curve, value=dip)}, 1.0))
    assert plot.limits(plan, "log_loss")[0] < 0.1


def test_limits_only_widen() -> None:
    assert plot.widened((1.0, 2.0), (1.5, 1.8)) == (1.0, 2.0)
    assert plot.widened((1.0, 2.0), (0.5, 3.0)) == (0.5, 3.0)


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [1e-9, 1e-9, 1e-9], [5e7, 4e7, 3e7], [0.25]])
def test_curves_at_the_edges_are_drawn(values: list[float]) -> None:
    steps = np.arange(1, len(values) + 1)
    flat = Forecast({"rmse": Curve("rmse", steps, np.array(values))}, 0.0)
    plan = replace(plans.adult(), forecast=flat, default_forecast=flat)
    assert "nan" not in plot.svg(plan, "rmse").lower()


def test_ticks_are_all_different() -> None:
    shown = texts(plot.svg(plans.adult(plans.SPACE.default), "log_loss"))
    ticks = [float(text) for text in shown if re.fullmatch(r"0\.\d\d", text)]
    assert len(set(np.diff(ticks).round(9))) == 1


def test_labels_are_pushed_apart_inside_the_axis() -> None:
    heights = spread([100.0, 100.5, 101.0, 400.0])
    assert np.diff(heights).min() > 17 and max(heights) <= 224


def test_the_line_under_a_label_keeps_off_the_next_one() -> None:
    low, high = spread([100.0, 104.0], [0, 13])
    assert high - low > 30
    assert spread([0.0, 1.0], [13, 0])[0] >= 17


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the texts that overlap, and those that run out of the picture twice."""
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.axes[0].texts if text.get_text()]
    pairs = [(a, b) for i, (a, one) in enumerate(boxes) for b, other in boxes[:i] if one.overlaps(other)]
    return pairs + [(text, text) for text, box in boxes if box.x1 > WIDTH]


@pytest.mark.parametrize("run", [None, 420])
def test_no_texts_overlap(run: int | None) -> None:
    plan = plans.lopsided()
    assert overlapping(plot.draw(plan, "log_loss", plans.measured(plan, run, finished=True) if run else None)) == []


@pytest.mark.parametrize(("scale", "shown"), [(184_000.0, "50,400 – 54,800"), (4e6, "1,100,000 – 1,190,000")])
def test_long_intervals_stay_inside_the_picture(scale: float, shown: str) -> None:
    plan = plans.adult()
    curve = plan.curve
    assert curve.quantiles is not None
    large = Curve("rmse", curve.steps, curve.value * scale, None, curve.quantiles * scale)
    plan = replace(plan, forecast=Forecast({"rmse": large}, 1.0))
    figure = plot.draw(plan, "rmse")
    figure.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}
    assert shown in boxes and max(box.x1 for box in boxes.values()) <= WIDTH


def test_the_band_claims_no_more_than_it_was_fitted_for() -> None:
    plan = plans.adult()
    assert plan_wording.BANDS in texts(plot.svg(plan, "log_loss"))
    line = replace(plan, forecast=Forecast({"log_loss": replace(plan.curve, quantiles=None)}, 1.0))
    assert plan_wording.BANDS not in texts(plot.svg(line, "log_loss"))


def test_the_unit_stands_under_the_title_where_no_table_tells_it() -> None:
    shown = texts(plot.svg(plans.regression_card_only(), "rmse"))
    assert {"Validation RMSE", "in standard deviations of the target"} <= set(shown)
    assert not any("standard deviations" in text for text in texts(plot.svg(plans.regression(), "rmse")))


def test_a_training_that_stopped_is_named() -> None:
    plan = plans.adult()
    stopped = training_wording.Stopped(**vars(plans.measured(plan, 180)))
    svg = plot.svg(plan, "log_loss", stopped)
    assert "stopped: round 180 of 420" in texts(svg) and "round 180: 0.284" in texts(svg)
    assert "Stopped before its end." in ElementTree.fromstring(svg).attrib["aria-label"]


def test_the_own_log_of_the_llm_is_drawn_in_its_colour() -> None:
    plan = plans.with_llm()
    svg = plot.svg(plan, "log_loss")
    assert {"LLM's own", "0.277"} <= set(texts(svg)) and "var(--ag-llm, #8e3a86)" in svg
    assert "the LLM's own log ends at 0.277" in ElementTree.fromstring(svg).attrib["aria-label"]
    assert "LLM's own" not in texts(plot.svg(plan, "accuracy"))
    assert "LLM's own" not in texts(plot.svg(plans.adult(), "log_loss"))
    assert "before your edits" in texts(plot.svg(plans.with_llm({"subsample": 0.9}), "log_loss"))


@pytest.mark.parametrize("values", [[50.0], [np.nan], [], [0.3, -7e8], [0.28, 0.27]])
def test_an_own_log_never_moves_the_limits(values: list[float]) -> None:
    plan = plans.with_llm()
    odd = Curve("log_loss", np.arange(1, len(values) + 1) * 300, np.array(values))
    candidates = tuple(replace(one, own_log=odd) for one in plan.candidates)
    changed = replace(plan, candidates=candidates)
    assert plot.limits(changed, "log_loss") == plot.limits(plan, "log_loss")
    assert "nan" not in plot.svg(changed, "log_loss").lower()


def test_a_plan_with_an_own_log_has_no_overlapping_texts() -> None:
    figure = plot.draw(plans.with_llm({"subsample": 0.9}), "log_loss")
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert max(box.x1 for box in boxes) <= WIDTH


def test_the_picture_that_waits_shows_the_default_only() -> None:
    svg = plot.waiting_svg(plans.with_llm(), "log_loss")
    shown = texts(svg)
    assert {"default", "0.292", "this plan: drawn when stage 3 is complete"} <= set(shown)
    assert not {"predicted", "LLM's own", plan_wording.BANDS} & set(shown)
    assert "drawn when stage 3 is complete" in ElementTree.fromstring(svg).attrib["aria-label"]


def test_the_static_picture_is_opaque_and_twice_the_size() -> None:
    data = base64.b64decode(plot.png(plans.adult(), "log_loss"))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1120, 600)


def test_matplotlib_is_left_as_it_was() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plot.svg(plans.adult(), "log_loss")
    assert dict(matplotlib.rcParams) == before


def test_time_of_a_warm_redraw(capsys: pytest.CaptureFixture[str]) -> None:
    plan, times = plans.adult(), []
    for _ in range(5):
        began = time.perf_counter()
        plot.svg(plan, "log_loss", plans.measured(plan, 400))
        times.append(time.perf_counter() - began)
    with capsys.disabled():
        print(f"\n  warm redraw of the curve: {1000 * sorted(times)[2]:.0f} ms", end=" ")


def test_the_spread_over_the_folds_is_an_error_bar_at_the_last_step() -> None:
    plan = plans.adult()
    alone = plans.measured(plan, 420, finished=True)
    run = replace(alone, spread=plans.spread(plan))
    with_bar, without = (plot.draw(plan, "log_loss", one).axes[0] for one in (run, alone))
    ((bar,), *more) = [container.lines[2] for container in with_bar.containers]
    assert not more and not without.containers
    assert bar.get_segments()[0] == pytest.approx(np.array([[420, 0.278], [420, 0.290]]), abs=1e-6)
    svg = plot.svg(plan, "log_loss", run)
    assert "folds 0.284 ± 0.006" in texts(svg)
    assert "cross-validated 0.284 ± 0.006 (15 folds)" in ElementTree.fromstring(svg).attrib["aria-label"]


def test_a_wide_spread_is_inside_the_axis() -> None:
    plan = plans.adult()
    run = replace(plans.measured(plan, 420, finished=True), spread=plans.spread(plan, deviation=0.1))
    low, high = plot.limits(plan, "log_loss", run)
    assert low < 0.184 and high > 0.384


def test_a_plot_with_folds_has_no_overlapping_texts() -> None:
    plan = plans.lopsided()
    run = replace(plans.measured(plan, 420, finished=True), spread=plans.spread(plan))
    figure = plot.draw(plan, "log_loss", run)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert max(box.x1 for box in boxes) <= WIDTH


@pytest.mark.parametrize("scores", [(), (0.3,), (float("nan"), 0.3)])
def test_less_than_two_scores_have_no_spread(scores: tuple[float, ...]) -> None:
    plan = plans.adult()
    few = replace(plans.spread(plan), scores={"log_loss": scores})
    run = replace(plans.measured(plan, 420, finished=True), spread=few)
    assert not any(text.startswith("folds") for text in texts(plot.svg(plan, "log_loss", run)))


def bands(axes: Axes) -> list[Any]:
    return [polygon.get_xy() for polygon in axes.patches]


def test_the_wider_band_stands_behind_the_narrower_one() -> None:
    plan = plans.adult()
    quantiles = plan.curve.quantiles
    assert quantiles is not None
    wide, narrow = bands(plot.draw(plan, "log_loss").axes[0])
    assert (wide[:, 1].min(), narrow[:, 1].min()) == pytest.approx((quantiles[0].min(), quantiles[2].min()))
    assert wide[len(wide) // 2, 1] == pytest.approx(quantiles[-1, -1])
    svg = plot.svg(plan, "log_loss")
    assert svg.index("var(--ag-outer") < svg.index("var(--ag-band")
    said = ElementTree.fromstring(svg).attrib["aria-label"]
    assert "0.286 (80% interval 0.274 to 0.298; 95% interval 0.268 to 0.304), best at round 363;" in said


def test_the_end_of_the_wider_band_is_inside_the_axis_and_no_accuracy_above_one() -> None:
    plan = plans.lopsided()
    quantiles = plan.curve.quantiles
    assert quantiles is not None
    low, high = plot.limits(plan, "log_loss")
    assert low < quantiles[0, -1] and quantiles[-1, -1] < high
    right = plan.forecast.curves["accuracy"]
    wide = replace(right, quantiles=quantiles_within(right.value - 0.2, right.value, right.value + 0.1))
    assert plot.limits(replace(plan, forecast=Forecast({"accuracy": wide}, 1.0)), "accuracy")[1] == 1.0


def test_where_overfitting_starts_is_marked_beside_the_training_loss() -> None:
    plan = plans.overfitting()
    shown = texts(plot.svg(plan, "log_loss"))
    assert {"best round 185", "overfits after round 228", "training", "0.257"} <= set(shown)
    axes = plot.draw(plan, "log_loss").axes[0]
    assert any(list(line.get_xdata()) == [228, 228] for line in axes.lines)
    assert "best at round 185, overfitting after round 228;" in spoken(plan, "log_loss")
    assert overlapping(plot.draw(plan, "log_loss")) == []
    assert plot.limits(plan, "log_loss") == plot.limits(plans.overfitting(training=None), "log_loss")
    run = plans.measured(plan, 180)
    assert not any("overfits" in text or text == "training" for text in texts(plot.svg(plan, "log_loss", run)))


def test_nothing_is_said_to_overfit_without_a_reason() -> None:
    assert not any("overfits" in text for text in texts(plot.svg(plans.adult(), "log_loss")))
    rising = plans.overfitting(training=np.linspace(0.2, 0.3, 420))
    assert not any("overfits" in text for text in texts(plot.svg(rising, "log_loss")))
    assert not any("overfits" in text for text in texts(plot.svg(plans.overfitting(training=None), "log_loss")))


def test_a_training_under_way_shows_what_is_expected_beyond_it() -> None:
    plan, run = plans.adult(), plans.under_way(plans.adult(), 180)
    shown = texts(plot.svg(plan, "log_loss", run))
    assert {"expected", "0.282", "predicted", "0.286", "default", "0.290", "round 180: 0.284"} <= set(shown)
    assert "0.274 – 0.298" not in shown and "best round 363" not in shown
    axes = plot.draw(plan, "log_loss", run).axes[0]
    assert [int(band[:, 0].min()) for band in bands(axes)] == [180, 180]
    faint = [line for line in axes.lines if line.get_alpha() and len(line.get_xdata()) > 2]
    assert [line.get_ydata()[-1] for line in faint] == [plan.curve.final]
    said = spoken(plan, "log_loss", run)
    assert "at round 180 of 420: 0.284. Expected by now: it ends at 0.282 (80% interval 0.276 to 0.288; 95%" in said
    assert "the default configuration is expected at 0.290. Predicted before it began: this plan ends at 0.286" in said


def test_a_finished_training_is_laid_over_the_first_prediction() -> None:
    plan = plans.adult()
    svg = plot.svg(plan, "log_loss", plans.measured(plan, 420, finished=True))
    assert {"predicted", "0.274 – 0.298", "measured"} <= set(texts(svg)) and "expected" not in texts(svg)


@pytest.mark.parametrize("rounds", [1, 5, 60, 300, 419, 420])
@pytest.mark.parametrize("metric", ["log_loss", "accuracy"])
def test_a_training_under_way_has_no_overlapping_texts(rounds: int, metric: str) -> None:
    for plan in (plans.lopsided(), plans.with_llm({"subsample": 0.9})):
        assert overlapping(plot.draw(plan, metric, plans.under_way(plan, rounds))) == []


def test_the_limits_hold_what_is_expected() -> None:
    plan = plans.adult()
    run = plans.under_way(plan, 300, off=0.2, default=0.7)
    assert run.rest is not None
    low, high = plot.limits(plan, "log_loss", run)
    assert low < plan.curve.final and high > 0.7
    assert run.rest.forecast.curves["log_loss"].final < high


def test_values_that_are_no_numbers_leave_no_band_while_the_training_runs() -> None:
    plan, run = plans.adult(), plans.under_way(plans.adult(), 180)
    loss = run.curves["log_loss"]
    rest = Continuation(Forecast({}, 1.0, "The training diverged."), {})
    for kept in (100, 0):
        value = np.where(loss.steps > kept, np.nan, loss.value)
        broken = replace(run, curves={"log_loss": replace(loss, value=value)}, rest=rest)
        shown = texts(plot.svg(plan, "log_loss", broken))
        assert {"predicted", "training: round 180 of 420"} <= set(shown)
        assert not {plan_wording.BANDS, "0.274 – 0.298", "expected", "best round 363"} & set(shown)
        assert not bands(plot.draw(plan, "log_loss", broken).axes[0])
        assert "no finite numbers any more" in spoken(plan, "log_loss", broken)
        assert "nan" not in plot.svg(plan, "log_loss", broken).lower()


def test_a_metric_that_is_not_measured_keeps_its_prediction() -> None:
    plan, run = plans.adult(), plans.under_way(plans.adult(), 180)
    assert run.rest is not None
    curves = {"log_loss": run.rest.forecast.curves["log_loss"]}
    other = replace(run, curves={"log_loss": run.curves["log_loss"]}, rest=Continuation(Forecast(curves, 1.0), {}))
    shown = texts(plot.svg(plan, "accuracy", other))
    assert {"predicted", "predicted, not run", plan_wording.BANDS} <= set(shown) and "expected" not in shown


def test_steps_beyond_the_forecast_are_inside_the_axis() -> None:
    plan = plans.adult()
    steps = np.arange(1, 501)
    longer = replace(plans.measured(plan, 10), curves={"log_loss": Curve("log_loss", steps, 0.3 + 0.0 * steps)})
    assert plot.draw(plan, "log_loss", longer).axes[0].get_xlim()[1] == 500
    assert "round 500: 0.300" in texts(plot.svg(plan, "log_loss", longer))


def test_a_jump_is_drawn_where_it_is() -> None:
    plan, run = plans.adult(), plans.under_way(plans.adult(), 200)
    loss = run.curves["log_loss"]
    jump = replace(run, curves={"log_loss": replace(loss, value=np.where(loss.steps > 190, 40.0, loss.value))})
    assert plot.limits(plan, "log_loss", jump)[1] > 40
    assert "round 200: 40.000" in texts(plot.svg(plan, "log_loss", jump))


def test_a_training_that_was_stopped_early_is_shown_where_its_model_is_from() -> None:
    plan, run = plans.adult(), plans.measured(plans.adult(), 300, finished=True)
    kept = replace(run, curves={"log_loss": replace(run.curves["log_loss"], kept=250)})
    assert run.curves["log_loss"].value[250] != run.curves["log_loss"].final
    assert f"{run.curves['log_loss'].value[250]:.3f}" in texts(plot.svg(plan, "log_loss", kept))
    axes = plot.draw(plan, "log_loss", kept).axes[0]
    assert any(list(line.get_xdata()) == [251] for line in axes.lines)
