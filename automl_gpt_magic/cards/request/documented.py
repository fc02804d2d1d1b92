"""What is understood without an LLM, by example."""

from __future__ import annotations

_DOCUMENTED = (
    ("training time", "train in under a minute"),
    ("training time", "Das Training soll höchstens 5 Minuten dauern"),
    ("trees", "no more than 100 trees"),
    ("trees", "max 100 rounds"),
    ("epochs", "at most 20 epochs"),
    ("latency", "within 20 ms per prediction"),
    ("latency", "p95 latency under 5 ms"),
    ("latency", "median latency below 2 ms"),
    ("throughput", "inference faster than 10 FPS"),
    ("throughput", "at least 1,000 rows per second at batch 32"),
    ("model size", "model under 50 MB"),
    ("memory", "less than 2 GB of RAM while training"),
    ("metric limit", "recall at least 0.9"),
    ("metric limit", "RMSE below 3"),
    ("faster inference", "make it faster"),
    ("faster training", "faster training"),
    ("smaller", "a smaller model"),
    ("less memory", "use less memory"),
    ("more accurate", "make it more accurate"),
    ("explainable", "make it explainable"),
    ("other metric", "use ROC AUC instead"),
    ("set a value", "set max_depth to 4"),
    ("set a value", "Lernrate 0,05"),
    ("lock a value", "keep max_depth as it is"),
    ("lock a value", "don't touch max_depth"),
    ("free a value", "you may change max_depth again"),
    ("other model", "use LightGBM instead"),
)


def documented() -> tuple[tuple[str, str], ...]:
    """Return what is understood, each as its kind and an example."""
    return _DOCUMENTED
