"""Plans made by hand, for tests and for looking at the panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from automl_gpt_magic.records.answer import Answer, Candidate, CodeReport, Refused
from automl_gpt_magic.records.card import BINARY, REGRESSION, Cards, DataCard, Label, ModelCard, Request
from automl_gpt_magic.records.curve import Curve, quantiles_within
from automl_gpt_magic.records.evidence import Continuation, Evidence, Forecast, Neighbour
from automl_gpt_magic.records.exchange import Arrival, Offer
from automl_gpt_magic.records.plan import Check, LLMCode, Plan, PlannedValue, Step
from automl_gpt_magic.records.request import Constraint
from automl_gpt_magic.records.run import Measured, Spread
from automl_gpt_magic.records.space import Parameter, SearchSpace
from automl_gpt_magic.records.table import Column, TableProfile

CALLBACKS = (
    *("on_edit", "on_reset", "on_update_cells", "on_code", "on_train", "on_tune", "on_cancel", "on_take_best"),
    *("on_next", "on_lock", "on_ask", "on_take", "on_reject", "on_undo", "on_redo", "on_go", "on_model"),
)
HOSTILE = '<script>alert(1)</script>" onload="x\' & <b>bold</b> ${x} \u202eabc'

SPACE = SearchSpace(
    "XGBoost",
    (
        Parameter("learning_rate", "float", 0.3, 0.005, 0.5, log=True, meaning="shrinkage of each tree"),
        Parameter("n_estimators", "int", 100, 1, 600, log=True, meaning="boosting rounds"),
        Parameter("max_depth", "int", 6, 2, 12, meaning="depth of a tree"),
        Parameter("subsample", "float", 1.0, 0.5, 1, meaning="share of rows for each tree"),
        Parameter("reg_lambda", "float", 1.0, 0.001, 30, log=True, meaning="L2 penalty on leaf values"),
        Parameter("max_delta_step", "float", 0.0),
        Parameter("grow_policy", "choice", "depthwise", choices=("depthwise", "lossguide")),
    ),
)
PROPOSED = {
    "learning_rate": 0.08,
    "n_estimators": 420,
    "max_depth": 6,
    "subsample": 0.7,
    "reg_lambda": 1.2345678,
    "max_delta_step": 0.0,
    "grow_policy": "depthwise",
}
_SOURCES = {"max_depth": "user", "max_delta_step": "default", "grow_policy": "default"}
_REASON = "inside the best half of 2 of 2 neighbours; together they prefer {0:.3g}"

_COLUMNS = [Column(f"n{i}", "numeric", 0.1 * (i < 1), 50) for i in range(6)] + [
    Column(f"c{i}", "categorical", 0.01 * (i < 2), 9) for i in range(8)
]


def adult(edits: Mapping[str, Any] | None = None, **changes: Any) -> Plan:
    """The plan of UCI Adult with XGBoost: two near neighbours, one value fixed by the card."""
    edits = edits or {}
    values = tuple(_value(parameter.name, edits) for parameter in SPACE.parameters)
    chosen = {planned.name: planned.value for planned in values}
    fields: dict[str, Any] = {
        "cards": Cards(
            _adult_card(),
            request=Request("at most 20 s of training", constraints=(Constraint("training_seconds", 20),)),
        ),
        "table": TableProfile(tuple(_COLUMNS), 32561, 0, ("<=50K", ">50K"), (24720, 7841), target="income"),
        "model": ModelCard("XGBoost", "gradient-boosted decision trees", hyperparameters={"max_depth": 6}),
        "space": SPACE,
        "evidence": near(),
        "values": values,
        "forecast": forecast(chosen),
        "default_forecast": forecast(SPACE.default),
        "data_steps": (
            Step("split off a validation part", "20% of the rows, seed 0, same class shares"),
            Step("keep numbers as they are", "trees need no scaling; missing and infinite become NaN"),
            Step("ordinal codes for categories", "learned on the training part; unseen become NaN"),
        ),
        "model_steps": (
            Step(f"{chosen['n_estimators']} trees of depth at most 6", "each tree corrects the sum of those before it"),
            Step("objective binary:logistic", "the loss for binary classification; output: one probability"),
        ),
        "checks": (Check("training at most 20 s", True, "predicted 14 s on one core, like the recorded runs"),),
        "code": {},
        "prompt": "",
        "names": "adult",
        "step": "boosting round",
        "rounds": "n_estimators",
        "next_code": {"predict": "1", "importance": "2", "threshold": "3"},
        "revision": "12345678",
    }
    return Plan(**{**fields, **changes})


def _adult_card() -> DataCard:
    return DataCard(
        "UCI Adult",
        task=BINARY,
        description="Census records of 1994; does a person earn more than 50,000 dollars a year?",
        metrics=("log_loss", "accuracy"),
        n_rows=32561,
        n_features=14,
        n_numeric=6,
        n_categorical=8,
        class_balance={"<=50K": 0.759, ">50K": 0.241},
        missing_fraction=0.009,
        target="income",
    )


def _value(name: str, edits: Mapping[str, Any]) -> PlannedValue:
    proposed, source = PROPOSED[name], _SOURCES.get(name, "neighbour")
    reason = {"user": "fixed by your model card", "default": "XGBoost's own default"}.get(source, "")
    reason = reason or _REASON.format(proposed)
    if name in edits and edits[name] != proposed:
        return PlannedValue(name, edits[name], "user", "set by you", proposed, source, reason)  # type: ignore[arg-type]
    return PlannedValue(name, proposed, source, reason, proposed, source, reason)  # type: ignore[arg-type]


def near() -> Evidence:
    """Two neighbours near enough."""
    why = "same task; 22,272 rows, 12 features (8 categorical), 36% in the smaller class"
    neighbours = (
        Neighbour("hi", "HI", 0.6, 0.81, why, {}, 0.5, 0.55, 64),
        Neighbour("benefits", "Benefits", 0.4, 0.72, why, {}, 0.5, 0.55, 64),
    )
    return Evidence(neighbours, PROPOSED, {}, True, 0.6, 62, 128, nearest=0.81)


def forecast(values: Mapping[str, Any], scale: float = 1.0) -> Forecast:
    """Curves that fall, with an interval; learning rate and row share move where they end."""
    rounds, rate = int(values["n_estimators"]), float(values["learning_rate"])
    steps = np.arange(1, rounds + 1)
    end = 0.2838 + 0.01 * abs(values["subsample"] - 0.85) + 0.07 * max(0.0, rate - 0.2)
    value = end + 0.22 * np.exp(-steps * rate * 0.9) + 0.048 * np.exp(-steps * rate * 0.2)
    value += 0.0004 * (np.clip(steps - 0.84 * rounds, 0, None) / 60) ** 2
    half = 0.012 + 0.03 * np.exp(-steps * rate / 3)
    band = quantiles_within((value - half) * scale, value * scale, (value + half) * scale)
    loss = Curve("log_loss", steps, value * scale, value * 0.9 * scale, band)
    right = 0.98 - 0.4 * value
    accuracy = Curve("accuracy", steps, right, None, quantiles_within(right - half / 2, right, right + half / 2))
    return Forecast({"log_loss": loss, "accuracy": accuracy}, 0.034 * rounds)


def measured(plan: Plan, rounds: int, *, finished: bool = False, off: float = -0.004, **changes: Any) -> Measured:
    """A training of the plan's own values, ``off`` from the forecast."""
    curves = {
        metric: Curve(metric, curve.steps[:rounds], curve.value[:rounds] + off, source="measured")
        for metric, curve in plan.forecast.curves.items()
    }
    planned = int(plan.curve.steps[-1])
    fields: dict[str, Any] = {
        "names": plan.names,
        "revision": plan.revision,
        "hyperparameters": plan.hyperparameters,
        "curves": curves,
        "seconds": 0.033 * rounds,
        "planned_steps": planned,
        "finished": finished,
    }
    return Measured(**{**fields, **changes})


