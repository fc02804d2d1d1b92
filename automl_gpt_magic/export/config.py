"""``config.yaml``: the settings that the scripts read, and what the project is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from ..records.plan import Plan
from .folder import MARK, MARKER
from .lift import Lifted
from .markdown import plain

_HEAD = "# The scripts read data, split and hyperparameters from here; about says what they are for.\n"


def config_text(plan: Plan, lifted: Lifted, path: str | None, test_path: str | None) -> str:
    """Return the configuration as YAML."""
    card = plan.cards.data
    about = {"name": plain(card.name), "task": card.task, "target": card.target, "metrics": list(card.metrics)}
    data = {name: value for name, value in (("path", path), ("test_path", test_path)) if value is not None}
    config: dict[str, Any] = {MARKER: MARK, "about": about, "data": data}
    if lifted.split:
        config["split"] = lifted.split
    if lifted.hyperparameters is not None:
        config["hyperparameters"] = lifted.hyperparameters
    return _HEAD + yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def seen_from(folder: Path, path: str) -> str:
    """Return a path of the notebook as it is written in a project's folder: relative where that is possible."""
    whole = Path(path).expanduser().resolve()
    try:
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return str(whole)
