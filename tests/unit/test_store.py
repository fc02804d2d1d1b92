import errno
import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import create_engine

from automl_gpt_magic import __version__
from automl_gpt_magic.errors import StoreError
from automl_gpt_magic.records.cost import Cost, Latency
from automl_gpt_magic.records.curve import QUANTILES, Curve, quantiles_within
from automl_gpt_magic.records.exchange import Exchange, Usage
from automl_gpt_magic.records.prompt import Message, Prompt
from automl_gpt_magic.records.run import Run
from automl_gpt_magic.records.secret import SecretUrl
from automl_gpt_magic.store import MIGRATIONS, Store, database, schema
from automl_gpt_magic.store.rows import digest_of_run

PARTS = {"data card": "1a", "model cards": "2b", "request": "3c"}
MODEL = "gpt-5.4-mini"
MESSAGES = (Message("system", "You plan."), Message("user", "Plan this."))
EXCHANGE = Exchange(
    model=MODEL,
    host="api.openai.com",
    date="2026-11-22T10:00:00+00:00",
    mode="json_schema",
    messages=MESSAGES,
    answer='{"hyperparameters": {"max_depth": 6}}',
    usage=Usage(1200, 340, 0.0024, False),
    seconds=3.25,
    version="1",
    parts=PARTS,
    digest=Prompt(MESSAGES, {}, "1", PARTS).digest,
)


def prompt_of(exchange):
    """Return the prompt of which an exchange is."""
    return Prompt(exchange.messages, {}, exchange.version, exchange.parts)


def forecast_of(value, lower, upper, metric="log_loss", steps=(1, 2)):
    """A forecast that ends at ``value`` and began at 0.6, its 80% interval as far away everywhere."""
    middle = np.linspace(0.6, value, len(steps)) if len(steps) > 1 else np.array([value])
    quantiles = quantiles_within(middle - (value - lower), middle, middle + (upper - value))
    return Curve(metric, np.array(steps), middle, quantiles=quantiles)


def own_log(*values, metric="log_loss"):
    """An LLM's log of a few steps."""
    return Curve(metric, np.arange(1, len(values) + 1), np.array(values), training=np.array(values) - 0.1)


