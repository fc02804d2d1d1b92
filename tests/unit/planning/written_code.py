"""Pieces of code as a language model writes them, and what the reports about them are compared by."""

from __future__ import annotations

import re

from automl_gpt_magic.planning.code_check import check_build, check_prepare
from automl_gpt_magic.planning.families import XGBOOST

COLUMNS = ["age", "workclass", "hours", "day"]


def prepare(source):
    return check_prepare(source, "task", COLUMNS, "income")


def body(*lines, head="import numpy as np\nimport pandas as pd\n"):
    return f"{head}\n\ndef task_prepare(rows):\n" + "".join(f"    {line}\n" for line in lines)


def build(source, estimator="XGBClassifier"):
    return check_build(source, "task", estimator, "xgboost", [parameter.name for parameter in XGBOOST.parameters])


def model(*lines, head="from xgboost import XGBClassifier\n"):
    return f"{head}\n\ndef task_build(hyperparameters):\n" + "".join(f"    {line}\n" for line in lines)


RETURN = 'return XGBClassifier(eval_metric=["logloss"], **hyperparameters)'


def any_matches(messages, pattern):
    return any(re.search(pattern, message) for message in messages)


def one_sentence(message):
    return message.endswith((".", "?")) and "\n" not in message and len(message) < 250
