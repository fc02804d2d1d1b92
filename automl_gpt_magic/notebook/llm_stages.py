"""What an LLM said about stages 1, 2 and 4, beside what the recipe does."""

from __future__ import annotations

from html import escape

from ..records.plan import Plan
from . import llm_wording
from .markup import definitions, steps, user

_REFUSED_SHOWN = 30


def beside(plan: Plan, stage: str, recipe: str, said: str, noun: str) -> str:
    """Return the recipe's steps and the LLM's side by side, each with whether the cell contains it.

    Parameters
    ----------
    plan : Plan
    stage : {"data", "model"}
    recipe, said : str
        HTML of both sides; without ``said`` the recipe stands alone.
    noun : str
        What the LLM gave, such as ``techniques``.
    """
    if not said:
        return recipe
    used = stage in plan.llm_code and plan.llm_code[stage].used
    mine = f"The recipe's steps: {'not in the cell' if used else 'what the cell does'}"
    own = f"The LLM's {noun}: {'its code is in the cell' if used else _without(plan, stage)}"
    columns = ((mine, recipe), (own, said))
    shown = "".join(f'<div><p class="ag-h">{escape(title)}</p>{content}</div>' for title, content in columns)
    return f'<div class="ag-both">{shown}</div>'


def _without(plan: Plan, stage: str) -> str:
    return "its code is not in the cell" if stage in plan.llm_code else "it gave no code for the cell"


def techniques_html(plan: Plan) -> str:
    """Return the LLM's techniques with its reasons; empty without any."""
    return steps(plan.answer.techniques) if plan.answer else ""


def model_html(plan: Plan) -> str:
    """Return the LLM's choice of a model, its reason and its layers; empty without any."""
    answer = plan.answer
    if answer is None:
        return ""
    chosen = [
        ("Chosen", user(answer.model_card) if answer.model_card else ""),
        ("Why", user(answer.model_reason, 600) if answer.model_reason else ""),
    ]
    shown = definitions(chosen)
    return (f'<dl class="ag-stack">{shown}</dl>' if shown else "") + steps(answer.layers)


def notes_html(plan: Plan) -> str:
    """Return the LLM's notes, how many of its values stand, and what stands for the others; empty without answer."""
    answer = plan.answer
    if answer is None:
        return ""
    notes = f'<p class="ag-about">{user(answer.notes, 1000)}</p>' if answer.notes else ""
    standing = llm_wording.standing(plan)
    count = f"<p>{escape(standing)}.</p>" if standing else ""
    refused = steps(
        [
            (f"{one.part} {one.given}", "; ".join(filter(None, (one.reason.rstrip("."), _instead(one.instead)))))
            for one in answer.refused
        ],
        _REFUSED_SHOWN,
    )
    listed = f'<p class="ag-h">Replaced</p>{refused}' if refused else ""
    return f'<div class="ag-text"><p class="ag-h">Notes of the LLM</p>{notes or "<p>none</p>"}{count}{listed}</div>'


def _instead(instead: str) -> str:
    return f"stands instead: {instead}" if instead else ""
