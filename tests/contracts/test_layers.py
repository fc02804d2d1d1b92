"""The import contracts of pyproject.toml, and what loading the extension may import."""

import json
import subprocess
import sys
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
HEAVY = {
    "sqlalchemy",
    "httpx2",
    "torch",
    "sentence_transformers",
    "openai",
    "xgboost",
    "sklearn",
    "pandas",
    "matplotlib",
    "ipywidgets",
    "numpy",
}

LOAD = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "automl_gpt_magic")
assert "automl" in shell.magics_manager.magics["cell"]
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def test_imports_run_downward(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_loading_the_extension_imports_nothing_heavy():
    ran = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    assert not HEAVY & set(json.loads(ran.stdout.splitlines()[-1]))
