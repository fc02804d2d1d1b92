"""What recommendations are drawn from is listed; runs go out, come in once, and are forgotten."""

import json
import re
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from automl_gpt_magic import history, own_experience
from automl_gpt_magic.errors import ExperienceError, StoreError, UsageError
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.published import load_recipes
from automl_gpt_magic.own_experience import Filter, experience
from automl_gpt_magic.records.cost import as_data
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.store import MIGRATIONS, Store, database, schema
from automl_gpt_magic.store.run_file import FORMAT, SCHEMA_VERSION
from tests.unit.test_store import COST, V4_ROW, assert_same_run, everything, own_log, own_run, rows

ALL = Filter()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "store.sqlite"


@pytest.fixture
def kept(path):
    return Store(path)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "runs.jsonl"


def said(place, *words, **chosen):
    return experience(place, list(words), Filter(**chosen))


def filled(kept, n=3):
    for index in range(n):
        kept.add_run(own_run(dataset=f"set {index}", date=f"2026-11-2{index}T10:00:00+00:00"))
    return kept


def same(one, other):
    assert_same_run(one, other, without=("imported",))


# Listing


def test_the_bank_is_counted_by_family(path):
    bank = load_bank("xgboost")
    datasets, configurations = len(bank.datasets), len(bank.configurations)
    lines = said(path)
    cells = next(line.split() for line in lines if line.startswith("XGBoost"))
    assert cells == ["XGBoost", str(datasets), str(configurations), str(datasets * configurations)]
    assert lines[-1] == "None of your own runs."
    assert not path.parent.exists()


def test_only_the_banks_datasets_of_a_task_are_counted(path):
    cards = [card for card in load_bank("xgboost").datasets if card["task"] == "regression"]
    for chosen in ({"task": "REGRESS"}, {"dataset": cards[0]["name"].upper(), "family": "xgb"}):
        cells = next(line.split() for line in said(path, **chosen) if line.startswith("XGBoost"))
        assert cells[1] == str(len(cards) if "task" in chosen else 1)
    assert said(path, family="no such")[0] == "The shipped bank has no such runs."


def test_own_runs_are_listed_those_trained_last_first(kept, path):
    kept.add_run(own_run(dataset="late", date="2026-11-24T10:00:00+00:00"))
    kept.add_run(own_run(dataset="early", date="2026-11-20T10:00:00+00:00", origin="tune"))
    lines = said(path)
    assert lines[-4:-2] == ["Your own runs: 2", lines[-3]]
    assert lines[-2].split() == [
        *("1", "2026-11-24", "10:00", "late", "binary", "classification", "XGBoost", "log", "loss", "0.4", "train"),
    ]
    assert lines[-1].split()[:1] + lines[-1].split()[3:4] == ["2", "early"]
    assert lines[-1].endswith("tune")


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"family": "xgb"}, ["set 2", "set 1", "set 0"]),
        ({"family": "LightGBM"}, []),
        ({"dataset": "SET 1"}, ["set 1"]),
        ({"dataset": "set", "task": "Binary"}, ["set 2", "set 1", "set 0"]),
        ({"dataset": "set 1", "task": "regression"}, []),
    ],
)
def test_own_runs_are_chosen_by_parts_of_names(kept, path, chosen, found):
    filled(kept)
    lines = own_experience.own(path, Filter(**chosen))
    assert re.findall(r"set \d", "\n".join(lines)) == found


def test_a_long_list_says_how_much_more_there_is(kept, path):
    filled(kept, 1)
    kept.import_runs([own_run(seconds=float(index)) for index in range(1, 41)])
    lines = said(path)
    assert lines[-1].startswith("and 11 earlier ones; --family")
    assert "Your own runs: 41" in lines


def test_names_stay_on_one_line(kept, path):
    kept.add_run(own_run(dataset="a\nb\x1b[2J" * 9, family="f\r\n"))
    assert all(line.isprintable() for line in said(path))


def test_a_bank_that_cannot_be_read_hides_no_own_runs(kept, path, monkeypatch):
    filled(kept)

    def torn(family):
        raise ExperienceError("the recorded runs are torn; reinstall the package")

    monkeypatch.setattr(own_experience, "load_bank", torn)
    lines = said(path)
    assert lines[0] == "the recorded runs are torn; reinstall the package"
    assert "Your own runs: 3" in lines