def under_way(
    plan: Plan, rounds: int, *, default: float = 0.29, note: str = "", off: float = -0.004, **changes: Any
) -> Measured:
    """A training that runs, with what it is expected still to do: the forecast's rest at the measured level.

    The default is expected to come to this log loss.
    """
    run = measured(plan, rounds, off=off)
    curves = {metric: _rest(curve, run.curves[metric]) for metric, curve in plan.forecast.curves.items()}
    expected = {"log_loss": default, "accuracy": 0.98 - 0.4 * default}
    rest = Continuation(Forecast(curves, plan.forecast.seconds, note), expected)
    return replace(run, **{"rest": rest, **changes})


def _rest(predicted: Curve, run: Curve) -> Curve:
    assert predicted.quantiles is not None
    begun = len(run.steps)
    value = np.append(run.value[-1], predicted.value[begun:] + run.value[-1] - predicted.value[begun - 1])
    wider = np.linspace(0, 0.5, len(value)) * (predicted.quantiles - predicted.value)[:, begun - 1 :]
    return Curve(predicted.metric, predicted.steps[begun - 1 :], value, None, value + wider)


def overfitting(**changes: Any) -> Plan:
    """Adult with a log loss that rises again after round 150 while the training loss goes on falling."""
    plan = adult()
    value = plan.curve.value + 0.00004 * np.clip(plan.curve.steps - 150, 0, None)
    band = quantiles_within(value - 0.012, value, value + 0.012)
    loss = replace(plan.curve, value=value, quantiles=band, **changes)
    return replace(plan, forecast=Forecast({**plan.forecast.curves, "log_loss": loss}, plan.forecast.seconds))


