"""Limits in English and German, with their units."""

from __future__ import annotations

import pytest

from tests.unit.cards.request_wishes import in_short, understood

TIME = "training_seconds-most"
LATENCY = "latency-most-p95-batch-1"
MEDIAN = "latency-most-p50-batch-1"
RATE = "throughput-least-batch-1"
SIZE = "model_size-most"
MEMORY = "memory-most"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("train in under a minute", f"{TIME} 60"),
        ("train in 90s or less", f"{TIME} 90"),
        ("train in under 2 days", f"{TIME} 172800"),
        ("inference under 20 ms for 1e400 rows", None),
        ("at least 10 rows per second at batch 1,000,000", None),
        ("Train in half an hour", f"{TIME} 1800"),
        ("training must not take longer than 90 seconds", f"{TIME} 90"),
        ("make sure training takes less than 2 min", f"{TIME} 120"),
        ("fit it in at most 1.5 h please", f"{TIME} 5400"),
        ("the training time should be below 10s", f"{TIME} 10"),
        ("don't train longer than ten minutes", f"{TIME} 600"),
        ("Das Training soll höchstens 5 Minuten dauern", f"{TIME} 300"),
        ("Die Trainingszeit darf eine Minute nicht überschreiten.", f"{TIME} 60"),
        ("Trainiere in weniger als einer halben Stunde", f"{TIME} 1800"),
        ("Bitte innerhalb von 90 Sekunden trainieren", f"{TIME} 90"),
        ("Training unter 1,5 Stunden", f"{TIME} 5400"),
        ("traning under 20 secconds", f"{TIME} 20"),
        ("trainning under 20 seconds", f"{TIME} 20"),
        ("no more than 100 trees", "trees-most 100"),
        ("only use 100 trees", "trees-most 100"),
        ("use only 100 trees, thanks!", "trees-most 100"),
        ("max 100 rounds", "trees-most 100"),
        ("100 trees are enough", "trees-most 100"),
        ("fewer than 1,000 estimators", "trees-most 999"),
        ("set n_estimators to at most 100", "trees-most 100"),
        ("n_estimators < 200", "trees-most 199"),
        ("train for at most 20 epochs", "epochs-most 20"),
        ("höchstens hundert Bäume", "trees-most 100"),
        ("Nicht mehr als 1.000 Bäume verwenden, bitte.", "trees-most 1000"),
        ("maximal 20 Epochen", "epochs-most 20"),
        ("mehr als 20 Epochen", None),
        ("nur 50 Bäume", "trees-most 50"),
        ("100 Bäume reichen", "trees-most 100"),
        ("within 20 ms per prediction", f"{LATENCY} 0.02"),
        ("Latenz maximal 20 ms (Median)", f"{MEDIAN} 0.02"),
        ("inference under 20 ms for 1000 rows", "latency-most-p95-batch-1000 0.02"),
        ("fewer than two hundred trees", "trees-most 199"),
        ("training has to finish in under two minutes", f"{TIME} 120"),
        ("p95 latency under 5 ms", f"{LATENCY} 0.005"),
        ("answer in 50 ms", f"{LATENCY} 0.05"),
        ("median latency below 2 ms", f"{MEDIAN} 0.002"),
        ("latency (p50) <= 2ms", f"{MEDIAN} 0.002"),
        ("It must respond within 100 milliseconds.", f"{LATENCY} 0.1"),
        ("predictions have to take less than 1.5 ms", f"{LATENCY} 0.0015"),
        ("latency of at most 8 ms at batch size 16", "latency-most-p95-batch-16 0.008"),
        ("reduce the latency to 3 ms", f"{LATENCY} 0.003"),
        ("inference faster than 20 ms", f"{LATENCY} 0.02"),
        ("Eine Vorhersage darf höchstens 20 ms dauern", f"{LATENCY} 0.02"),
        ("Latenz unter 0,5 Millisekunden", f"{LATENCY} 0.0005"),
        ("Antwortzeit höchstens eine Sekunde", f"{LATENCY} 1"),
        ("inference faster than 10 FPS", f"{RATE} 10"),
        ("at least 10 FPS", f"{RATE} 10"),
        ("1,000 rows per second", f"{RATE} 1000"),
        ("handle 200 requests/s", f"{RATE} 200"),
        ("handle 10k rows per second", f"{RATE} 10000"),
        ("throughput of at least 6000 rows per minute", f"{RATE} 100"),
        ("at least 1,000 rows per second at batch 32", "throughput-least-batch-32 1000"),
        ("not slower than 10 FPS", f"{RATE} 10"),
        ("no fewer than 30 predictions per second", f"{RATE} 30"),
        ("mindestens 1.000 Zeilen pro Sekunde", f"{RATE} 1000"),
        ("Durchsatz von mindestens 200 Anfragen/s bei Batchgröße 8", "throughput-least-batch-8 200"),
        ("under 50 MB", f"{SIZE} 5e+07"),
        ("smaller than 1 MiB", f"{SIZE} 1048576"),
        ("model must fit in 500 kB", f"{SIZE} 500000"),
        ("the model should be no larger than 2.5 MB on disk", f"{SIZE} 2500000"),
        ("shrink it to 5 MB", f"{SIZE} 5000000"),
        ("Modell kleiner als 1,5 MB", f"{SIZE} 1500000"),
        ("Die Modellgröße darf 10 MB nicht überschreiten", f"{SIZE} 1e+07"),
        ("less than 2 GB of RAM while training", f"{MEMORY} 2e+09"),
        ("peak memory below 512 MiB", f"{MEMORY} 5.368709e+08"),
        ("use at most 1 GB of memory", f"{MEMORY} 1e+09"),
        ("weniger als 2 GB Arbeitsspeicher beim Training", f"{MEMORY} 2e+09"),
        ("recall at least 0.9", "recall-least 0.9"),
        ("accuracy above 85%", "accuracy-least 0.85"),
        ("RMSE below 3", "rmse-most 3"),
        ("AUC ≥ 0.92", "roc_auc-least 0.92"),
        ("log loss no more than 0.3", "log_loss-most 0.3"),
        ("reach 90 percent accuracy", "accuracy-least 0.9"),
        ("the F1 score must not fall below 0.8", "f1-least 0.8"),
        ("balanced accuracy better than 0.7", "balanced_accuracy-least 0.7"),
        ("an MAE better than 2,500", "mae-most 2500"),
        ("Recall mindestens 0,9", "recall-least 0.9"),
        ("Genauigkeit über 85 %", "accuracy-least 0.85"),
        ("MSE below 3", "mean_squared_error-most 3"),
        ("MAPE below 10%", "mean_absolute_percentage_error-most 0.1"),
        ("macro recall at least 0.8", "recall_macro-least 0.8"),
        ("RMSE unter 3,5", "rmse-most 3.5"),
    ],
)
def test_a_limit(text, limit):
    assert in_short(text) == ([limit] if limit else [])
    assert bool(understood(text).left) is (limit is None)