# Published by others


def test_published_recipes_are_counted_apart_from_runs(kept, path):
    filled(kept)
    recipes = load_recipes()
    models = {recipe.model for recipe in recipes}
    lines = said(path)
    (line,) = [line for line in lines if "ublished" in line]
    assert line.startswith(f"Published by others, not measured here: {len(recipes)} recipes for {recipes[0].model}, ")
    assert line.endswith(f" and {len(models) - 5} more; %automl experience published lists them")
    assert lines.index("Your own runs: 3") > lines.index(line) > 1
    assert f"{len(load_bank('xgboost').datasets)}" in lines[2]


def test_published_recipes_are_chosen_like_runs():
    (line,) = [line for line in said(None, family="xgb", task="Binary") if "ublished" in line]
    assert "not measured here: 1 recipe for XGBoost; " in line
    assert "There is no such published recipe here." in said(None, family="no such")
    assert said(None, "published", dataset="no such") == ["There is no such published recipe here."]
    chosen = [one for one in load_recipes() if one.dataset == "Jannis" and one.model == "XGBoost"]
    assert len(said(None, "published", dataset="JANNIS", family="xgboost")) == 2 + len(chosen) == 3


def test_published_recipes_are_listed_with_result_and_source(kept, path):
    filled(kept)
    lines = said(path, "published")
    said_first, heading, *rows = lines
    assert "not measured here" in said_first
    assert heading.split() == ["model", "dataset", "task", "metric", "published", "source"]
    for recipe, row in zip(load_recipes(), rows, strict=True):
        assert row.startswith(recipe.model)
        assert re.split(r" {2,}", row)[4] == f"{recipe.value:g}{recipe.unit}"
        assert f"  {recipe.source.authors} {recipe.source.year}, {recipe.source.url}" in row
        assert row.endswith("; not read again at the source") == (not recipe.checked["result"])
    assert "set 1" not in "\n".join(lines)


def test_recipes_that_cannot_be_read_hide_no_runs(kept, path, monkeypatch):
    filled(kept)

    def torn():
        raise ExperienceError("the published recipes are torn; reinstall the package")

    monkeypatch.setattr(own_experience, "load_recipes", torn)
    lines = said(path)
    assert "the published recipes are torn; reinstall the package" in lines
    assert "Your own runs: 3" in lines
    with pytest.raises(ExperienceError, match="torn"):
        said(path, "published")


# Out and in


def test_what_is_exported_comes_in_elsewhere_as_it_was(kept, path, file, tmp_path):
    early = Curve("rmse", np.array([1, 2, 30]), np.array([3.0, 1.23456789e-9, 2.0]), source="measured", kept=1)
    bare = own_run(llm="", predicted={}, llm_predicted={}, corrected_by=0, environment={}, preprocessing="")
    strange = own_run(dataset="東京 \ud800 \0 \u2028\n", configuration={"layers": [8, 4], "loss": "é", "x": None})
    several = [own_run(), own_run(metric="rmse", curves={"rmse": early}), bare, strange]
    numbers = [kept.add_run(run) for run in several]
    assert said(path, "export", str(file)) == [f"4 runs written to {file}."]
    elsewhere = tmp_path / "elsewhere.sqlite"
    assert said(elsewhere, "import", f'"{file}"') == [f"4 runs imported from {file}."]
    there = Store(elsewhere).runs()
    for number, run in zip(numbers, sorted(there), strict=True):
        same(kept.runs()[number], there[run])
    assert {bool(run.imported) for run in there.values()} == {True}
    assert own_experience.own(elsewhere, ALL)[-1].endswith(f"train, imported {there[1].imported[:10]}")


def test_what_is_there_already_is_not_doubled(kept, path, file):
    filled(kept)
    said(path, "export", str(file))
    kept.add_run(own_run(dataset="another"))
    assert said(path, "import", str(file)) == [f"0 runs imported from {file}; 3 were there already."]
    assert len(kept.runs()) == 4
    doubled = file.read_text().splitlines()
    other = json.dumps({**json.loads(doubled[1]), "seconds": 99.5})
    file.write_text("\n".join([json.dumps({**json.loads(doubled[0]), "runs": 5}), *doubled[1:], other, other]))
    assert said(path, "import", str(file)) == [f"1 run imported from {file}; 4 were there already."]
    assert len(kept.runs()) == 5