def regression(edits: Mapping[str, Any] | None = None) -> Plan:
    """House prices: large numbers, no classes."""
    plan = adult(edits)
    card = replace(
        plan.cards.data, name="House prices", task=REGRESSION, target="price", class_balance={}, metrics=("rmse",)
    )
    return replace(
        plan,
        cards=replace(plan.cards, data=card),
        forecast=_dollars(plan.forecast),
        default_forecast=_dollars(plan.default_forecast),
    )


def _dollars(given: Forecast) -> Forecast:
    loss, scale = given.curves["log_loss"], 184_000.0
    assert loss.quantiles is not None
    return Forecast(
        {"rmse": Curve("rmse", loss.steps, loss.value * scale, None, loss.quantiles * scale)}, given.seconds
    )


def lopsided() -> Plan:
    """Adult with an interval that reaches further up than down, as the recorded residuals do."""
    plan = adult()
    curve = plan.curve
    wide = replace(curve, quantiles=quantiles_within(curve.value - 0.1, curve.value, curve.value + 0.4))
    return replace(plan, forecast=Forecast({**plan.forecast.curves, "log_loss": wide}, plan.forecast.seconds))


def regression_card_only() -> Plan:
    """House prices without a table: nothing tells the target's unit."""
    return replace(regression(), table=None, data_steps=(), checks=())


def locked(*names: str, edits: Mapping[str, Any] | None = None) -> Plan:
    """Adult with these values locked."""
    plan = adult(edits)
    return replace(plan, values=tuple(replace(one, locked=one.name in names) for one in plan.values))


def card_only() -> Plan:
    """A card without numbers and without a table."""
    plan = adult()
    card = DataCard("Churn", task=BINARY, label_space=(Label("stays"), Label("leaves", "cancels within a month")))
    return replace(plan, cards=Cards(card), table=None, data_steps=(), checks=())


def abstaining() -> Plan:
    """Nothing recorded is near: the best on average, marked as prior."""
    plan = adult()
    values = tuple(
        replace(planned, source="prior", proposed_source="prior") if planned.source == "neighbour" else planned
        for planned in plan.values
    )
    far = replace(near(), near=False, neighbours=(Neighbour("v", "Vehicle", 1.0, 0.34, "same task", {}, 1, 1, 64),))
    return replace(plan, values=values, evidence=far)


MODEL, HOST = "example-model", "llm.example.org"
OFFER = Offer(MODEL, HOST, 2140, 2000, 0.02)
TECHNIQUES = (
    ("ordinal codes", "trees split on them"),
    ("log of capital gain", "a long tail"),
    ("drop fnlwgt", "a sampling weight, not a feature"),
)
DATA_CODE = "def prepare(frame):\n    frame = frame.drop(columns=['fnlwgt'])\n    return frame\n"
MODEL_CODE = "import os\n\n\ndef build():\n    os.system('ls')\n"
LLM_VALUES = {"learning_rate": 0.05, "n_estimators": 500, "reg_lambda": 2.0, "subsample": 1.7}


def draft(values: int = 4, *, whole: bool = False) -> dict[str, Any]:
    """An answer of which so many values of the first candidate have arrived."""
    listed = [{"name": name, "value": value, "reason": f"why {name}"} for name, value in LLM_VALUES.items()]
    arrived: dict[str, Any] = {
        "data_processing": {
            "techniques": [{"technique": what, "reason": why} for what, why in TECHNIQUES],
            "code": DATA_CODE,
        },
        "model": {"card": "XGBoost", "why": "mixed columns", "layers": [], "activations": "none", "loss": "log loss"},
        "candidates": [{"hyperparameters": listed[:values]}],
    }
    return {**arrived, "notes": "watch the tail of capital gain"} if whole else arrived


def arrival(given: Any = None, **changes: Any) -> Arrival:
    """An answer whose third stage is arriving."""
    fields: dict[str, Any] = {
        "offer": OFFER,
        "seconds": 6.2,
        "tokens": 812,
        "cost": 0.006,
        "draft": draft() if given is None else given,
        "finished": ("data_processing", "model"),
    }
    return Arrival(**{**fields, **changes})


def own_log(metric: str = "log_loss") -> Curve:
    """What the LLM itself predicts, at five rounds."""
    return Curve(metric, np.array([50, 150, 250, 350, 420]), np.array([0.33, 0.3, 0.288, 0.281, 0.277]))


