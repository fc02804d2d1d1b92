"""What the tests of exported projects share: a plan's cells run as in a notebook, and its project run without this."""

from __future__ import annotations

import json
import subprocess
import sys

import yaml

import automl_gpt_magic
from automl_gpt_magic.export import export_plan

QUICK = {"name": "XGBoost", "hyperparameters": {"n_estimators": 3}}

# Predicts with the model of each project, if it has one, then runs its train.py and predict.py as scripts, and predicts
# with the model that train.py saved.
RUN = """
import contextlib, json, pathlib, runpy, sys
sys.modules["automl_gpt_magic"] = None
LOCAL = "preprocess", "model", "train"

def predicted(folder, rows):
    script = runpy.run_path(folder + "/predict.py")
    found = {**script, **vars(sys.modules["preprocess"])} if "preprocess" in sys.modules else script
    read = next(found[name] for name in found if name.endswith("_read" if rows else "_found"))
    of = rows or next(found[name] for name in found if name.endswith("_source"))
    return script["load_model"]().predict(read(of)).tolist()

projects = sys.argv[1:]
for folder, rows in zip(projects[::2], projects[1::2]):
    sys.path.insert(0, folder)
    has_model = any(path.suffix != ".py" for path in pathlib.Path(folder).glob("model.*"))
    before = predicted(folder, rows) if has_model else None
    runpy.run_path(folder + "/train.py", run_name="__main__")
    if not pathlib.Path(folder, "predict.py").exists():
        continue
    sys.argv = ["predict.py", *([folder + "/" + rows] if rows else [])]
    with open(folder + "/predicted.txt", "w") as printed, contextlib.redirect_stdout(printed):
        runpy.run_path(folder + "/predict.py", run_name="__main__")
    kept = {"before": before, "after": predicted(folder, rows)}
    open(folder + "/predicted.json", "w").write(json.dumps(kept))
    sys.path.remove(folder)
    for name in LOCAL:
        sys.modules.pop(name, None)
"""


def planned(frame, target="income", name="Task", model=QUICK, **data):
    return automl_gpt_magic.plan({"data": {"name": name, "target": target, **data}, "model": model}, frame=frame)


def cells_run(plan, sources=None, **names):
    namespace = dict(names)
    for source in (sources or plan.code).values():
        exec(source, namespace)
    return namespace


def export(plan, folder, sources=None, **given):
    given = {"frame": None, "test_frame": None, "run": None, "model": None, **given}
    return export_plan(plan, sources or plan.code, folder, **given)


def front_matter(folder):
    _, front, text = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), text


class Case:
    """One table: its plan, what its cells gave in the notebook, and its project."""

    def __init__(self, folder, plan, frame=None, test=None, sources=None, with_model=True, run=cells_run):
        name = plan.cards.data.frame
        names = ({} if frame is None else {name or "frame": frame}) | ({"adult_test": test} if test is not None else {})
        self.plan, self.frame, self.folder, self.sources = plan, frame, folder, sources or plan.code
        self.done = run(plan, self.sources, **names)
        self.model = self.done[f"{plan.names}_model"]
        model = self.model if with_model else None
        self.files = export(plan, folder, self.sources, frame=frame, test_frame=test, model=model)
        self.saved = {file.name for file in self.files if file.suffix in (".ubj", ".txt", ".skops", ".safetensors")}
        self.saved -= {"requirements.txt"}

    @property
    def predicted(self):
        """What the exported model predicted for the rows, and the one that train.py made."""
        kept = json.loads((self.folder / "predicted.json").read_text())
        return kept["before"], kept["after"]

    def scores(self, part):
        return self.done[f"{self.plan.names}_{part}_scores"]


def run_projects(home, projects):
    """Run the projects of (folder, rows) in one process, in a folder of its own; images have no rows."""
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    arguments = [part for folder, rows in projects for part in (str(folder), rows)]
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=elsewhere, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not [*elsewhere.iterdir()]