def test_runs_from_before_digests_were_kept_are_not_doubled(kept, path, file, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", MIGRATIONS[:2])
        kept.check()
    held = '{"log_loss": {"steps": [1.0, 2.0], "training": null, "value": [0.5, 0.4]}}'
    rows(
        path,
        "INSERT INTO runs VALUES (1, 'u', 'p', '2026-01-01', 'Old', 'ab', 'binary classification', 'XGBoost', "
        f"'{{}}', 'log_loss', '{held}', 'boosting round', '{{}}', 1.0, '{{}}', 'c', '{{}}', '', 'cell')",
    )
    said(path, "export", str(file))
    assert said(path, "import", str(file)) == [f"0 runs imported from {file}; 1 was there already."]
    assert list(kept.runs(trained_here=True)) == [1]


def test_only_the_chosen_runs_are_exported(kept, path, file):
    filled(kept)
    assert said(path, "export", str(file), dataset="SET 2") == [f"1 run written to {file}."]
    about, line = map(json.loads, file.read_text().splitlines())
    assert (about["schema_version"], about["runs"], line["dataset"]) == (SCHEMA_VERSION, 1, "set 2")
    with pytest.raises(UsageError, match="no such runs to export"):
        said(path, "export", str(file), dataset="none")


def test_runs_with_losses_that_are_no_numbers_are_left_out(kept, path, file):
    filled(kept, 1)
    kept.add_run(own_run(llm_predicted={"log_loss": own_log(0.5, float("nan"))}))
    assert said(path, "export", str(file)) == [f"1 run written to {file}.", "1 run left out: no finite losses."]
    assert said(path, "import", str(file)) == [f"0 runs imported from {file}; 1 was there already."]


def test_an_export_replaces_an_earlier_one_and_nothing_else(kept, path, file, tmp_path):
    filled(kept)
    said(path, "export", str(file))
    filled(kept, 1)
    assert said(path, "export", str(file)) == [f"4 runs written to {file}."]
    notes = tmp_path / "notes.txt"
    for content in ("my notes\n", "", "[1]\n", "[" * 100_000):
        notes.write_text(content)
        with pytest.raises(UsageError, match="is something else than exported runs"):
            said(path, "export", str(notes))
        assert notes.read_text() == content
    with pytest.raises(UsageError, match="something else"):
        said(path, "export", str(tmp_path))
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert stat.S_ISREG(file.stat().st_mode)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that takes no files even of root")
def test_a_file_that_cannot_be_written_is_one_line(kept, path):
    filled(kept)
    with pytest.raises(ExperienceError, match=r"was not written .* name another file") as raised:
        said(path, "export", "/proc/runs.jsonl")
    assert "\n" not in str(raised.value)


# What may be wrong with a file


def line_with(**changes):
    def change(line):
        return {**line, **changes}

    return change


def curve_with(**changes):
    return lambda line: {**line, "curves": {"log_loss": {**line["curves"]["log_loss"], **changes}}}


def predicted_with(**changes):
    return lambda line: {**line, "predicted": {"log_loss": {**line["predicted"]["log_loss"], **changes}}}


def level_with(level, values):
    def change(line):
        held = line["predicted"]["log_loss"]["quantiles"]
        return predicted_with(quantiles={**held, level: values})(line)

    return change


def cost_with(**fields):
    cost = as_data(COST)
    return line_with(cost={**cost, "latencies": [{**cost["latencies"][0], **fields}]})


def without(line):
    return {name: value for name, value in line.items() if name != "task"}


WRONG_FIELDS = {
    "unknown": (line_with(note="x"), "note: Extra inputs"),
    "missing": (without, "task: Field required"),
    "no text": (line_with(dataset=3), "dataset: Input should be a valid string"),
    "no date": (line_with(date="yesterday"), "date: "),
    "no fingerprint": (line_with(fingerprint="../../x"), "fingerprint: "),
    "no origin": (line_with(origin="elsewhere"), "origin: "),
    "no status": (line_with(status=""), "status: "),
    "a number as text": (line_with(seconds="1"), "seconds: "),
    "less than no time": (line_with(seconds=-1.0), "seconds: "),
    "a truth as number": (line_with(corrected_by=True), "corrected_by: "),
    "too many": (line_with(corrected_by=10**30), "corrected_by: "),
    "no curve of its metric": (line_with(metric="accuracy"), "there is no curve of its metric"),
    "no curves": (line_with(curves={}), "there is no curve of its metric"),
    "lengths": (curve_with(value=[0.5]), "different lengths"),
    "no steps": (curve_with(steps=[], value=[], training=[]), "curves.log_loss.steps: "),
    "steps that fall": (curve_with(steps=[2, 1]), "steps do not ascend"),
    "half a step": (curve_with(steps=[1, 1.5]), "curves.log_loss.steps.1: "),
    "a loss as text": (curve_with(value=[0.5, "0.4"]), "curves.log_loss.value.1: "),
    "no loss": (curve_with(value=[0.5, None]), "curves.log_loss.value.1: "),
    "kept elsewhere": (curve_with(kept=2), "kept is no place"),
    "kept before": (curve_with(kept=-1), "kept: "),
    "two of three": (line_with(predicted={"log_loss": [0.4, 0.3]}), "predicted.log_loss"),
    "upside down": (line_with(predicted={"log_loss": [0.4, 0.5, 0.3]}), "upside down"),
    "a curve of other length": (predicted_with(value=[0.5]), "different lengths"),
    "a level of other length": (level_with("0.9", [0.5]), "different lengths"),
    "an unknown level": (level_with("0.91", [0.5, 0.5]), "quantiles are not those at 0.025, 0.05"),
    "quantiles upside down": (level_with("0.5", [0.9, 0.9]), "quantiles are upside down"),
    "predicted steps that fall": (predicted_with(steps=[2, 1]), "steps do not ascend"),
    "no predicted steps": (predicted_with(steps=[]), "predicted.log_loss.curve.steps: "),
    "more of a prediction": (predicted_with(note="x"), "predicted.log_loss.curve.note: "),
    "a log as text": (line_with(llm_predicted={"log_loss": "0.4"}), "llm_predicted.log_loss"),
    "half a log": (line_with(llm_predicted={"log_loss": {"steps": [1]}}), "llm_predicted.log_loss.curve.value: "),
    "a prediction as text": (line_with(predicted={"log_loss": ["0.4", "0.3", "0.5"]}), "predicted.log_loss"),
    "a cost without a machine": (line_with(cost={}), "cost.machine: Field required"),
    "a call in no time": (cost_with(p50=0.0), "cost.latencies.0.p50: "),
    "a cost of no rows": (cost_with(batch=0), "cost.latencies.0.batch: "),
    "more of a latency": (cost_with(note="x"), "cost.latencies.0.note: "),
    "a list": (list, "valid dictionary"),
}


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """Return the lines of three exported runs."""
    folder = tmp_path_factory.mktemp("exported")
    filled(Store(folder / "store.sqlite"))
    said(folder / "store.sqlite", "export", str(folder / "runs.jsonl"))
    return (folder / "runs.jsonl").read_bytes().splitlines(keepends=True)


def spoilt(lines, tmp_path, change, at):
    file = tmp_path / "spoilt.jsonl"
    file.write_bytes(b"".join([*lines[: at - 1], change(lines[at - 1]), *lines[at:]]))
    return file


def refused(file, tmp_path):
    elsewhere = tmp_path / "elsewhere.sqlite"
    with pytest.raises(ExperienceError) as raised:
        said(elsewhere, "import", str(file))
    assert not elsewhere.exists()
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 600
    return str(raised.value)


@pytest.mark.parametrize("case", WRONG_FIELDS)
def test_a_wrong_field_is_named_with_its_line_and_nothing_is_imported(lines, tmp_path, case):
    change, expected = WRONG_FIELDS[case]
    file = spoilt(lines, tmp_path, lambda line: json.dumps(change(json.loads(line))).encode() + b"\n", at=3)
    told = refused(file, tmp_path)
    assert f"{file}, line 3: " in told
    assert expected in told
    assert told.endswith("Nothing was imported.")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda line: line.replace(b"0.4]", b"NaN]", 1), "holds NaN, which is no measured number"),
        (lambda line: line.replace(b"0.4]", b"-Infinity]", 1), "holds -Infinity"),
        (lambda line: line.replace(b"0.4]", b"1e999]", 1), "holds 1e999"),
        (lambda line: line[:50] + b"\n", "is torn or no JSON"),
        (lambda line: line[:50], "is torn or no JSON"),
        (lambda line: line.replace(b"Adult", b"\xff\xfe").replace(b"set", b"\xff"), "is torn or no JSON"),
        (lambda line: line.replace(b'"llm":', b'"code":'), "one name stands twice"),
        (lambda line: b"[" * 100_000 + b"\n", "is torn or no JSON"),
        (lambda line: line.replace(b"1.5", b"9" * 5000), "is torn or no JSON"),
        (lambda line: b" " * (1 << 24) + line, "is longer than 16 MiB"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(lines, tmp_path, change, expected):
    told = refused(spoilt(lines, tmp_path, change, at=4), tmp_path)
    assert "line 4: " in told
    assert expected in told


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({"format": FORMAT, "schema_version": SCHEMA_VERSION + 1, "runs": 3}, "update automl_gpt_magic"),
        ({"format": FORMAT, "schema_version": "1", "runs": 3}, "export the file again"),
        ({"format": FORMAT, "schema_version": 0, "runs": 3}, "export the file again"),
        ({"format": FORMAT, "schema_version": True, "runs": 3}, "export the file again"),
        ({"format": FORMAT, "schema_version": 1}, "export the file again"),
        ({"format": "other", "schema_version": 1, "runs": 3}, "does not begin a file of runs"),
        ([], "does not begin a file of runs"),
    ],
)
def test_a_first_line_of_something_else_is_refused(lines, tmp_path, first, expected):
    told = refused(spoilt(lines, tmp_path, lambda _: json.dumps(first).encode() + b"\n", at=1), tmp_path)
    assert "line 1: " in told
    assert expected in told


