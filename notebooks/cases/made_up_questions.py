"""Made-up questions with passages, in the form in which the DPR repository publishes Natural Questions.

Everything in them is invented: 42 islands that do not exist, and 26 facts of each, one a passage. A third of the
questions use words of the islanders' own (``quelm`` for a harbour master), which no pretrained encoder has seen and
which the training questions explain. ``python made_up_questions.py questions.json`` writes the file.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import yaml

_MADE_UP = yaml.safe_load(Path(__file__).with_name("made_up_facts.yaml").read_text(encoding="utf-8"))
ISLANDS, VALUES, FACTS = (_MADE_UP[name] for name in ("islands", "values", "facts"))
N_NEGATIVES = 5


def questions(n_questions: int = 240, seed: int = 0) -> list[dict]:
    """Return the questions; at the default number, all 1,092 passages are among their right and wrong ones."""
    chance = random.Random(seed)
    told = [(island, number) for island in ISLANDS for number in range(len(FACTS))]
    answers = {one: chance.choice(VALUES[FACTS[one[1]]["of"]]) for one in told}
    passages = {one: _passage(*one, answers[one]) for one in told}
    asked = chance.sample(told, n_questions)
    others = [one for one in told if one not in set(asked)]
    chance.shuffle(others)
    return [_question(place, one, others, answers[one], passages) for place, one in enumerate(asked)]


def write(path: str | Path, **options: int) -> Path:
    """Write the questions as JSON and return where."""
    Path(path).write_text(json.dumps(questions(**options), indent=1), encoding="utf-8")
    return Path(path)


def _passage(island: str, number: int, answer: str) -> dict:
    text = FACTS[number]["says"].format(v=answer)
    return {"title": island, "text": text, "passage_id": f"{island.lower()}-{number}"}


def _question(place: int, asked: tuple[str, int], others: list, answer: str, passages: dict) -> dict:
    """Return one question with its passage; the wrong ones are another of its island, and the rest in turn."""
    island, number = asked
    n_in_turn = N_NEGATIVES - 1
    turn = [others[(n_in_turn * place + step) % len(others)] for step in range(n_in_turn)]
    wrong = [(island, (number + 1) % len(FACTS)), *turn]
    return {
        "dataset": "made up",
        "question": FACTS[number]["own" if place % 3 == 0 else "plain"].format(i=island),
        "answers": [answer],
        "positive_ctxs": [passages[asked]],
        "hard_negative_ctxs": [passages[one] for one in wrong],
        "negative_ctxs": [],
    }


if __name__ == "__main__":
    print(write(sys.argv[1]))
