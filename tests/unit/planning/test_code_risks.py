"""What a person should see first in a language model's code."""

from __future__ import annotations

import pytest

from tests.unit.planning.written_code import RETURN, any_matches, body, build, model, one_sentence, prepare

RISKS = {
    "subprocess": (
        body("import subprocess", "subprocess.run(['ls'])", "return rows"),
        "line 6: import of subprocess, which reaches",
    ),
    "os": (body("import os", "os.system('ls')", "return rows"), "line 7: os.system starts another program"),
    "shutil": (body("import shutil", "return rows"), "line 6: import of shutil"),
    "sockets": (body("from socket import socket", "return rows"), "or the network"),
    "urllib": (body("import urllib.request as u", "return rows"), "or the network"),
    "a module inside another": (body("pd.io.common.os.remove('x')", "return rows"), "os reaches files"),
    "pickle": (body("import pickle", "pickle.load(rows)", "return rows"), "pickle.load"),
    "joblib": (body("from joblib import load", "return rows"), "import of joblib.load"),
    "open": (body("open('x')", "return rows"), "line 6: open reads or writes a file"),
    "open by another name": (body("f = open", "return rows"), "open reads or writes"),
    "eval": (body("eval('1')", "return rows"), "eval runs text as code"),
    "exec": (body("exec('1')", "return rows"), "exec runs text as code"),
    "compile": (body("compile('1', '', 'eval')", "return rows"), "compile makes code"),
    "import by name": (body("__import__('os')", "return rows"), "__import__"),
    "importlib": (body("import importlib", "return rows"), "import of importlib"),
    "computed getattr": (body("getattr(pd, 'read' + '_csv')", "return rows"), "getattr with a name that is computed"),
    "written getattr": (body("getattr(pd, 'read_csv')('x')", "return rows"), "getattr reaches read_csv"),
    "read_csv": (body("pd.read_csv('x')", "return rows"), "pd.read_csv reads a file or address"),
    "imported read_csv": (body("from pandas import read_csv as r", "return rows"), "read_csv, which reads"),
    "to_csv": (body("rows.to_csv('x')", "return rows"), "rows.to_csv can write"),
    "to_csv by name": (body("rows.apply('to_csv')", "return rows"), "calls to_csv by its name"),
    "to_sql": (body("rows.to_sql('x', 'y')", "return rows"), "to_sql"),
    "tofile": (body("rows['age'].to_numpy().tofile('x')", "return rows"), "tofile writes a file"),
    "write": (body("x = rows", "x.write('x')", "return rows"), "x.write writes a file"),
    "unlink": (body("from pathlib import Path", "Path('x').unlink()", "return rows"), ".unlink deletes a file"),
    "np.load": (body("np.load('x')", "return rows"), "np.load reads a file"),
    "np.save": (body("np.save('x', 1)", "return rows"), "np.save writes a file"),
    "np.genfromtxt": (body("np.genfromtxt('x')", "return rows"), "np.genfromtxt"),
    "pd.eval": (body("pd.eval('1')", "return rows"), "pd.eval runs text"),
    "eval of the table": (body("return rows.eval('a = age')"), "rows.eval runs text"),
    "dunder": (body("().__class__.__base__.__subclasses__()", "return rows"), "__subclasses__ reaches"),
    "dunder text": (body("x = '__globals__'", "return rows"), "'__globals__' names"),
    "dunder name": (body("__builtins__", "return rows"), "__builtins__ reaches"),
    "globals": (body("globals()", "return rows"), "globals reaches every name"),
    "breakpoint": (body("breakpoint()", "return rows"), "breakpoint stops"),
    "input": (body("input()", "return rows"), "input waits"),
    "get_ipython": (body("get_ipython()", "return rows"), "get_ipython reaches the notebook"),
    "fetch": (
        body("from sklearn.datasets import fetch_openml", "return rows"),
        "fetch_openml, which reaches the network",
    ),
    "a changed library": (body("pd.DataFrame = 1", "return rows"), "pd.DataFrame = changes the library"),
}


@pytest.mark.parametrize(("source", "message"), RISKS.values(), ids=RISKS.keys())
def test_calls_that_a_person_should_read_are_risks(source, message):
    risks = prepare(source).risks
    assert any_matches(risks, message), risks
    assert all(one_sentence(risk) for risk in risks)


def test_imports_of_dangerous_modules_are_errors_and_risks():
    report = prepare("import os\n" + body("return rows"))
    assert report.errors and report.risks


def test_a_model_that_writes_files_is_a_risk():
    assert any_matches(build(model("XGBClassifier().save_model('x')", RETURN)).risks, "save_model writes a file")