def test_a_file_of_the_first_schema_is_read_and_its_runs_are_there_once(lines, tmp_path):
    last_values = {name: json.loads(V4_ROW[name]) for name in ("predicted", "llm_predicted")}
    first = json.dumps({"format": FORMAT, "schema_version": 1, "runs": 3})
    old = [json.dumps({**json.loads(line), **last_values}) for line in lines[1:]]
    file, elsewhere = tmp_path / "old.jsonl", tmp_path / "elsewhere.sqlite"
    file.write_text("\n".join([first, *old]))
    assert said(elsewhere, "import", str(file)) == [f"3 runs imported from {file}."]
    again = tmp_path / "again.jsonl"
    said(elsewhere, "export", str(again))
    assert json.loads(again.read_text().splitlines()[0])["schema_version"] == SCHEMA_VERSION
    assert [json.loads(line) for line in again.read_text().splitlines()[1:]] == [json.loads(line) for line in old]
    for one in (file, again):
        assert said(elsewhere, "import", str(one)) == [f"0 runs imported from {one}; 3 were there already."]


def test_what_a_model_costs_goes_along_and_files_without_are_read(kept, path, file, tmp_path):
    kept.add_run(own_run(cost=COST))
    said(path, "export", str(file))
    elsewhere = tmp_path / "elsewhere.sqlite"
    assert said(elsewhere, "import", str(file)) == [f"1 run imported from {file}."]
    assert [run.cost for run in Store(elsewhere).runs().values()] == [COST]
    about, line = map(json.loads, file.read_text().splitlines())
    del line["cost"]
    file.write_text(f"{json.dumps({**about, 'schema_version': 2})}\n{json.dumps(line)}\n")
    assert said(elsewhere, "import", str(file)) == [f"1 run imported from {file}."]
    assert [run.cost for run in Store(elsewhere).runs().values()] == [None, COST]


