"""An answer on its way: what the slot, the tabs and the stages say while it arrives, and after it was stopped."""

from __future__ import annotations

from html import escape

from ..records.exchange import Arrival
from ..records.plan import Plan
from . import llm_wording, wording
from .draft import PARTS, Draft
from .llm_wording import dollars, short
from .markup import definitions, muted, steps, user

_VALUES_SHOWN = 30


def facts_html(arrival: Arrival, said: str) -> str:
    """Return the slot's row: what arrives, since when, tokens and cost with their ceilings, and what was sent."""
    return (
        f'<dl class="ag-facts ag-arriving" role="group" aria-label="Answer of the LLM">'
        f"{definitions([('Arriving', _stage_html(said)), *_numbers(arrival)])}</dl>"
    )


def _stage_html(said: str) -> str:
    first, colon, rest = said.partition(": ") if said.startswith("stage ") else (said, "", "")
    return f"<b>{user(first, 200)}</b>" + (f"{colon}{user(rest, 200)}" if rest else "")


def _numbers(arrival: Arrival) -> list[tuple[str, str]]:
    offer = arrival.offer
    most = muted(f"of at most {wording.count(offer.most_tokens)}")
    to = muted(f'to {user(offer.host)}<span class="ag-model">, {user(offer.model, 40)}</span>')
    return [
        ("Elapsed", f"{arrival.seconds:.1f} s" if arrival.seconds < 100 else wording.seconds(arrival.seconds)),
        ("Tokens received", f"{wording.count(arrival.tokens)} {most}"),
        ("Cost so far", _cost(arrival)),
        ("Sent", f"about {wording.plural(offer.prompt_tokens, 'token')} {to}"),
    ]


def _cost(arrival: Arrival) -> str:
    most = arrival.offer.most_cost
    if most is None:
        return muted(llm_wording.NO_PRICE)
    if not most:
        return llm_wording.FREE
    if arrival.cost is None:
        return muted(f"at most {dollars(most)}")
    return f"{dollars(arrival.cost)} {muted(f'of at most {dollars(most)}')}"


def progress(arrival: Arrival, draft: Draft, plan: Plan) -> str:
    """Say which stage arrives and how much of it is there, such as ``stage 3 of 4: 5 of 9 values``."""
    if arrival.note:
        return arrival.note
    if not arrival.tokens and not draft.anything:
        return llm_wording.FIRST_WORDS
    detail = _detail(draft, plan, PARTS[draft.current - 1])
    return f"{stage(draft)}: {detail}" if detail else stage(draft)


def stage(draft: Draft) -> str:
    """Return the stage that arrives as ``stage 3 of 4``."""
    return f"stage {draft.current} of {len(PARTS)}"


def _detail(draft: Draft, plan: Plan, part: str) -> str:
    if part == "data_processing":
        return wording.plural(len(draft.techniques), "step") if draft.techniques else ""
    if part == "model":
        return short(draft.card, 40)
    return _candidates(draft, plan) if part == "candidates" else ""


def _candidates(draft: Draft, plan: Plan) -> str:
    if draft.states.get("candidates") == "done" and draft.n_candidates:
        return wording.plural(draft.n_candidates, "candidate")
    if draft.n_candidates > 1:
        return f"candidate {draft.n_candidates}"
    wanted = {planned.name for planned in plan.values if not is_fixed(plan, planned.name)}
    return f"{len(wanted & set(draft.values))} of {wording.plural(len(wanted), 'value')}"


def is_fixed(plan: Plan, name: str) -> bool:
    """Return whether a value is the user's, by card or by table: it stands whatever arrives."""
    return any(one.name == name and "user" in (one.source, one.proposed_source) for one in plan.values)


def titles(draft: Draft, plan: Plan) -> list[str]:
    """Return each tab's title, with what of the stage has arrived in the second line."""
    names = ("1 Data", "2 Model", "3 Hyperparameters and log", "4 Feedback")
    return [f"{name}\n{_state(draft, plan, part)}" for name, part in zip(names, PARTS, strict=True)]


def _state(draft: Draft, plan: Plan, part: str) -> str:
    state = draft.states.get(part, "waiting")
    detail = _detail(draft, plan, part) if state != "waiting" else ""
    return f"{state}: {detail}" if detail else state


def data_html(draft: Draft) -> str:
    """Return the techniques that have arrived."""
    return _arriving(steps(draft.techniques) + _code(draft.data_lines))


def model_html(draft: Draft) -> str:
    """Return the model that has arrived, and why."""
    chosen = [("Model", user(draft.card) if draft.card else ""), ("Why", user(draft.why, 600) if draft.why else "")]
    listed = [*chosen, *((name.capitalize(), user(text, 300)) for name, text in draft.details)]
    shown = definitions(listed)
    return _arriving((f'<dl class="ag-stack">{shown}</dl>' if shown else "") + _code(draft.model_lines))


def notes_html(draft: Draft) -> str:
    """Return the notes that have arrived."""
    return _arriving(f'<p class="ag-about">{user(draft.notes, 600)}</p>' if draft.notes else "")


def _code(lines: int) -> str:
    said = f"{wording.plural(lines, 'line')} of code, shown when checked"
    return f"<p>{muted(said)}</p>" if lines else ""


def _arriving(content: str) -> str:
    said = llm_wording.ARRIVING if content else llm_wording.WAITING
    return f'<p class="ag-h">{said}</p>{content}'


def arrived_html(draft: Draft) -> str:
    """Return what had arrived before a stop, as rows of the evidence strip."""
    values = [f"{name} {wording.number(given.value)}" for name, given in draft.values.items()]
    more = f", and {len(values) - _VALUES_SHOWN} more" if len(values) > _VALUES_SHOWN else ""
    rows = [
        ("Techniques", user("; ".join(what for what, _ in draft.techniques), 400)),
        ("Model", user(": ".join(part for part in (draft.card, draft.why) if part), 300)),
        ("Values", user(", ".join(values[:_VALUES_SHOWN]), 400) + more),
        ("Notes", user(draft.notes, 400)),
    ]
    there = [(name, content) for name, content in rows if content != user("")]
    body = f'<dl class="ag-stack">{definitions(there)}</dl>' if there else "<p>nothing</p>"
    return (
        '<div class="ag-ev ag-had-arrived" role="group" aria-label="Had arrived"><div class="ag-h">Stopped</div>'
        f"<div><p>{escape(llm_wording.HAD_ARRIVED)}</p>{body}</div></div>"
    )