def test_the_tightest_of_several_limits_counts():
    assert in_short("at most 100 trees; at most 80 trees") == ["trees-most 80"]
    assert in_short("recall at least 0.8. Recall above 0.9!") == ["recall-least 0.9"]


def test_a_limit_has_the_users_words():
    (wish,) = understood("Please  keep it\tunder 5 MB!").wishes
    assert wish.text == wish.constraint.text == "Please keep it under 5 MB"


@pytest.mark.parametrize(
    "text",
    [
        "our 50 MB dataset",
        "We trained with at most 100 trees",
        "we get 200 requests per second",
        "we use at most 100 trees",
        "My laptop has less than 2 GB of RAM",
        "precision and recall at least 0.9",
        "accuracy may drop below 0.8",
        "training may take more than an hour",
        "train in 1:30",
        "train within 2-3 minutes",
        "don't limit the trees to 100",
        "latency under 20 ms on a GPU",
        "use less than 4 GB GPU memory",
        "predict 1000 rows in under 2 seconds",
        "at most one hundred and fifty trees",
        "images of 10 trees",
        "at least 100 trees",
        "more than 100 trees",
        "about 100 trees",
        "between 10 and 20 trees",
        "at most 10 to 20 trees",
        "at most 1.000 trees",
        "höchstens 1,000 Bäume",
        "at most 10k trees",
        "at most 100 trees per village",
        "The training data has under 100 trees.",
        "Training takes under a minute.",
        "The model was trained in under a minute",
        "Training already takes less than 5 minutes",
        "Is inference faster than 10 FPS?",
        "Why is recall below 0.9?",
        "if training takes under a minute, use LightGBM",
        "no training under a minute",
        "training and inference under 10 seconds",
        "training under 2 minutes and 30 seconds",
        "train in under an hour and a half",
        "average latency under 5 ms",
        "p99 latency under 5 ms",
        "latency under 5 ms per batch",
        "latency at least 5 ms",
        "under a minute",
        "training under 10 ms",
        "train at 1000 rows per second",
        "at most 10 FPS",
        "recall at least 90",
        "recall under 0.9",
        "RMSE at least 3",
        "RMSE below 3 %",
        "recall at least 0.9 on the minority class",
        "accuracy of 0.9",
        "MAPE below 10",
        "less than 50 MB of data",
        "at least 50 MB",
        "under 50 MB on a phone",
        "twice as fast",
        "a 10x faster model",
        "50% smaller",
        "max depth at most 4",
        "höchstens 10 Epochen ohne Verbesserung",
        "Der Datensatz hat weniger als 1000 Zeilen und unter 50 MB",
        "Das Training dauert unter einer Minute",
    ],
)
def test_other_numbers_are_left(text):
    assert understood(text).wishes == ()
    assert understood(text).left