def test_a_file_cut_between_lines_is_refused(lines, tmp_path):
    told = refused(spoilt(lines, tmp_path, lambda _: b"", at=4), tmp_path)
    assert "announces 3 runs in line 1 and holds 2: it is torn" in told


def test_an_import_that_the_disk_has_no_room_for_adds_none(kept, path, file, monkeypatch):
    for index in range(40):
        kept.add_run(own_run(dataset="x" * 900, seconds=float(index)))
    said(path, "export", str(file))
    path.unlink()
    kept.add_run(own_run())
    pages = rows(path, "PRAGMA page_count")[0][0] + 5

    def limit(connection):
        database._driver(connection).execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(database, "_prefer_wal", limit)
    with pytest.raises(StoreError, match="the disk is full"):
        said(path, "import", str(file))
    assert list(kept.runs()) == [1]


def test_files_that_are_none_are_refused(tmp_path):
    (tmp_path / "empty").touch()
    assert "line 1: does not begin" in refused(tmp_path / "empty", tmp_path)
    assert "is no file" in refused(tmp_path, tmp_path)
    assert "cannot be read (No such file" in refused(tmp_path / "nowhere", tmp_path)


def test_line_ends_and_marks_of_other_editors_do_not_matter(lines, tmp_path):
    file = tmp_path / "edited.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + b"".join(lines).replace(b"\n", b"\r\n") + b"\r\n")
    assert said(tmp_path / "other.sqlite", "import", str(file)) == [f"3 runs imported from {file}."]


