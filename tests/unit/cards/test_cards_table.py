"""A card's table comes from the notebook or from a file; what cannot be read says how to repair it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.cards import load_table, load_test_table, read_cards
from automl_gpt_magic.errors import AutoMLError, CardError, DataError

FRAME = pd.DataFrame({"age": [39, 50, 38], "town": ["Köln", "Ulm", None], "income": ["low", "high", "low"]})
_CUT_SHORT = gzip.compress(bytes(range(256)), mtime=0)[:100]


def from_frame(name: str, namespace: dict[str, Any]) -> Any:
    return load_table(read_cards(f"data:\n  name: a\n  frame: {name}\n"), namespace)


def from_path(path: object) -> Any:
    return load_table(read_cards({"data": {"name": "a", "path": str(path)}}), {})


class Polars:
    """Stands in for a polars frame."""

    def to_pandas(self) -> pd.DataFrame:
        return FRAME


class Broken:
    def to_pandas(self) -> pd.DataFrame:
        raise ModuleNotFoundError("pyarrow is required")


def test_a_card_without_a_table_has_none():
    cards = read_cards({"data": {"name": "a"}})
    assert load_table(cards, {}) is None
    assert load_test_table(cards, {}) is None


def test_a_frame_is_taken_from_the_notebook_without_a_copy():
    assert from_frame("adult", {"adult": FRAME}) is FRAME


def test_a_frame_of_another_library_is_converted():
    assert from_frame("adult", {"adult": Polars()}) is FRAME
    with pytest.raises(DataError, match="pyarrow is required"):
        from_frame("adult", {"adult": Broken()})


def test_a_missing_frame_names_the_nearest_one():
    with pytest.raises(CardError, match=r"line 3, column 10; data.frame: .* did you mean adult\?"):
        from_frame("adlut", {"adult": FRAME, "adlut_": 3, "_adlut": FRAME})
    with pytest.raises(CardError, match="write one of adult"):
        from_frame("zzz", {"adult": FRAME})
    with pytest.raises(CardError, match="run the cell that defines it"):
        from_frame("zzz", {"zz": 3})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is None"),
        (np.zeros((2, 2)), r"a ndarray.*x = pd.DataFrame\(x\)"),
        ({"a": [1]}, r"a dict.*x = pd.DataFrame\(x\)"),
        ([[1]], r"a list.*x = pd.DataFrame\(x\)"),
        (FRAME["age"], r"a Series.*x = x.to_frame\(\)"),
        (pd.DataFrame, "a class DataFrame"),
        (Polars, "a class Polars"),
        ("adult.csv", "a str.*path: instead of frame:"),
        (3, "an int"),
    ],
)
def test_what_is_no_frame_says_how_to_convert_it(value, message):
    with pytest.raises(CardError, match=message):
        from_frame("x", {"x": value})


def write_csv(path: Path) -> None:
    FRAME.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")


@pytest.mark.filterwarnings("ignore:Mismatched null-like values:FutureWarning")  # pandas 2
@pytest.mark.parametrize("name", ["t.csv", "t.CSV", "t.csv.gz", "t.tsv", "t.parquet"])
def test_files_of_each_kind_are_read(name, tmp_path, monkeypatch):
    path = tmp_path / name
    FRAME.to_parquet(path) if path.suffix == ".parquet" else write_csv(path)
    pd.testing.assert_frame_equal(from_path(path), FRAME, check_dtype=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(from_path(f"~/{name}")) == 3
    monkeypatch.chdir(tmp_path)
    assert len(from_path(name)) == 3


def test_a_column_has_one_type_over_the_whole_of_a_large_file(tmp_path):
    # A file of several reading chunks whose last value is no number: read in chunks, the column would mix types.
    path = tmp_path / "large.csv"
    n_rows = 300_000
    path.write_text("x,y\n" + "\n".join(f"{i},{i % 2}" for i in range(n_rows)) + "\n?,1\n")
    table = from_path(path)
    assert len(table) == n_rows + 1
    assert table["x"].map(type).nunique() == 1


def test_a_path_that_does_not_exist_names_the_nearest_files(tmp_path):
    write_csv(tmp_path / "adult.csv")
    (tmp_path / "adult.docx").touch()
    with pytest.raises(CardError, match=r"no file .*adlut.csv; did you mean adult.csv\?") as caught:
        from_path(tmp_path / "adlut.csv")
    assert caught.value.field == "data.path"
    with pytest.raises(CardError, match=r"has adult\.csv"):
        from_path(tmp_path / "zzz")
    with pytest.raises(CardError, match="no folder"):
        from_path(tmp_path / "nowhere" / "adult.csv")
    with pytest.raises(CardError, match=r"is a folder.*adult.csv"):
        from_path(tmp_path)
    with pytest.raises(CardError, match=r"ends in .csv"):
        from_path(tmp_path / "adult.docx")


@pytest.mark.parametrize(
    "path",
    ["x" * 5000, "a\0b.csv", "~nobody-has-this-name/a.csv", "https://example.org/a.csv", "a\nb", "''", "..."],
)
def test_paths_that_cannot_be_are_refused(path):
    with pytest.raises(CardError):
        from_path(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "a header and rows"),
        ("t.csv", "a,b\nK\xf6ln,1\n".encode("latin-1"), "not UTF-8.*latin-1"),
        ("t.csv", b"a,b\n1,2\n1,2,3,4\n", "line 3.*Repair that line"),
        ("t.csv.gz", b"not gzip", "a whole .csv.gz file"),
        ("t.csv.gz", _CUT_SHORT, "a whole .csv.gz file"),
        ("t.parquet", b"not parquet", "a whole .parquet file"),
        ("t.parquet", b"", "a whole .parquet file"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        from_path(path)


def test_hostile_file_names_and_messages_stay_in_one_line(tmp_path):
    (tmp_path / "a\nb.csv").write_bytes(b"\xff")
    (tmp_path / "a\nb.csv.gz").write_bytes(b"not gzip")
    (tmp_path / "a\nb.txt").touch()
    for name in ("a\nb.csv", "a\nb.csv.gz", "a\nb.txt", "a\nb", "c\nd.csv"):
        with pytest.raises(AutoMLError) as caught:
            from_path(tmp_path / name)
        assert str(caught.value).isprintable()


def test_the_error_of_another_library_stays_in_one_line():
    class Hostile:
        def to_pandas(self) -> pd.DataFrame:
            raise ValueError("first\nsecond")

    with pytest.raises(DataError) as caught:
        from_frame("x", {"x": Hostile()})
    assert str(caught.value).isprintable()


def test_the_test_table_is_read_from_either_place(tmp_path):
    write_csv(tmp_path / "test.csv")
    by_path = read_cards({"data": {"name": "a", "split": {"test_path": str(tmp_path / "test.csv")}}})
    table = load_test_table(by_path, {})
    assert table is not None
    assert len(table) == 3
    by_name = read_cards("data:\n  name: a\n  split:\n    test: held_out\n")
    assert load_test_table(by_name, {"held_out": FRAME}) is FRAME
    with pytest.raises(CardError, match=r"line 4, column 11; data.split.test: "):
        load_test_table(by_name, {})
