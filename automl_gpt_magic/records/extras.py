"""Which extra of this package brings a library."""

from __future__ import annotations

_EXTRAS = {
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "torch": "torch",
    "pyarrow": "parquet",
    "datasets": "huggingface",
    "optuna": "tune",
    "skops": "export",
    "distributed": "cluster",
    "sentence_transformers": "encoder",
    "transformers": "encoder",
}


def install(module: str) -> str:
    """Return what to install for a module that is missing."""
    extra = _EXTRAS.get(module.partition(".")[0])
    return f"pip install 'automl_gpt_magic[{extra}]'" if extra else f"install {module}"