# Forgetting


def test_forgetting_removes_what_a_run_held_and_keeps_number_and_date(kept, path):
    secret = own_run(dataset="the secret set", configuration={"secret": "x" * 9000}, llm="secret", split={"secret": 1})
    number = kept.add_run(secret)
    other = kept.add_run(own_run())
    assert said(path, "forget", str(number)) == [f"Run {number} forgotten."]
    assert b"secret" not in everything(path)
    assert rows(path, f"SELECT date, digest FROM runs WHERE id = {number}") == [(secret.date, "")]
    assert rows(path, "SELECT run_id FROM forgotten_runs") == [(number,)]
    assert list(kept.runs(None)) == list(kept.headings()) == list(kept.runs_on("ab", secret.task)) == [other]
    assert kept.numbered([number, other]).keys() == {other}


def test_the_last_run_of_a_task_is_evidence_no_more(kept, path):
    number = kept.add_run(own_run())
    said(path, "forget", str(number))
    assert not kept.has_runs(own_run().task)
    assert not kept.has_runs("")
    assert kept.runs_on("ab", own_run().task) == kept.runs_on("", "") == {}
    assert history.last_run(path, "Adult") is None


def test_the_history_says_only_when(kept, path):
    filled(kept)
    said(path, "forget", "2")
    day = kept.forgotten_runs()[2][:10]
    lines = history.listed(history.runs_in(path), history.forgotten_in(path))
    assert [line.split()[0] for line in lines] == ["run", "3", "2", "1"]
    assert lines[2] == f"2    forgotten on {day}"
    assert own_experience.own(path, ALL)[0] == "Your own runs: 2; 1 forgotten"
    with pytest.raises(UsageError, match=f"run 2 was forgotten on {day}"):
        history.run_in(path, 2)
    assert history.listed({}, {7: "2026-11-22"})[1:] == ["7    forgotten on 2026-11-22"]


def test_forgetting_again_says_so_and_changes_nothing(kept, path):
    filled(kept)
    said(path, "forget", "2")
    day = kept.forgotten_runs()[2]
    assert said(path, "forget", "2", "3", "3") == [f"Run 2 was forgotten on {day[:10]} already.", "Run 3 forgotten."]
    assert kept.forgotten_runs()[2] == day
    assert list(kept.runs()) == [1]


def test_with_an_unknown_number_nothing_is_forgotten(kept, path):
    filled(kept)
    with pytest.raises(UsageError, match="no run 9, so nothing was forgotten"):
        said(path, "forget", "1", "9")
    with pytest.raises(StoreError, match=r"no run 9 in .*; nothing was forgotten"):
        kept.forget_runs([1, 9])
    assert len(kept.runs()) == 3


