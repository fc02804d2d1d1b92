"""The order of the stages: cards, experience, prompt; with an LLM's answer in `consult`; planning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from .cards import describe, feature_matrix, load_table, load_test_table, read_cards, with_columns_counted
from .cards.held_out import check_test_table
from .consult import consult
from .errors import LLMError, StoppedError
from .experience import MOST_ROWS, Advice, Prior, is_recorded, learn, learn_from_others, measure_landmarks
from .experience.anchor import Anchored, anchoring
from .experience.metrics import told_by, with_asked
from .experience.published import published_note
from .ledger.record import read_predictions, record_of_forecasts, records_of_llms
from .llm import Budget, LanguageModel
from .measured import runs_on, runs_on_others
from .planning.build import Situation, build_plan
from .planning.constraints import step_limit
from .planning.families import Family, any_counts_columns, family_named, family_of, plannable, space_for
from .planning.fitting import within_limits
from .planning.names import prefix_for
from .planning.recipes import tabular
from .planning.recipes.data import data_steps
from .prompt import Subject, compose
from .records.card import Cards, ModelCard
from .records.digest import digest_of
from .records.evidence import Forecasting
from .records.metric import judged_by
from .records.plan import Plan
from .records.run import Run, split_of
from .records.space import SearchSpace
from .records.table import TableProfile
from .settings import AutoML


def survey(
    source: str | Mapping[str, Any] | Cards,
    namespace: Mapping[str, Any] | None,
    *,
    frame: Any = None,
    settings: AutoML | None = None,
    name: Callable[[Cards], str] | None = None,
) -> Situation:
    """Go from cards to everything a plan is built from, but for an LLM's answer.

    Parameters
    ----------
    source : str, mapping or Cards
        The cards, as YAML text, as a mapping, or already read.
    namespace : mapping or None
        Where ``frame:`` and ``test_frame:`` are looked up; None outside a notebook.
    frame : DataFrame or None
        Stands for the card's ``frame`` where given.
    name : callable or None
        Gives the prefix of the generated names for the cards; without it, one made from the dataset's name.

    Raises
    ------
    AutoMLError
        One of its kinds, with what to write instead.
    """
    settings = settings or AutoML()
    cards = source if isinstance(source, Cards) else read_cards(source)
    cards, tables = _with_frame(cards, namespace, frame)
    table = load_table(cards, tables)
    cards, profile, notes = describe(cards, table)
    if profile is not None:
        cards = replace(cards, data=tabular.card_as_trained(cards, profile))
        if table is not None and any_counts_columns(cards):
            profile = with_columns_counted(cards, table, profile)
        if namespace is not None or cards.data.split.test_path:
            notes += check_test_table(cards, profile, table, load_test_table(cards, tables))
    names = name(cards) if name else _own_name(cards)
    runs, said = runs_on(table, profile, cards.data, settings.store_place)
    others, said = ({}, said) if said else runs_on_others(cards, runs, settings.store_place)
    landmarks = _landmarks(cards, table, profile)
    first = plannable(cards)[0]
    situation = _situation(cards, profile, first, names, settings, (*notes, *said), runs, others, landmarks)
    return within_limits(situation)


def plan(
    cards: str | Mapping[str, Any],
    *,
    frame: Any = None,
    model: LanguageModel | None = None,
) -> Plan:
    """Plan a task from its cards: the magic without a notebook.

    Parameters
    ----------
    cards : str or mapping
        YAML text, as in a ``%%automl`` cell, or the same as a mapping.
    frame : DataFrame or None
        The data; the card's ``frame`` then only names the variable that the generated code reads.
    model : LanguageModel or None
        From `connect`; without it the plan stands on recorded runs alone.

    Returns
    -------
    Plan
        With ``hyperparameters``, ``curve``, ``code`` and ``prompt``.

    Raises
    ------
    AutoMLError
        If the cards or the data cannot be used, or the LLM gives no answer.
    """
    settings = AutoML()
    situation = survey(cards, None, frame=frame, settings=settings)
    if model is not None:
        consultation = consult(situation, model, budget_of(settings), replan=replanner(settings), settings=settings)
        if consultation.stopped:
            raise StoppedError("the LLM's answer was stopped; without a model the plan stands on recorded runs alone")
        if consultation.fault and consultation.situation.answer is None:
            raise LLMError(consultation.fault)
        situation = consultation.situation
    return build_plan(situation, {})


def budget_of(settings: AutoML) -> Budget:
    """Return the limits of one plan's calls."""
    return Budget(settings.deadline, settings.token_budget, settings.cost_budget)


def replanner(settings: AutoML) -> Callable[[Situation, ModelCard], Situation]:
    """Return what makes the same situation for another of its model cards."""

    def situation_for(before: Situation, model: ModelCard) -> Situation:
        return _situation(
            before.cards,
            before.table,
            model,
            before.names,
            settings,
            before.notes,
            before.runs,
            before.others,
            before.landmarks,
        )

    return situation_for


