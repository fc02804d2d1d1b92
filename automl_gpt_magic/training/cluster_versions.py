"""Whether a cluster's workers have what a study's results depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import distributed

_ALWAYS = ("automl_gpt_magic", "cloudpickle", "numpy", "pandas", "scikit-learn")
# By the module that a cell imports, the packages that bring it.
_IF_IMPORTED: Mapping[str, Sequence[str]] = {
    "xgboost": ("xgboost", "xgboost-cpu"),
    "lightgbm": ("lightgbm",),
    "torch": ("torch",),
}
# It is sent as text, and uses Python alone: it is not known yet whether the workers have this package. What is missing
# raises nothing, because Dask logs that with a traceback.
_QUESTION = """dict(
    Python=__import__("platform").python_version(),
    **{{
        name: found.version
        for name in {names!r}
        for found in list(__import__("importlib.metadata").metadata.distributions(name=name))[:1]
    }},
)"""


def differences(client: distributed.Client, addresses: Sequence[str], source: str) -> dict[str, str]:
    """Return for each worker that lacks something what that is and what to do; those that are gone are left out.

    Parameters
    ----------
    client : distributed.Client
    addresses : sequence of str
        The workers.
    source : str
        What they are to run.
    """
    if not addresses:
        return {}
    needed = dict(_needed(source))
    question = _QUESTION.format(names=[name for packages in needed.values() for name in packages])
    here = eval(question)
    answers = client.run(eval, question, workers=list(addresses), on_error="return")
    found = {}
    for address, there in answers.items():
        if isinstance(there, dict):
            found[address] = _first_difference(address, needed, here, there)
    return {address: said for address, said in found.items() if said}


def _needed(source: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the packages that bring what is needed, by what a user installs."""
    yield "Python", ("Python",)
    yield from ((package, (package,)) for package in _ALWAYS)
    yield from ((module, packages) for module, packages in _IF_IMPORTED.items() if module in source)


def _first_difference(
    address: str, needed: Mapping[str, Sequence[str]], here: Mapping[str, Any], there: Mapping[str, Any]
) -> str:
    for name, packages in needed.items():
        ours, theirs = (_version(name, packages, versions) for versions in (here, there))
        if ours and ours != theirs:
            return _said(address, name, ours, theirs)
    return ""


def _version(name: str, packages: Sequence[str], versions: Mapping[str, str]) -> str:
    """Return what of a version decides; empty where there is none."""
    text = next((versions[package] for package in packages if package in versions), "")
    if name == "Python":  # a minor version reads what another of it has pickled
        return ".".join(text.split(".")[:2])
    return text.partition("+")[0]  # without the name of a build, such as +cpu


def _said(address: str, name: str, here: str, there: str) -> str:
    if name == "Python":
        return f"the worker {address} runs Python {there}, this notebook {here}; start workers with Python {here}"
    has = f"{name} {there}" if there else f"no {name}"
    return f"the worker {address} has {has}, this notebook {here}; run there: pip install '{name}=={here}'"
