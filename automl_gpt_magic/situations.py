"""From what a survey found to a situation: what runs and recipes say of one model card, and the prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from .experience import Advice, Prior, Sample, is_recorded, learn, learn_from_others
from .experience.anchor import Anchored, anchoring
from .experience.metrics import told_by, with_asked
from .experience.published import published_note
from .ledger.predictions import Prediction
from .ledger.record import read_predictions, record_of_forecasts, records_of_llms
from .planning.build import Situation, build_plan
from .planning.constraints import step_limit
from .planning.families import family_named, plannable, space_for
from .planning.recipes.data import data_steps
from .prompt import Subject, compose
from .records.card import Cards, ModelCard
from .records.digest import digest_of
from .records.evidence import Forecasting
from .records.metric import judged_by
from .records.prompt import Prompt
from .records.run import Run, split_of
from .records.space import SearchSpace
from .records.table import TableProfile
from .settings import AutoML

_Advice = Advice | Anchored | Prior


@dataclass(frozen=True, eq=False)
class Surveyed:
    """What is known of cards and data whatever the model: a situation without what is said of its model card."""

    cards: Cards
    table: TableProfile | None
    names: str
    notes: tuple[str, ...]
    runs: Mapping[int, Run]
    others: Mapping[int, Run]
    sample: Sample | None


def replanner(settings: AutoML) -> Callable[[Situation, ModelCard], Situation]:
    """Return what makes the same situation for another of its model cards."""

    def situation_for(before: Situation, model: ModelCard) -> Situation:
        surveyed = Surveyed(
            before.cards, before.table, before.names, before.notes, before.runs, before.others, before.sample
        )
        return situation_of(surveyed, model, settings)

    return situation_for


def situation_of(surveyed: Surveyed, model: ModelCard, settings: AutoML) -> Situation:
    """Ask the recorded runs about one model card, compose the prompt, and lay the user's own runs over it."""
    space = space_for(model, surveyed.cards)
    advice = _advice(surveyed, model, space, settings)
    situation = _advised(surveyed, advice, _subject(surveyed, model, space, advice), settings)
    learned = _learned(situation) if surveyed.runs or surveyed.others else situation
    return replace(learned, forecast=with_asked(learned.forecast, surveyed.cards.data, surveyed.table))


def _advice(surveyed: Surveyed, model: ModelCard, space: SearchSpace, settings: AutoML) -> _Advice:
    """Ask the recorded runs; of a family without any, a published recipe; without one, say how little is known."""
    cards, table, sample, family = surveyed.cards, surveyed.table, surveyed.sample, family_named(space.family)
    most_steps = step_limit(cards.request, family, model.hyperparameters)
    if not is_recorded(family.name, cards.data.task):
        recipe, fixed = anchoring(cards.data, model.name), model.hyperparameters
        if recipe is not None:
            return Anchored(cards.data, recipe, space, fixed, family.rounds, most_steps=most_steps)
        return Prior(cards.data, table, space, fixed, family.rounds, most_steps=most_steps)
    return Advice(
        cards.data,
        table,
        space,
        model.hyperparameters,
        seconds=cards.request.most("training_seconds"),
        most_steps=most_steps,
        cache=settings.cache_folder,
        encoder=settings.encoder,
        landmarks=sample.landmarks if sample else None,
        tryout=sample.tryout if sample else None,
        leave_out_known=settings.leave_out_known,
    )


def _subject(surveyed: Surveyed, model: ModelCard, space: SearchSpace, advice: _Advice) -> Subject:
    """Return what the prompt is about."""
    cards, table, family = surveyed.cards, surveyed.table, family_named(space.family)
    return Subject(
        cards,
        table,
        (model, *(other for other in plannable(cards) if other != model)),
        space,
        advice.evidence,
        advice.forecast(advice.evidence.configuration),
        advice.forecast(space.default),
        data_steps(family, cards.data, table) if table else (),
        family.takes_prepared,
        family.open_estimator(cards.data, model.hyperparameters),
        family.objective(cards.data),
        family.step,
    )


def _advised(surveyed: Surveyed, advice: _Advice, subject: Subject, settings: AutoML) -> Situation:
    """Return the situation as it is without the user's own runs."""
    cards, model = surveyed.cards, subject.models[0]
    recorded = advice if isinstance(advice, Advice) else None
    published = "" if recorded else published_note(cards.data, model.name)
    earlier = read_predictions(settings.store_place)
    return Situation(
        cards,
        surveyed.table,
        plannable(cards),
        model,
        subject.space,
        replace(advice.evidence, published=published),
        advice.forecast,
        _prompt(subject, settings),
        surveyed.names,
        surveyed.notes,
        runs=surveyed.runs,
        others=surveyed.others,
        continued=recorded.continued if recorded else None,
        losses=recorded.losses if recorded else None,
        resources=recorded.resources if recorded else None,
        sample=surveyed.sample,
        beside=(
            *told_by(cards.data),
            *filter(None, [published]),
            *(_said_of_known(recorded, settings.leave_out_known) if recorded else ()),
            *_record_of_forecasts(earlier, subject),
        ),
        llm_records=records_of_llms(earlier, subject.forecast.loss.metric),
        replan=replanner(settings),
    )


def _prompt(subject: Subject, settings: AutoML) -> Prompt:
    return compose(
        subject,
        most_tokens=settings.prompt_tokens,
        n_candidates=settings.candidates,
        mask_names=settings.mask_names,
    )


def _record_of_forecasts(earlier: Sequence[Prediction], subject: Subject) -> tuple[str, ...]:
    metric = judged_by(subject.cards.data.metrics) or next(iter(subject.forecast.curves))
    return record_of_forecasts(earlier, subject.space.family, metric)


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
