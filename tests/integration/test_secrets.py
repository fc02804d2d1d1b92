"""Keys planted in every place that takes one, and then looked for in everything that comes out."""

from __future__ import annotations

import io
import json
import logging
import pickle
from pathlib import Path

import nbformat
import pytest
from IPython.utils.capture import capture_output
from nbclient import NotebookClient

from automl_gpt_magic.connection import endpoint_of
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.store import Store
from tests.conftest import CARDS, small_adult
from tests.scripted_llm import Reply, ScriptedLLM, answer, error, fixed

CANARY = "canary9d2e"
OPENAI, OWN, SET, HEADER, PROXY = (f"{CANARY}-{place}-secret" for place in ("openai", "own", "set", "header", "proxy"))
GOOD = json.dumps(
    {
        "candidates": [{"hyperparameters": [{"name": "gamma", "value": 1.0, "reason": "noise"}], "log": []}],
        "notes": "fine",
    }
)


def echo(*sent):
    """Return a refusal that says again what was sent."""
    return f"Incorrect API key provided: {', '.join(sent)}."


@pytest.fixture
def planted(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    monkeypatch.setenv("AUTOML_GPT_MAGIC_API_KEY", OWN)


@pytest.fixture
def shell(one_shell):
    started = one_shell
    started.run_line_magic("load_ext", "automl_gpt_magic")
    started.user_ns["adult"] = small_adult()
    yield started
    started.run_line_magic("unload_ext", "automl_gpt_magic")


@pytest.fixture
def logged():
    """Everything that is logged at any level, by whomever, as text with tracebacks."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    loggers = [
        logging.getLogger(name) for name in ("", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio")
    ]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.disabled = False  # alembic, which Optuna uses, silences every logger that is there already
    loggers[0].addHandler(handler)
    yield written
    loggers[0].removeHandler(handler)
    for one, level in zip(loggers, before, strict=True):
        one.setLevel(level)


@pytest.fixture
def server():
    with ScriptedLLM(answer(GOOD)) as running:
        yield running


def settings_of(shell):
    return shell.magics_manager.registry["AutoMLMagics"].settings


def run(shell, source):
    """Run a cell like a user does, history included; return what it printed and displayed, error and all."""
    with capture_output() as captured:
        shell.run_cell(source, store_history=True)
    return "\n".join([captured.stdout, captured.stderr, *(str(output.data) for output in captured.outputs)])


def files(folder):
    """Return the bytes of every file that the package wrote."""
    return b"".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())


def pickled(thing):
    try:
        return pickle.dumps(thing)
    except TypeError as refused:  # cards hold what cannot be pickled
        return str(refused)


def leaks(*found):
    texts = [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in found]
    return [text[max(0, text.index(CANARY) - 150) : text.index(CANARY) + 60] for text in texts if CANARY in text]


def test_no_key_comes_out_of_any_cell_good_or_failing(shell, planted, logged, server, tmp_path):
    settings = settings_of(shell)
    settings.base_url, settings.model, settings.retries = server.base_url, "scripted", 0
    settings.api_key, settings.headers = SET, {"X-Key": HEADER}
    cell, live = "%%automl\n" + CARDS, "%%automl --live\n" + CARDS
    shown = [run(shell, cell)]
    assert server.posts[0].headers["authorization"] == f"Bearer {SET}"
    assert server.posts[0].headers["x-key"] == HEADER
    away = (("Location", f"http://127.0.0.1:{server.port}/elsewhere"),)
    for behaviour in (
        error(401, echo(SET, HEADER), code="invalid_api_key"),
        fixed(Reply((), 302, away)),
    ):
        server.play(behaviour)
        shown.append(run(shell, live))
    assert "answered 401: Incorrect API key provided" in shown[1]
    assert "redirects are not followed" in shown[2]
    server.play(answer(GOOD, edit=lambda chunks: [*chunks, {"error": {"message": echo(SET, HEADER)}}]))
    shown.append(run(shell, live))
    settings.base_url = server.refused_url
    shown.append(run(shell, live))
    assert "LLM not reached" in shown[-1]
    lines = ["%automl doctor", "%automl config", "%config AutoML", "%automl prompt", "%automl plan", "%xmode Verbose"]
    shown += [run(shell, line) for line in [*lines, "1 / 0", "small_adult_plan", "%xmode Context"]]
    session = shell.magics_manager.registry["AutoMLMagics"].session
    plan = shell.user_ns["small_adult_plan"]
    inside = [session, session._answers, session.last, plan, settings, *session._answers._models.values()]
    listed = [repr(one) + repr(vars(one)) for one in inside]
    listed += map(pickled, (plan, plan.answer, plan.values, plan.candidates))
    assert len(Store(settings.store_place).exchanges()) >= 1
    assert (tmp_path / "recordings" / "small_adult.automl.json").exists()
    history = [line for _, _, line in shell.history_manager.get_range()]
    assert any(line.startswith("%%automl --live") for line in history)
    assert "api.openai.com" not in logged.getvalue()
    assert f"127.0.0.1:{server.port}" in logged.getvalue()
    assert leaks(*shown, *listed, *history, files(tmp_path), logged.getvalue(), plan.prompt, *plan.notes) == []


def test_the_password_of_a_proxy_is_in_no_cells_output_store_or_log(shell, planted, logged, server, tmp_path):
    settings = settings_of(shell)
    settings.base_url, settings.model, settings.retries = "http://llm.example/v1", "scripted", 0
    settings.proxy = server.base_url.replace("http://", f"http://user:{PROXY}@").removesuffix("/v1")
    server.play(error(407, echo(PROXY, f"http://user:{PROXY}@host")))
    shown = [run(shell, "%automl doctor")]
    assert "answered 407" in shown[0]
    settings.proxy = server.refused_url.replace("http://", f"http://user:{PROXY}@").removesuffix("/v1")
    shown.append(run(shell, "%%automl --live\n" + CARDS))
    assert "LLM not reached" in shown[-1]
    settings.proxy = f"gopher://user:{PROXY}@proxy.example:99999"
    shown.append(run(shell, "%%automl --live\n" + CARDS))
    assert leaks(*shown, files(tmp_path), logged.getvalue()) == []


def test_the_password_of_a_store_is_in_no_cells_output_or_log(shell, logged, tmp_path):
    for url in (
        f"postgresql+psycopg://u:{PROXY}@127.0.0.1:1/runs",
        f"mysql+mysqldb://u:{PROXY}@db/runs",
        f"no://u:{PROXY}@db/runs",
    ):
        settings_of(shell).store = url
        shown = [run(shell, "%%automl\n" + CARDS)]
        assert "Earlier runs are not considered: AutoML.store" in shown[0]
        lines = ["%automl history", "%automl ledger", "%automl doctor", "%automl config", "%config AutoML"]
        shown += [run(shell, line) for line in [*lines, "%xmode Verbose", "%automl history", "%xmode Context"]]
        assert leaks(*shown, files(tmp_path), logged.getvalue()) == []


@pytest.mark.parametrize("line", ["%automl config", "%config AutoML"])
def test_the_password_of_a_proxy_is_not_listed(shell, line):
    settings_of(shell).proxy = f"http://user:{PROXY}@proxy.example:3128"
    assert leaks(run(shell, line)) == []


def test_the_keys_of_the_environment_stay_with_their_hosts(planted):
    local = endpoint_of(AutoML(base_url="http://127.0.0.1:1/v1", model="m"))
    assert local.key.get_secret_value() == OWN
    assert leaks(repr(local), local.hide_secrets(f"Bearer {OWN} and {OWN}")) == []


def test_a_saved_notebook_holds_no_key(planted, server, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PROXY}@127.0.0.1:9")
    settings = {"base_url": server.base_url, "model": "scripted", "retries": 0}
    cells = [
        "import tests.conftest\nadult = tests.conftest.small_adult()",
        "%load_ext automl_gpt_magic\n"
        + "\n".join(f"%config AutoML.{name} = {value!r}" for name, value in settings.items()),
        "import os\n%config AutoML.headers = {'X-Key': os.environ['AUTOML_GPT_MAGIC_API_KEY']}",
        "%%automl\n" + CARDS,
        "%%automl --live\n" + CARDS,
        "%automl config\n%config AutoML\nsmall_adult_plan",
    ]
    server.play(answer(GOOD), error(401, echo(OWN, f"Bearer {OWN}")))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        store_widget_state=True,
        resources={"metadata": {"path": tmp_path}},
    )
    client.execute()
    saved = nbformat.writes(notebook)
    assert server.posts[0].headers["x-key"] == server.posts[0].headers["authorization"].removeprefix("Bearer ") == OWN
    assert "Incorrect API key provided" in saved
    assert "widget-state" in saved
    assert "scripted" in saved
    assert leaks(saved, files(tmp_path)) == []