def own_run(**changes):
    curve = Curve("log_loss", np.array([1, 2]), np.array([0.5, 0.4]), np.array([0.5, 0.3]), source="measured")
    run = Run(
        date="2026-11-22T10:00:00+00:00",
        dataset="Adult",
        fingerprint="ab",
        task="binary classification",
        family="XGBoost",
        configuration={"max_depth": 6, "gamma": 0.5},
        metric="log_loss",
        curves={"log_loss": curve},
        step="boosting round",
        predicted={"log_loss": forecast_of(0.42, 0.3, 0.45)},
        seconds=1.5,
        split={"validation": 0.2, "seed": 0},
        code="cd",
        versions={"xgboost": "3.2.0"},
        llm="scripted",
        origin="train",
        preprocessing="ef",
        status="stopped early",
        environment={"system": "Linux", "processors": 2},
        llm_predicted={"log_loss": own_log(0.5, 0.41)},
        corrected_by=3,
    )
    return replace(run, **changes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "store.sqlite"


@pytest.fixture
def kept(path):
    return Store(path)


def rows(path, query):
    with sqlite3.connect(path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def everything(path):
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_an_exchange_comes_back_as_it_was(kept):
    number = kept.add_exchange(EXCHANGE)
    assert (number, kept.exchanges()) == (1, [EXCHANGE])


@pytest.mark.parametrize(
    "change",
    [
        {"usage": Usage()},
        {"usage": Usage(5, 6, None, True)},
        {"status": "interrupted", "answer": ""},
        {"messages": (), "parts": {}},
        {"answer": "é 東京 🦊 \0 \r\n \u2028 ' \" \\"},
        {"answer": "\ud800 torn", "messages": (Message("user", "\udfff"),), "parts": {"request": "\ud83d"}},
    ],
)
def test_every_field_comes_back(kept, change):
    exchange = replace(EXCHANGE, **change)
    exchange = replace(exchange, digest=prompt_of(exchange).digest)
    kept.add_exchange(exchange)
    assert kept.exchanges() == [exchange]
    assert kept.find_exchange(prompt_of(exchange), MODEL) == (exchange if exchange.status == "answered" else None)


def test_a_lone_surrogate_in_a_name_is_kept_as_its_escape(kept):
    kept.add_exchange(replace(EXCHANGE, model="m\ud800", host="\udc00"))
    assert [(found.model, found.host) for found in kept.exchanges()] == [("m\\ud800", "\\udc00")]
    assert kept.find_exchange(prompt_of(EXCHANGE), "m\ud800") is not None
    assert kept.find_exchange(prompt_of(replace(EXCHANGE, version="\ud800")), "\ud800") is None


def test_the_newest_come_first(kept):
    for index in range(5):
        kept.add_exchange(replace(EXCHANGE, digest=str(index)))
    assert [found.digest for found in kept.exchanges(limit=3)] == ["4", "3", "2"]
    assert len(kept.exchanges()) == 5
    assert kept.exchanges(limit=0) == kept.exchanges(limit=-1) == []


def test_an_exchange_is_found_by_its_whole_prompt_and_its_model(kept):
    for change in ({"date": "old"}, {"date": "new"}, {"date": "cut", "status": "cut"}, {"model": "other"}):
        kept.add_exchange(replace(EXCHANGE, **change))
    prompt = prompt_of(EXCHANGE)
    assert kept.find_exchange(prompt, MODEL).date == "new"
    assert kept.find_exchange(prompt, "other").model == "other"
    assert kept.find_exchange(prompt, "none") is None
    assert kept.find_exchange(replace(prompt, version="2"), MODEL) is None
    assert kept.find_exchange(replace(prompt, parts={**PARTS, "request": "x"}), MODEL) is None
    assert kept.find_exchange(replace(prompt, messages=(*prompt.messages, Message("user", "more"))), MODEL) is None


def test_another_prompt_of_the_same_digest_is_not_taken_for_it(kept):
    kept.add_exchange(replace(EXCHANGE, messages=(Message("user", "something else"),)))
    assert kept.find_exchange(prompt_of(EXCHANGE), MODEL) is None


def test_reading_creates_nothing(kept, path):
    assert (kept.exchanges(), kept.find_exchange(prompt_of(EXCHANGE), MODEL)) == ([], None)
    assert not path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_file_and_folder_are_the_owners_alone(kept, path):
    before = os.umask(0)
    try:
        kept.add_exchange(EXCHANGE)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    finally:
        os.umask(before)


def test_every_row_has_the_version_of_the_package_and_a_uuid(kept, path):
    kept.forget(kept.add_exchange(EXCHANGE))
    for table in ("schema_versions", "exchanges", "forgotten"):
        uuid, package = rows(path, f"SELECT uuid, package FROM {table}")[-1]
        assert (UUID(uuid).version, package) == (4, __version__)
    assert rows(path, "SELECT max(version) FROM schema_versions") == [(len(MIGRATIONS),)]


def test_it_is_kept_in_wal_and_no_journal_stays_behind(kept, path):
    kept.add_exchange(EXCHANGE)
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_where_wal_fails_the_default_journal_is_used(kept, path, monkeypatch):
    class NoWal(sqlite3.Connection):
        def execute(self, statement, *arguments):
            if statement == "PRAGMA journal_mode = WAL":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMMAP
                raise error
            return super().execute(statement, *arguments)

    create = database.create_engine
    monkeypatch.setattr(
        database,
        "create_engine",
        lambda url, connect_args, **more: create(url, connect_args={**connect_args, "factory": NoWal}, **more),
    )
    kept.add_exchange(EXCHANGE)
    assert kept.exchanges() == [EXCHANGE]
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]


# Forgetting


def test_forgetting_removes_what_was_said_and_keeps_the_row(kept, path):
    secret = replace(EXCHANGE, answer="the secret answer " * 2000, messages=(Message("user", "the secret question"),))
    number = kept.add_exchange(secret)
    kept.add_exchange(EXCHANGE)
    kept.forget(number)
    assert kept.exchanges()[1] == replace(secret, answer="", messages=())
    assert rows(path, "SELECT exchange_id FROM forgotten") == [(number,)]
    assert b"secret" not in everything(path)


def test_a_forgotten_exchange_is_not_found_again(kept):
    number = kept.add_exchange(EXCHANGE)
    kept.forget(number)
    kept.forget(number)
    assert kept.find_exchange(prompt_of(EXCHANGE), MODEL) is None


def test_what_does_not_exist_cannot_be_forgotten(kept):
    with pytest.raises(StoreError, match="There is no exchange 7"):
        kept.forget(7)


# Several at once

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.unit.test_store import EXCHANGE
from automl_gpt_magic.store import Store
kept = Store(Path({path!r}))
for index in range(40):
    kept.add_exchange(EXCHANGE)
    kept.exchanges(limit=2)
"""


def test_two_processes_write_at_once(kept, path, request):
    code = WRITER.format(root=str(request.config.rootpath), path=str(path))
    writers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    said = [writer.communicate(timeout=120)[1].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], said
    assert len(kept.exchanges()) == 80
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "SELECT count(*) FROM schema_versions") == [(len(MIGRATIONS),)]


def test_threads_share_a_store(kept):
    failures = []

    def write():
        try:
            for _ in range(10):
                kept.add_exchange(EXCHANGE)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(kept.exchanges()) == 40


def test_a_store_removed_while_in_use_is_begun_again(kept, path):
    kept.add_exchange(EXCHANGE)
    path.unlink()
    assert kept.exchanges() == []
    kept.add_exchange(EXCHANGE)
    assert len(kept.exchanges()) == 1


# What may be wrong with the file


def refused(call, *arguments):
    with pytest.raises(StoreError) as raised:
        call(*arguments)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def both(kept):
    """Return what a write and a read say."""
    return refused(kept.add_exchange, EXCHANGE) + refused(kept.exchanges)


def test_a_file_that_is_no_database_is_left_alone(kept, path):
    path.parent.mkdir()
    path.write_text("my notes\n" * 200)
    assert both(kept).count("is not a store of this package; move it away") == 2
    assert path.read_text() == "my notes\n" * 200


def test_a_database_of_another_program_is_left_alone(kept, path):
    path.parent.mkdir()
    rows(path, "CREATE TABLE notes (text)")
    assert both(kept).count("is not a store of this package") == 2
    assert rows(path, "SELECT name FROM sqlite_master") == [("notes",)]


@pytest.mark.parametrize("keep", [60, 4096, 9000])
def test_a_torn_file_is_reported(kept, path, keep):
    for _ in range(30):
        kept.add_exchange(EXCHANGE)
    path.write_bytes(path.read_bytes()[:keep])
    said = both(kept)
    assert said.count("is damaged; move it away") + said.count("is not a store") == 2


def test_a_file_with_garbage_inside_is_reported(kept, path):
    for _ in range(30):
        kept.add_exchange(EXCHANGE)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert both(kept).count("is damaged") == 2


@pytest.mark.parametrize("column, value", [("messages", "[["), ("messages", "[1]"), ("answer", ""), ("parts", None)])
def test_a_row_that_cannot_be_read_is_reported(kept, path, column, value):
    kept.add_exchange(EXCHANGE)
    if value is None:
        rows(path, f"UPDATE exchanges SET {column} = CAST(x'ff' AS TEXT)")
    else:
        rows(path, f"UPDATE exchanges SET {column} = '{value}'")
    assert "is damaged" in refused(kept.exchanges)


def test_a_lost_table_is_reported(kept, path):
    kept.add_exchange(EXCHANGE)
    rows(path, "DROP TABLE exchanges")
    assert both(kept).count("is damaged") == 2


def test_an_empty_file_is_a_new_store(kept, path):
    path.parent.mkdir()
    path.touch()
    assert kept.exchanges() == []
    assert kept.add_exchange(EXCHANGE) == 1


def test_a_newer_schema_is_not_touched(kept, path):
    kept.add_exchange(EXCHANGE)
    rows(path, f"UPDATE schema_versions SET version = {len(MIGRATIONS) + 1} WHERE version = {len(MIGRATIONS)}")
    assert both(kept).count("a newer version of automl_gpt_magic; update the package") == 2
    assert rows(path, "SELECT count(*) FROM exchanges") == [(1,)]


def test_a_later_migration_keeps_what_there_is(kept, monkeypatch, path):
    kept.add_exchange(EXCHANGE)
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE more (id INTEGER PRIMARY KEY)",)))
    kept.add_exchange(EXCHANGE)
    assert len(kept.exchanges()) == 2
    assert rows(path, "SELECT max(version) FROM schema_versions") == [(len(MIGRATIONS) + 1,)]


def test_a_migration_that_fails_leaves_no_half(kept, monkeypatch, path):
    monkeypatch.setattr(schema, "MIGRATIONS", ((*MIGRATIONS[0], "CREATE TABLE exchanges (id)"),))
    refused(kept.add_exchange, EXCHANGE)
    assert rows(path, "SELECT name FROM sqlite_master") == []


def test_a_locked_file_is_reported(path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_SECONDS_WRITING", 0.1)
    kept = Store(path)
    kept.add_exchange(EXCHANGE)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "is in use by another program; wait" in refused(kept.add_exchange, EXCHANGE)
    assert len(kept.exchanges()) == 1
    other.close()
    kept.add_exchange(EXCHANGE)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="for root no folder is read-only")
def test_a_read_only_folder_is_reported(kept, path):
    path.parent.mkdir(mode=0o500)
    assert "may not be written or read here; choose another folder" in refused(kept.add_exchange, EXCHANGE)


@pytest.mark.parametrize(
    "number, advice",
    [
        (errno.EACCES, "choose another folder"),
        (errno.EROFS, "choose another folder"),
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EIO, "cannot be used; choose another file ("),
    ],
)
def test_what_the_system_refuses_is_reported(kept, monkeypatch, number, advice):
    def refuse(*arguments, **more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(database.os, "open", refuse)
    assert advice in refused(kept.add_exchange, EXCHANGE)


def test_a_database_that_may_only_be_read_is_reported(kept, monkeypatch):
    monkeypatch.setattr(
        database, "_prefer_wal", lambda connection: database._driver(connection).execute("PRAGMA query_only=1")
    )
    assert "choose another folder" in refused(kept.add_exchange, EXCHANGE)


def test_a_full_disk_is_reported(kept, monkeypatch):
    kept.add_exchange(EXCHANGE)

    def limit(connection):
        database._driver(connection).execute("PRAGMA max_page_count = 1")

    monkeypatch.setattr(database, "_prefer_wal", limit)
    assert "the disk is full" in refused(kept.add_exchange, replace(EXCHANGE, answer="x" * 100_000))
    assert kept.exchanges() == [EXCHANGE]


def test_a_folder_in_the_files_place_and_a_file_in_the_folders(tmp_path):
    (tmp_path / "file").touch()
    assert "is not a store" in refused(Store(tmp_path).add_exchange, EXCHANGE)
    assert "choose another folder" in refused(Store(tmp_path / "file" / "store").add_exchange, EXCHANGE)
    assert "choose another folder" in refused(Store(tmp_path / "file" / "in" / "store").add_exchange, EXCHANGE)


def test_a_path_with_a_line_break_is_still_one_line(tmp_path):
    (tmp_path / "a\nb").mkdir()
    refused(Store(tmp_path / "a\nb").add_exchange, EXCHANGE)


def test_a_path_with_signs_of_a_url_is_only_a_path(tmp_path):
    path = tmp_path / "a?b#c%20d" / "störe 1.sqlite"
    assert Store(path).add_exchange(EXCHANGE) == 1
    assert path.exists()


# Runs


CURVES = ("curves", "predicted", "llm_predicted")


def assert_same_run(back, run, without=()):
    plain = [name for name in vars(run) if name not in (*CURVES, *without)]
    assert {name: getattr(back, name) for name in plain} == {name: getattr(run, name) for name in plain}
    for name in CURVES:
        assert list(getattr(back, name)) == list(getattr(run, name))
        for metric, curve in getattr(run, name).items():
            assert_same_curve(getattr(back, name)[metric], curve)


def assert_same_curve(back, curve):
    assert (back.metric, back.source, back.kept) == (curve.metric, curve.source, curve.kept)
    for part in ("steps", "value", "training", "quantiles"):
        one, other = getattr(back, part), getattr(curve, part)
        assert (one is None) == (other is None), part
        if one is not None:
            np.testing.assert_allclose(one, other, rtol=1e-6)


def test_every_field_of_a_run_comes_back(kept):
    assert kept.runs() == {}
    number = kept.add_run(own_run())
    (back,) = kept.runs().values()
    assert_same_run(back, own_run())
    assert (number, back.final, back.inside) == (1, 0.4, True)


def test_a_prediction_without_quantiles_or_of_one_step_comes_back(kept):
    line = Curve("log_loss", np.array([1, 2]), np.array([0.5, 0.4]))
    single = forecast_of(0.42, 0.3, 0.45, steps=(2,))
    for run in (own_run(predicted={"log_loss": line}), own_run(predicted={"log_loss": single}, llm_predicted={})):
        number = kept.add_run(run)
        assert_same_run(kept.runs()[number], run)


def test_what_was_predicted_counts_up_to_the_step_that_is_kept():
    steps = (1, 3, 5)
    measured = Curve("log_loss", np.arange(1, 6), np.array([0.6, 0.55, 0.5, 0.8, 0.9]), source="measured", kept=2)
    run = own_run(curves={"log_loss": measured}, predicted={"log_loss": forecast_of(0.4, 0.39, 0.41, steps=steps)})
    assert (run.prediction.final, run.inside) == (pytest.approx(0.5), True)
    two = replace(measured, kept=1)
    assert replace(run, curves={"log_loss": two}).prediction.final == pytest.approx(0.55)
    longer = replace(measured, steps=np.arange(11, 16), kept=None)
    assert replace(run, curves={"log_loss": longer}).prediction.final == pytest.approx(0.4)
    late = forecast_of(0.4, 0.39, 0.41, steps=(4, 5))
    assert replace(run, predicted={"log_loss": late}).prediction is None
    assert replace(run, predicted={}).inside is None


def test_small_losses_keep_their_digits(kept):
    tiny = Curve("rmse", np.array([1, 2]), np.array([1.234567e-9, 1e-12]), source="measured")
    kept.add_run(own_run(metric="rmse", curves={"rmse": tiny}))
    assert kept.runs()[1].curves["rmse"].value.tolist() == [1.234567e-9, 1e-12]


def test_a_run_that_stopped_early_keeps_which_step_it_is(kept):
    early = Curve("rmse", np.array([1, 2, 3]), np.array([3.0, 1.0, 2.0]), source="measured", kept=1)
    kept.add_run(own_run(metric="rmse", curves={"rmse": early}))
    assert kept.runs()[1].final == 1.0


def test_runs_are_found_by_their_rows_and_task_the_oldest_first(kept):
    assert not kept.has_runs("regression")
    for change in ({}, {"fingerprint": "other"}, {"task": "regression"}, {"dataset": "newest"}):
        kept.add_run(own_run(**change))
    assert kept.has_runs("regression")
    assert [(number, run.dataset) for number, run in kept.runs_on("ab", own_run().task).items()] == [
        (1, "Adult"),
        (4, "newest"),
    ]
    assert list(kept.runs(limit=None)) == [4, 3, 2, 1]


def test_runs_of_an_earlier_schema_are_read_and_kept(kept, path, monkeypatch):
    path.parent.mkdir()
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", MIGRATIONS[:2])
        kept.add_exchange(EXCHANGE)
    rows(
        path,
        "INSERT INTO runs VALUES (1, 'u', 'p', '2026-01-01', 'Old', 'ab', 'binary classification', 'XGBoost', "
        "'{}', 'log_loss', '{}', 'boosting round', '{}', 1.0, '{}', 'c', '{}', '', 'cell')",
    )
    before = kept.runs()[1]
    assert (before.dataset, before.status, before.environment, before.corrected_by) == ("Old", "finished", {}, 0)
    assert (kept.predicted_runs(), kept.repeated([1])) == ({}, set())
    kept.add_run(own_run())
    assert [run.preprocessing for run in kept.runs().values()] == ["ef", ""]


# As version 4 kept it, of own_run with the last values alone.
V4_DIGEST = "a6eeed55237975bc3d8705f171c03b194092ff1ba9b2413762d4919d80f27cbf"
V4_ROW = {
    "predicted": '{"log_loss": [0.42, 0.3, 0.45]}',
    "llm_predicted": '{"log_loss": 0.41}',
    "digest": V4_DIGEST,
}


@pytest.fixture
def v4(kept, path):
    """A store as version 4 left it, with one run."""
    kept.add_run(own_run())
    rows(path, "ALTER TABLE runs DROP COLUMN cost")
    rows(path, "DELETE FROM schema_versions WHERE version > 4")
    changed = ", ".join(f"{column} = '{value}'" for column, value in V4_ROW.items())
    rows(path, f"UPDATE runs SET {changed}")
    return kept


def test_last_values_alone_are_read_as_what_they_were(v4):
    (run,) = v4.runs().values()
    curve, log = run.predicted["log_loss"], run.llm_predicted["log_loss"]
    known = {level: value for level, value in zip(QUANTILES, curve.quantiles[:, -1], strict=True) if value == value}
    assert known == {0.1: 0.3, 0.5: 0.42, 0.9: 0.45}
    assert (curve.final, curve.lower[-1], curve.upper[-1], curve.final_step) == (0.42, 0.3, 0.45, 2)
    assert (log.final, log.final_step, log.quantiles) == (0.41, 2, None)
    assert (run.inside, list(v4.predicted_runs())) == (True, [1])


def test_an_earlier_store_is_brought_up_to_date_by_a_write_and_its_runs_stay_the_same(v4, path):
    (before,) = v4.runs().values()
    v4.add_run(own_run(dataset="whole"))
    assert rows(path, "SELECT max(version) FROM schema_versions") == [(len(MIGRATIONS),)]
    whole, same = v4.runs().values()
    assert_same_run(same, before)
    assert_same_run(whole, own_run(dataset="whole"))
    assert digest_of_run(same) == V4_DIGEST
    assert v4.import_runs([before]) == 0


COST = Cost("a machine", (Latency(1, 0.002, 0.003, 90),), (Latency(1, 0.0002, 0.0003, 900),), 81_392, None, 1.5)


def test_what_a_model_costs_comes_back_and_may_come_later(kept):
    numbers = [kept.add_run(own_run(cost=COST)), kept.add_run(own_run())]
    assert [kept.numbered(numbers)[number].cost for number in numbers] == [COST, None]
    kept.add_cost(numbers[1], COST)
    same, later = kept.numbered(numbers).values()
    assert later.cost == COST and digest_of_run(later) == digest_of_run(same) != digest_of_run(own_run())
    assert kept.import_runs([later]) == 0


def test_a_cost_of_a_run_that_is_not_there_is_not_kept(kept):
    kept.forget_runs([kept.add_run(own_run(cost=COST))])
    for number in (1, 2):
        with pytest.raises(StoreError, match=f"There is no run {number} .*; its cost was not kept"):
            kept.add_cost(number, COST)


def test_a_forgotten_run_has_no_cost(kept, path):
    kept.forget_runs([kept.add_run(own_run(cost=COST))])
    assert rows(path, "SELECT cost FROM runs") == [("null",)] and b"a machine" not in everything(path)


def test_runs_that_were_predicted_are_found_and_those_that_repeat_others(kept):
    bare = own_run(predicted={}, llm_predicted={})
    kept.import_runs([own_run(dataset="imported", configuration={"max_depth": 9})])
    several = [bare, own_run(), own_run(predicted={}), own_run(configuration={"max_depth": 9}), bare]
    others = [own_run(split={}), own_run(fingerprint="other"), own_run(family="LightGBM"), own_run(fingerprint="")]
    numbers = [kept.add_run(run) for run in (*several, *others, own_run(fingerprint=""))]
    assert numbers == list(range(2, 12))
    assert list(kept.predicted_runs()) == [11, 10, 9, 8, 7, 5, 4, 3]
    assert list(kept.predicted_runs(2)) == [11, 10]
    assert kept.repeated(numbers) == {3, 4, 5, 6}
    assert kept.repeated([3, 7]) == {3}


# A database by its URL


def test_a_url_of_sqlite_is_the_file(tmp_path):
    path = tmp_path / "team" / "store.sqlite"
    Store(SecretUrl(f"sqlite:///{path}")).add_exchange(EXCHANGE)
    assert Store(path).exchanges() == [EXCHANGE]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "is no file; write sqlite:///name.sqlite"),
        ("sqlite:///:memory:", "is no file"),
        ("sqlite:///x.sqlite?mode=ro", "is no file"),
        ("postgres://u:hunter2@host/db", "write it like postgresql\\+psycopg://"),
        ("nothing://u:hunter2@host/db", "knows no such database"),
        ("postgresql+psycopg://u:hunter2@host:port/db", "is not understood"),
        ("mysql+mysqldb://u:hunter2@host/db", "run: pip install 'mysqlclient'"),
        ("oracle+cx_oracle://u:hunter2@host/db", "not installed; run: pip install 'cx_Oracle'"),
    ],
)
def test_a_url_that_cannot_be_used_is_one_line_without_its_password(url, said):
    with pytest.raises(StoreError, match=said) as raised:
        Store(SecretUrl(url)).runs()
    shown = "".join(traceback.format_exception(raised.value))
    assert "hunter2" not in shown
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def server():
    """Return the URL of a database of PostgreSQL that is ours alone."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if not all(map(shutil.which, ("initdb", "pg_ctl"))):
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        yield from running_server(Path(name), port)


def running_server(folder, port):
    account = {}
    if os.geteuid() == 0:  # as whom it refuses to run
        try:
            shutil.chown(folder, "postgres")
        except LookupError:
            pytest.skip("PostgreSQL does not run as root")
        account = {"user": "postgres", "cwd": folder}
    (folder / "password").write_text("hunter2")
    (folder / "password").chmod(0o644)

    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **account)

    run("initdb", "-D", folder / "data", "-U", "team", "-A", "scram-sha-256", "--pwfile", folder / "password")
    control = ("pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log")
    run(*control, "-o", f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off", "start")
    yield f"postgresql+psycopg://team:hunter2@127.0.0.1:{port}/postgres"
    run(*control, "-m", "immediate", "stop")


def test_a_teams_database_keeps_exchanges_and_runs(server):
    kept = Store(SecretUrl(server))
    assert (kept.runs(), kept.exchanges(), kept.has_runs(own_run().task)) == ({}, [], False)
    strange = replace(EXCHANGE, answer="\0 \ud800 東京", model="m\ud800\0")
    numbers = [kept.add_exchange(EXCHANGE), kept.add_exchange(strange)]
    assert kept.exchanges() == [replace(strange, model="m\\ud800\\x00"), EXCHANGE]
    assert kept.find_exchange(prompt_of(EXCHANGE), MODEL) == EXCHANGE
    kept.forget(numbers[0])
    kept.forget(numbers[0])
    assert kept.exchanges()[1] == replace(EXCHANGE, answer="", messages=())
    run = own_run()
    number = kept.add_run(run)
    (back,) = kept.runs_on("ab", run.task).values()
    assert list(kept.runs()) == [number]
    assert_same_run(back, run)


def test_a_teams_database_imports_a_run_once_and_forgets_it(server):
    own = f"{server}?options=-csearch_path%3Dgrowing"
    with create_engine(server).begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA growing")
    kept = Store(SecretUrl(own))
    assert (kept.headings(), kept.numbered([1]), kept.forgotten_runs()) == ({}, {}, {})
    kept.add_run(own_run())
    brought = [own_run(), *(own_run(dataset=f"\0 \ud800 {index}") for index in range(700))]
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda _: Store(SecretUrl(own)).import_runs(brought), range(4)))
    assert sorted(added) == [0, 0, 0, 700]
    kept.forget_runs([1, 5])
    kept.forget_runs([5])
    assert kept.forgotten_runs().keys() == {1, 5}
    assert len(kept.headings()) == len(kept.runs(None)) == len(kept.numbered(range(1, 702))) == 699
    assert kept.runs(trained_here=True) == {}
    with pytest.raises(StoreError, match="There is no run 900"):
        kept.forget_runs([2, 900])
    assert len(kept.headings()) == 699


def test_threads_that_begin_a_teams_database_at_once_all_write(server):
    own = f"{server}?options=-csearch_path%3Dat_once"
    with create_engine(server).begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA at_once")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: Store(SecretUrl(own)).add_run(own_run()), range(12)))
    assert len(Store(SecretUrl(own)).runs()) == 12


def test_what_a_server_refuses_is_one_line_without_the_password(server):
    for url in (
        server.replace("hunter2", "hunter3"),
        re.sub(r":\d+/", ":1/", server),
        server.replace("/postgres", "/no"),
    ):
        with pytest.raises(StoreError, match=r"127\.0\.0\.1:\d+/\w+: the database refused; check address") as raised:
            Store(SecretUrl(url)).add_run(own_run())
        shown = "".join(traceback.format_exception(raised.value))
        assert "hunter" not in shown
        assert "\n" not in str(raised.value)
