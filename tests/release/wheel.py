"""Build the wheel and the sdist, and install the wheel where only what it declares can be imported.

Nothing is downloaded: the fresh environment links to this one's copies of the declared dependencies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
NAME = "automl_gpt_magic"


def build(source: Path, folder: Path) -> tuple[Path, Path]:
    """Build a source tree and return the wheel and the sdist."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=source, check=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def install(wheel: Path, folder: Path, extras: Iterable[str] = (), also: Iterable[str] = ()) -> Path:
    """Install a wheel into a new virtual environment and return its interpreter.

    Parameters
    ----------
    wheel : Path
        What `build` made.
    folder : Path
        Of the new environment.
    extras : iterable of str
        Of the package, whose requirements are there too.
    also : iterable of str
        Names of further distributions; what they require is not there.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    (info,) = folder.glob(f"lib/python*/site-packages/{NAME}-*.dist-info")
    required = _required(Distribution.at(info), {"", *extras})
    for one in required | {*map(canonicalize_name, also)}:
        _link(distribution(one), info.parent, folder)
    return python


def _required(package: Distribution, extras: set[str]) -> set[str]:
    """Return the names of all distributions that a package needs, directly or not."""
    found: set[tuple[str, str]] = set()
    waiting = [(package, extra) for extra in extras]
    while waiting:
        new = set(_direct(*waiting.pop())) - found
        found |= new
        waiting += [(distribution(name), extra) for name, extra in new]
    return {name for name, _ in found}


def _direct(package: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    """Yield name and extra of everything that a package, or one extra of it, asks for."""
    for line in package.requires or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            yield from ((canonicalize_name(needed.name), asked) for asked in {"", *needed.extras})


def _link(package: Distribution, site: Path, prefix: Path) -> None:
    """Link a distribution's modules, and copy its files for Jupyter: a server serves no links out of their folder."""
    real_site, real_prefix = Path(sysconfig.get_path("purelib")), Path(sys.prefix).resolve()
    for file in package.files or ():
        link, inside = site / file.parts[0], Path(os.path.normpath(real_site / file)).relative_to(real_prefix)
        if ".." not in file.parts and not link.exists():
            link.symlink_to(real_site / file.parts[0])
        elif inside.parts[0] in ("share", "etc"):
            (prefix / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(real_prefix / inside, prefix / inside)