def with_llm(edits: Mapping[str, Any] | None = None, **changes: Any) -> Plan:
    """Adult with an LLM's answer laid over it: one value replaced, one piece of code in the cell, one refused."""
    plan = adult(edits)
    values = tuple(
        replace(one, value=LLM_VALUES[one.name], proposed=LLM_VALUES[one.name], source="llm", proposed_source="llm")
        if one.name in LLM_VALUES and one.name != "subsample" and not one.edited
        else one
        for one in plan.values
    )
    chosen = {one.name: one.value for one in values}
    data, model = CodeReport(DATA_CODE), CodeReport(MODEL_CODE, ("calls os.system",), ())
    refused = (
        Refused("subsample", "1.7", "above 1", "0.7 from neighbours"),
        Refused("model code", "import os…", "calls os.system", "the recipe's code"),
    )
    fields: dict[str, Any] = {
        "values": values,
        "forecast": forecast(chosen),
        "llm": MODEL,
        "answer": Answer(
            TECHNIQUES,
            data,
            "XGBoost",
            "mixed columns and few rows",
            (("500 trees", "slow learning needs many"),),
            model,
            (),
            "Watch the tail of capital gain.",
            refused,
            given=15,
            taken=12,
        ),
        "llm_code": {"data": LLMCode(data, True), "model": LLMCode(model, False)},
        "candidates": (
            Candidate("LLM 1", "llm", chosen, forecast(chosen).curves["log_loss"].final, 17.0, own_log=own_log()),
            Candidate("recorded runs", "neighbour", PROPOSED, 0.288, 12.0),
            Candidate("LLM 2", "llm", chosen, 0.281, 95.0, own_log=own_log(), ruled_out="training over 20 s"),
            Candidate("default", "default", SPACE.default, 0.292, 4.0),
        ),
        "chosen": "LLM 1",
        "chosen_because": "LLM 1 is predicted best of 3 within the limits: 0.286.",
        "revision": "87654321",
    }
    return replace(plan, **{**fields, **changes})


def hostile_llm() -> Plan:
    """Markup and great length in every text of an LLM's answer."""
    text = HOSTILE + "\ud800" + "y" * 300
    report = CodeReport(f"</code></pre>{text}\n\u202e#", (), (text,) * 30)
    plan = with_llm()
    log = own_log()
    answer = Answer(
        ((text, text),) * 30,
        report,
        text,
        text,
        ((text, text),),
        report,
        (),
        text,
        (Refused(text, text, text, text),) * 40,
    )
    return replace(
        plan,
        llm=text,
        replayed=text,
        answer=replace(answer, given=2, taken=1),
        llm_code={"data": LLMCode(report, True), "model": LLMCode(replace(report, errors=(text,) * 30), False)},
        candidates=tuple(Candidate(f"{text}{i}", "llm", {}, 0.3, 1.0, {}, log, text) for i in range(20)),
        chosen=f"{text}15",
        chosen_because=text,
    )


def hostile() -> Plan:
    """Markup, quotes, a turned direction and great length in every text that comes from outside."""
    text, long = HOSTILE, "x" * 200
    plan = adult()
    card = replace(
        plan.cards.data,
        name=HOSTILE + long,
        description=text,
        target=text,
        class_balance={text: 0.5, "عربي": 0.3, **{f"class {i}": 0.01 for i in range(20)}},
    )
    space = SearchSpace(text, (*SPACE.parameters, Parameter(text, "choice", text, choices=(text, "b"), meaning=text)))
    value = PlannedValue(text, "b", "user", text, text, "llm", text)
    columns = tuple(Column(f"{text}{i}", "numeric", 0.5) for i in range(400))
    neighbours = tuple(replace(n, name=text + long, why=text, weight=n.weight / 6) for n in near().neighbours) * 6
    return replace(
        plan,
        cards=Cards(card, request=Request(text)),
        table=TableProfile(columns, 10, target=text),
        model=ModelCard(text + long, text, text, {text: text}, text),
        space=space,
        values=(*plan.values, value),
        evidence=replace(near(), neighbours=neighbours, note=text),
        data_steps=(Step(text, text),) * 30,
        model_steps=(Step(text, text),),
        checks=(Check(text, None, text), Check("b", False, text)),
        llm=text + long,
        notes=(text,),
    )


def spread(plan: Plan, mean: float = 0.284, deviation: float = 0.006) -> Spread:
    """Fifteen scores of the plan's own values, with this mean and standard deviation."""
    places = np.linspace(-1, 1, 15)
    scores = mean + deviation * places / places.std(ddof=1)
    return Spread(plan.names, plan.hyperparameters, {"log_loss": tuple(scores), "accuracy": tuple(1 - 0.5 * scores)})
