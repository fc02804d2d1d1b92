"""The model card's fields as Hugging Face names them."""

from __future__ import annotations

import re
from typing import Any

from ..notebook.wording import metric_label
from ..planning.families import Family, family_named
from ..planning.families.saving import Saving
from ..records.card import DataCard
from ..records.plan import Plan
from ..records.run import Run
from .markdown import plain

_KINDS = ("tabular-classification", "tabular-regression", "image-classification", "text-classification")
_LIBRARIES = {"torch": "pytorch", "automl_gpt_magic": ""}
# Those of https://huggingface.co/docs/hub/repositories-licenses that data is usually given out under.
_LICENCES = re.compile(
    r"apache-2\.0|mit|bsd(-[23]-clause)?|cc|cc0-1\.0|cc-by(-nc)?(-nd|-sa)?-[234]\.[05]|cdla-sharing-1\.0"
    r"|cdla-permissive-[12]\.0|gpl(-[23]\.0)?|lgpl(-[23]\.[01])?|agpl-3\.0|mpl-2\.0|odbl|odc-by|pddl|unlicense"
    r"|wtfpl|etalab-2\.0|c-uda"
)


def front_matter(plan: Plan, run: Run | None, saving: Saving | None) -> dict[str, Any]:
    """Return the fields; ``saving`` tells how the trained model is saved that is among the files, if one is."""
    card, kind, library = plan.cards.data, _kind(plan.cards.data), _library(family_named(plan.space.family))
    front: dict[str, Any] = {"library_name": library} if library else {}
    front |= {"pipeline_tag": kind} if kind else {}
    if card.licence.strip():
        front |= _licence(card.licence)
    by_skops = saving is not None and saving.by_skops
    tags = [card.input_type, kind, library, "skops" if by_skops else ""]
    front |= {"tags": [*filter(None, tags)], "datasets": [_dataset(card)], "metrics": list(card.metrics)}
    if saving is not None and by_skops:
        front |= {"model_format": "skops", "model_file": saving.file}
    if run is not None:
        name = f"{plain(plan.space.family)} for {plain(card.name)}"
        front["model-index"] = [{"name": name, "results": [_result(plan, run)]}]
    return front


def _licence(written: str) -> dict[str, str]:
    """Return the fields of a licence that Hugging Face knows, or else of another one."""
    slug = re.sub(r"[^a-z0-9.]+", "-", plain(written, 60).lower()).strip("-") or "other"
    return {"license": slug} if _LICENCES.fullmatch(slug) else {"license": "other", "license_name": slug}


def _result(plan: Plan, run: Run) -> dict[str, Any]:
    card, name = plan.cards.data, plain(plan.cards.data.name)
    return {
        "task": {"type": _kind(card) or card.task, "name": card.task},
        "dataset": {"name": name, "type": plan.names, "split": "validation"},
        "metrics": [
            {"type": metric, "value": curve.final, "name": f"validation {metric_label(metric)}"}
            for metric, curve in run.curves.items()
        ],
    }


def _library(family: Family) -> str:
    """Return the library as Hugging Face calls it; empty for the user's own code."""
    return _LIBRARIES.get(family.module, family.module)


def _kind(card: DataCard) -> str:
    """Return the task as Hugging Face calls it; empty where it knows none."""
    kind = f"{card.input_type}-{'classification' if card.is_classification else 'regression'}"
    return kind if kind in _KINDS else ""


def _dataset(card: DataCard) -> str:
    """Return the dataset's name, that of Hugging Face where it is from there."""
    source, _, name = (card.dataset or "").partition("/")
    return plain(name if source == "huggingface" else card.name)
