"""automl_gpt_magic: cards in; code, a model, hyperparameters and a predicted training curve out.

In a notebook: ``%load_ext automl_gpt_magic``, then a ``%%automl`` cell. From Python: `plan`, with
`connect` to a language model. A model of yours: `trainer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .connection import connect
    from .errors import AutoMLError
    from .pipeline import plan
    from .planning.trainer import trainer
    from .training import spread, watch
    from .training.own_model import OwnModel

__version__ = "0.1.0"
__all__ = [
    "AutoMLError",
    "OwnModel",
    "connect",
    "load_ipython_extension",
    "plan",
    "spread",
    "trainer",
    "unload_ipython_extension",
    "watch",
]

# Loading the extension must stay instant, so numpy and everything above it wait for their first use.
_LAZY = {
    "AutoMLError": "errors",
    "OwnModel": "training.own_model",
    "connect": "connection",
    "plan": "pipeline",
    "spread": "training",
    "trainer": "planning.trainer",
    "watch": "training",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%%automl``, ``%automl`` and the settings shown by ``%config AutoML``."""
    from .magic import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics and the settings away again."""
    from .magic import unregister

    unregister(shell)
