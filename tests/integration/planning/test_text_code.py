"""Text: the cells of TF-IDF and a linear model, really run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import automl_gpt_magic
from automl_gpt_magic.errors import AutoMLError
from automl_gpt_magic.planning.recipes.text import data_cell

GOOD, BAD = "a fine and pleasant thing", "an awful and dull thing"


def reviews(n_rows=200, seed=0):
    random = np.random.default_rng(seed)
    good = random.random(n_rows) < 0.5
    words = [" ".join(random.choice(list("abcdefgh"), 6)) for _ in range(n_rows)]
    return pd.DataFrame(
        {
            "title": random.choice(["short", None], n_rows),
            "body": [f"{GOOD if one else BAD} {rest}" for one, rest in zip(good, words, strict=True)],
            "likes": random.integers(0, 9, n_rows),
            "mood": np.where(good, "good", "bad"),
        }
    )


def planned(frame, target="mood", **more):
    cards = {"data": {"name": "Reviews", "input_type": "text", "target": target, **more.pop("data", {})}, **more}
    return automl_gpt_magic.plan(cards, frame=frame)


def run(plan, **names):
    namespace = dict(names)
    for source in plan.code.values():
        exec(source, namespace)
    return namespace


def test_the_cells_train_score_and_predict_raw_rows():
    frame = reviews()
    plan = planned(frame, data={"split": {"test_frame": "later"}})
    assert plan.model.name == "TF-IDF + linear"
    done = run(plan, frame=frame, later=reviews(50, seed=1))
    assert done["reviews_test_scores"]["accuracy"] > 0.95
    assert done["reviews_log"]["validation"]["log_loss"][-1] == pytest.approx(
        done["reviews_valid_scores"]["log_loss"], abs=1e-9
    )
    assert done["reviews_model"].predict(reviews(3, seed=2)).shape == (3,)


def test_columns_of_text_are_joined_missing_is_empty_and_others_are_said_to_be_left_out():
    frame = reviews()
    plan = planned(frame)
    done = run(plan, frame=frame)
    first = frame[frame["title"].isna()][:1]
    assert list(done["reviews_preprocessing"].transform(first)) == [f" {first['body'].iloc[0]}"]
    assert any("likes (numeric)" in step.reason for step in plan.data_steps)
    assert plan.table.names("text") == ["title", "body"]


def test_a_regression():
    frame = reviews()
    frame["stars"] = np.where(frame["mood"] == "good", 5.0, 1.0) + np.arange(200) / 1000
    done = run(planned(frame.drop(columns="mood"), "stars"), frame=frame)
    assert done["reviews_valid_scores"]["rmse"] < 1


def test_three_classes_and_every_choice():
    frame = reviews(300)
    frame["mood"] = np.where(frame["body"].str.contains(" a "), frame["mood"], "neutral")
    values = {"analyzer": "char_wb", "longest_ngram": 4, "min_df": 2, "max_features": 500, "term_frequency": "count"}
    plan = planned(frame, model=[{"name": "TF-IDF", "hyperparameters": values}])
    done = run(plan, frame=frame)
    assert done["reviews_valid_scores"]["accuracy"] > 0.6
    vectoriser = done["reviews_candidate"][0]
    assert (vectoriser.analyzer, vectoriser.ngram_range, vectoriser.sublinear_tf) == ("char_wb", (1, 4), False)


def test_a_csv_file_and_names_like_code(tmp_path):
    path = tmp_path / "texts.csv"
    reviews().rename(columns={"body": "x'] + __import__('os')\n"}).to_csv(path, index=False)
    plan = automl_gpt_magic.plan(
        {"data": {"name": "Reviews", "input_type": "text", "path": str(path), "target": "mood"}}
    )
    assert run(plan)["reviews_valid_scores"]["accuracy"] > 0.9


def test_texts_go_through_what_a_language_model_prepares():
    frame = reviews()
    plan = planned(frame)
    prepare = "def reviews_prepare(rows):\n    return rows[['body', 'likes']].assign(body=rows['body'].str.upper())"
    written = data_cell("reviews", plan.cards.data, plan.table, prepare)
    namespace = {"frame": frame}
    exec(written, namespace)
    assert namespace["reviews_text"] == ["body"]
    assert namespace["reviews_preprocessing"].transform(frame[:1])[0].isupper()


@pytest.mark.parametrize(
    ("frame", "cards", "message"),
    [
        (reviews()[["likes", "mood"]], {}, "no column besides the target holds text"),
        (reviews(), {"model": [{"name": "XGBoost"}]}, "'XGBoost' is not for .*text data; write TF-IDF"),
        (
            reviews(),
            {"data": {"split": {"test_frame": "frame"}, "input_type": "audio"}},
            "audio data cannot be planned",
        ),
    ],
)
def test_what_cannot_be_planned_is_one_line(frame, cards, message):
    with pytest.raises(AutoMLError, match=message):
        planned(frame, **cards)


def test_a_test_table_without_a_column_of_text_is_noticed(tmp_path):
    path = tmp_path / "later.csv"
    reviews().drop(columns="body").to_csv(path, index=False)
    with pytest.raises(AutoMLError, match="no column 'body'"):
        planned(reviews(), data={"split": {"test_path": str(path)}})