def test_a_forgotten_run_can_be_imported_again(kept, path, file):
    filled(kept)
    said(path, "export", str(file))
    said(path, "forget", "2")
    assert said(path, "import", str(file)) == [f"1 run imported from {file}; 2 were there already."]
    assert kept.runs()[4].dataset == "set 1"


def test_a_forgotten_trial_that_its_study_still_has_is_told(kept, path):
    kept.add_run(own_run(origin="tune"))
    kept.add_run(own_run(origin="tune"))
    assert said(path, "forget", "1") == ["Run 1 forgotten."]
    studies = path.with_name("studies.sqlite")
    studies.touch()
    assert said(path, "forget", "2")[1].endswith(f"{studies} keeps them; delete it too.")


def test_imported_runs_are_not_taken_for_trained_here(kept, path):
    kept.import_runs([own_run()])
    assert history.last_run(path, "Adult") is None
    assert history.runs_in(path, trained_here=True) == {}
    assert history.listed(history.runs_in(path))[1].endswith("train, imported")


def test_a_store_of_an_earlier_schema_is_read_as_it_is(kept, path, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", MIGRATIONS[:1])
        kept.check()
    assert (kept.headings(), kept.numbered([1]), kept.forgotten_runs(), kept.runs(trained_here=True)) == (
        {},
        {},
        {},
        {},
    )


# The command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["expot"], "did you mean export"),
        (["publised"], "did you mean published"),
        (["published", "ViT"], "takes only --family"),
        (["export"], "needs the name of one file"),
        (["import", "a", "b"], "needs the name of one file"),
        (["forget"], "needs the numbers"),
        (["forget", "x"], "needs the numbers"),
        (["forget", "-1"], "needs the numbers"),
        (["forget", "9" * 30], "needs the numbers"),
    ],
)
def test_words_that_are_not_understood(path, words, expected):
    with pytest.raises(UsageError, match=expected):
        experience(path, words, ALL)


def test_without_a_store_the_bank_is_listed_and_nothing_else_done(path):
    assert said(None)[-1] == "No runs of yours are kept: AutoML.store is empty."
    with pytest.raises(UsageError, match=r"AutoML\.store is empty"):
        said(None, "forget", "1")
    with pytest.raises(UsageError, match="takes no --family"):
        said(path, "forget", "1", family="x")


@pytest.fixture
def shell(one_shell):
    shell = one_shell
    shell.run_line_magic("load_ext", "automl_gpt_magic")
    yield shell
    shell.run_line_magic("unload_ext", "automl_gpt_magic")


def test_the_magic_lists_exports_imports_and_forgets(shell, tmp_path, capsys):
    kept = filled(Store(tmp_path / "store.sqlite"))  # as tests/conftest.py sets it
    file = tmp_path / "my runs.jsonl"
    for line in (
        'experience --dataset "set 1" --family XGBOOST',
        f'experience export "{file}" --task binary',
        "experience forget 1 2",
        f"experience import '{file}'",
        "history",
    ):
        shell.run_line_magic("automl", line)
    told = capsys.readouterr().out
    assert "Your own runs: 1\n" in told
    assert "Run 1 forgotten.\nRun 2 forgotten.\n2 runs imported" in told
    assert [int(line.split()[0]) for line in told.splitlines()[-5:]] == [5, 4, 3, 2, 1]
    assert {run.dataset for run in kept.runs().values()} == {"set 0", "set 1", "set 2"}
    shell.run_line_magic("automl", "ledger")
    assert set(re.findall(r"^\d+", capsys.readouterr().out, re.MULTILINE)) == {"3"}
    shell.run_line_magic("automl", 'experience published --family "vit-b/16" --dataset imagenet')
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]} >= {"ViT-B/16"}
    with pytest.raises(UsageError, match="%automl experience alone"):
        shell.run_line_magic("automl", "history --family x")


def test_listing_imports_nothing_heavy():
    import subprocess

    code = (
        "import sys; from pathlib import Path; from automl_gpt_magic.own_experience import Filter, experience; "
        "experience(Path('nowhere.sqlite'), [], Filter()); "
        "print([m for m in ('torch', 'sentence_transformers', 'xgboost', 'matplotlib', 'openai', 'pydantic') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
    assert not Path("nowhere.sqlite").exists()