def _situation(
    cards: Cards,
    profile: TableProfile | None,
    model: ModelCard,
    names: str,
    settings: AutoML,
    notes: tuple[str, ...],
    runs: Mapping[int, Run],
    others: Mapping[int, Run],
    landmarks: Any,
) -> Situation:
    """Ask the recorded runs about one model card, and compose the prompt."""
    space = space_for(model, cards)
    family = family_named(space.family)
    advice = _advice(family, cards, profile, model, space, settings, landmarks)
    models, forecast = plannable(cards), advice.forecast(advice.evidence.configuration)
    subject = Subject(
        cards,
        profile,
        (model, *(other for other in models if other != model)),
        space,
        advice.evidence,
        forecast,
        advice.forecast(space.default),
        data_steps(family, cards.data, profile) if profile else (),
        family.takes_prepared,
        family.open_estimator(cards.data, model.hyperparameters),
        family.objective(cards.data),
        family.step,
    )
    prompt = compose(
        subject,
        most_tokens=settings.prompt_tokens,
        n_candidates=settings.candidates,
        mask_names=settings.mask_names,
    )
    recorded = advice if isinstance(advice, Advice) else None
    published = "" if recorded else published_note(cards.data, model.name)
    earlier = read_predictions(settings.store_place)
    metric = judged_by(cards.data.metrics) or next(iter(forecast.curves))
    situation = Situation(
        cards,
        profile,
        models,
        model,
        space,
        replace(advice.evidence, published=published),
        advice.forecast,
        prompt,
        names,
        notes,
        runs=runs,
        others=others,
        continued=recorded.continued if recorded else None,
        losses=recorded.losses if recorded else None,
        resources=recorded.resources if recorded else None,
        landmarks=landmarks,
        beside=(
            *told_by(cards.data),
            *filter(None, [published]),
            *(_said_of_known(recorded, settings.leave_out_known) if recorded else ()),
            *record_of_forecasts(earlier, space.family, metric),
        ),
        llm_records=records_of_llms(earlier, forecast.loss.metric),
        replan=replanner(settings),
    )
    learned = _learned(situation) if runs or others else situation
    return replace(learned, forecast=with_asked(learned.forecast, cards.data, profile))


def _advice(
    family: Family,
    cards: Cards,
    profile: TableProfile | None,
    model: ModelCard,
    space: SearchSpace,
    settings: AutoML,
    landmarks: Any,
) -> Advice | Anchored | Prior:
    """Ask the recorded runs; of a family without any, a published recipe; without one, say how little is known."""
    most_steps = step_limit(cards.request, family, model.hyperparameters)
    if not is_recorded(family.name, cards.data.task):
        recipe, fixed = anchoring(cards.data, model.name), model.hyperparameters
        if recipe is not None:
            return Anchored(cards.data, recipe, space, fixed, family.rounds, most_steps=most_steps)
        return Prior(cards.data, profile, space, fixed, family.rounds, most_steps=most_steps)
    return Advice(
        cards.data,
        profile,
        space,
        model.hyperparameters,
        seconds=cards.request.most("training_seconds"),
        most_steps=most_steps,
        cache=settings.cache_folder,
        encoder=settings.encoder,
        landmarks=landmarks,
        leave_out_known=settings.leave_out_known,
    )


def _landmarks(cards: Cards, table: Any, profile: TableProfile | None) -> Any:
    """Measure a table by short trainings; None where there is nothing to measure, to compare or to train with."""
    if table is None or profile is None or cards.data.input_type != "tabular" or not find_spec("xgboost"):
        return None
    families = (family_of(model, cards.data) for model in plannable(cards))
    if not any(family and is_recorded(family.name, cards.data.task) for family in families):
        return None
    matrix = feature_matrix(cards, table, profile, MOST_ROWS)
    return measure_landmarks(*matrix) if matrix else None


def _said_of_known(advice: Advice, left_out: bool) -> tuple[str, ...]:
    """Return a note on the recorded dataset that the user's looks like."""
    known = advice.known[:1]
    if left_out:
        return tuple(f"{one.name} was left out: it looks like this dataset." for one in known)
    return tuple(
        f"This looks like the recorded {one.name}: the same {one.reason}. Its own results are part of the evidence; "
        "%config AutoML.leave_out_known = True plans without it."
        for one in known
    )


def _learned(situation: Situation) -> Situation:
    """Lay the user's own runs over the evidence; the prompt stays, so that a recorded answer holds after a training."""
    code = build_plan(situation, {}).code
    fixed, most_seconds = situation.model.hyperparameters, situation.cards.request.most("training_seconds")
    evidence, forecast = learn(
        situation.runs,
        situation.evidence,
        _judged(situation),
        space=situation.space,
        fixed=fixed,
        split=split_of(situation.cards.data.split),
        code=digest_of([code[stage] for stage in ("data", "model") if stage in code]),
        most_seconds=most_seconds,
        most_steps=situation.most_steps,
    )
    evidence, forecast = learn_from_others(
        situation.others,
        evidence,
        forecast,
        space=situation.space,
        fixed=fixed,
        preprocessing=digest_of([code["data"]]) if "data" in code else "",
        most_seconds=most_seconds,
        most_steps=situation.most_steps,
    )
    return replace(situation, evidence=evidence, forecast=forecast)


def _judged(situation: Situation) -> Forecasting:
    """Return the forecast whose first metric runs are judged by: what is asked for where some measured it, the loss."""
    asked = with_asked(situation.forecast, situation.cards.data, situation.table)
    metric, split = judged_by(situation.cards.data.metrics), split_of(situation.cards.data.split)
    alike = (run for run in situation.runs.values() if run.family == situation.space.family and run.split == split)
    return asked if any(metric in run.curves for run in alike) else situation.forecast


def _with_frame(cards: Cards, namespace: Mapping[str, Any] | None, frame: Any) -> tuple[Cards, Mapping[str, Any]]:
    """Return the cards and the tables they name, ``frame`` standing for the card's own."""
    tables = namespace or {}
    if frame is not None:
        name = cards.data.frame or "frame"
        return replace(cards, data=replace(cards.data, frame=name, path=None, dataset=None)), {**tables, name: frame}
    if namespace is None and cards.data.frame:
        raise cards.error("data.frame", f"pass the DataFrame itself: plan(cards, frame={cards.data.frame})")
    return cards, tables


def _own_name(cards: Cards) -> str:
    frames = (cards.data.frame, cards.data.split.test_frame)
    return prefix_for(cards.data.name, [frame for frame in frames if frame])
