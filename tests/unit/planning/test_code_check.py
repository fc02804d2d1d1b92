"""Reading a language model's code: what keeps it out of the cells."""

from __future__ import annotations

import time

import pytest

from automl_gpt_magic.planning.code_check import check_prepare
from automl_gpt_magic.planning.code_check.prefix import with_prefix
from tests.unit.planning.written_code import COLUMNS, any_matches, body, build, one_sentence, prepare

GOOD = {
    "nothing": body("return rows"),
    "a ratio": body('rows["ratio"] = rows["hours"] / rows["age"]', 'rows["twice"] = rows["ratio"] * 2', "return rows"),
    "assign": body('return rows.assign(ratio=rows["hours"], more=lambda t: t["ratio"] + t["age"])'),
    "rename": body('rows = rows.rename(columns={"age": "years"})', 'return rows[["years", "hours"]]'),
    "drop columns": body('return rows.drop(columns=["day", "age"])'),
    "drop by axis": body('return rows.drop("day", axis=1).drop(["age"], axis="columns")'),
    "drop what may be missing": body('return rows.drop(columns=["nowhere"], errors="ignore")'),
    "dropna of columns": body("return rows.dropna(axis=1)"),
    "dropna of one column": body('rows["age"] = rows["age"].fillna(rows["age"].dropna().median())', "return rows"),
    "rows picked for a number": body(
        'adults = rows[rows["age"] > 18]', 'rows["gap"] = rows["hours"] - adults["hours"].mean()', "return rows"
    ),
    "sorted counts": body(
        'top = rows["workclass"].value_counts().sort_values().head(3)', "return rows.assign(n=len(top))"
    ),
    "get_dummies": body('rows = pd.get_dummies(rows, columns=["workclass"])', 'return rows[["workclass_Private"]]'),
    "concat": body(
        "out = pd.concat([rows, pd.get_dummies(rows['workclass'])], axis=1)", "return out.drop(columns=['Private'])"
    ),
    "a loop over columns": body(
        'for column in ["age", "hours"]:',
        '    rows[f"{column}_log"] = np.log1p(rows[column])',
        'return rows[["age_log", "hours_log"]]',
    ),
    "a loop that looks first": body(
        'for name in ["age", "pay"]:', "    if name in rows:", "        rows[name] = rows[name] * 2", "return rows"
    ),
    "a constant list": body("return rows[KEPT]", head='KEPT = ["age", "hours"]\n'),
    "loc": body(
        'rows.loc[rows["age"] < 0, "age"] = np.nan', 'rows.loc[:, "new"] = 1', 'return rows.loc[:, ["age", "new"]]'
    ),
    "a mask that changes values": body('rows[rows["age"] < 0] = np.nan', "return rows"),
    "map of a word like the target": body('rows["age"] = rows["workclass"].map({"income": 1})', "return rows"),
    "group statistics": body('rows["mean"] = rows.groupby("workclass")["age"].transform("mean")', "return rows"),
    "dates": body('rows["day"] = pd.to_datetime(rows["day"])', 'rows["month"] = rows["day"].dt.month', "return rows"),
    "a helper, a type and a default": (
        "import re\nfrom datetime import datetime\nLIMIT: int = 60 * 24\nBANDS = {'a': (0, 1), 'b': [-1, 2.5]}\n\n"
        "def clean(text: str, size: int | None = None) -> str:\n    return re.sub(r'\\d', '', str(text))[:LIMIT]\n\n"
        "def task_prepare(rows: 'pd.DataFrame') -> 'pd.DataFrame':\n    '''Text.'''\n"
        "    rows['workclass'] = rows['workclass'].map(clean)\n    return rows\n"
    ),
    "a helper that gets the table": (
        "def add(table):\n    table['sum'] = table['age'] + table['hours']\n    return table\n\n"
        "def task_prepare(data):\n    data = add(data)\n    return data[['sum']]\n"
    ),
    "names of inner scopes": body(
        "f = lambda v: v + 1", "n = [i for i in range(3) if (k := i)]", "return rows.assign(n=f(k) + len(n))"
    ),
    "the data cell's imports": "def task_prepare(rows):\n    return rows.assign(n=np.log(rows['age']), m=pd.NA)\n",
    "try": body("try:", '    rows["x"] = rows["pay"]', "except KeyError:", '    rows["x"] = 0', "return rows"),
    "columns set at once": body('rows.columns = ["a", "b", "c", "d"]', 'return rows[["a", "b"]]'),
    "a pivot of its own": body(
        'means = rows.groupby("workclass").mean().reset_index()',
        "means = means.rename(columns=str)",
        'return rows.merge(means, how="left", on="workclass")',
    ),
    "a typed copy": body("out: pd.DataFrame = rows.copy()", 'out["n"] = 1', 'return out[["n", "age"]]'),
    "limits by column": body(
        "for name, (low, high) in LIMITS.items():",
        "    rows[name] = rows[name].clip(low, high)",
        "return rows",
        head='LIMITS, MOST = {"age": (0, 9)}, 3\n',
    ),
    "guards": body('if "pay" in rows.columns:', '    rows["pay"] = rows["pay"] * 2', "return rows"),
    "replaced marks": body('rows = rows.replace({"?": np.nan}).replace({"day": {"-": None}})', "return rows"),
    "columns in place": body(
        'rows.insert(0, "n", 1)', 'rows.drop(columns=["day"], inplace=True)', 'return rows[["n"]]'
    ),
    "a new table": body('return pd.DataFrame({"a": rows["age"], "b": rows["hours"].rank()})'),
    "a split": body('rows[["p", "q"]] = rows["day"].str.split("-", expand=True)', 'return rows[["p", "q"]]'),
    "other subscripts": body(
        'stats = rows["age"].agg(["mean", "std"])',
        'low = rows.describe().loc["min", "age"]',
        "values = rows['age'].to_numpy()",
        'return rows.assign(a=stats["mean"], b=low, c=values[values > 0].mean(), d=rows.isna().sum(axis=1))',
    ),
    "numbers at once": body(
        'numbers = rows.select_dtypes("number").columns.tolist()',
        "rows[numbers] = rows[numbers].fillna(rows[numbers].median())",
        "return rows[numbers + ['workclass']]",
    ),
    "rows one by one": body('rows["s"] = rows.apply(lambda row: row["age"] + row["hours"], axis=1)', "return rows"),
    "a with block": body('with np.errstate(all="ignore"):', '    rows["r"] = rows["age"] / 0', "return rows"),
    "words like methods": body('return rows.assign(w=rows["workclass"].map({"to_go": 1, "read_me": 2}))'),
    "names in lower case": body("rows = rows.rename(columns=lambda name: name.lower())", 'return rows[["Pay"]]'),
    "rows by position": body('rows["first"] = rows["workclass"].str[:3]', "return rows"),
}

BAD = {
    "no Python": ("def task_prepare(rows) return rows", "line 1: this is not Python"),
    "a magic": ("%pip install x\n" + body("return rows"), "line 1: this is not Python"),
    "a null byte": (body("return rows\0"), "line 6: holds the invisible character U.0000"),
    "hidden text": (body("return rows  # \u202e"), "invisible character U.202E"),
    "nested brackets": ("x = " + "(" * 900 + ")" * 900, "not Python|nested"),
    "nested signs": (body("return " + "-" * 7000 + "1"), "nested too deeply"),
    "an endless number": (body("return " + "9" * 5000), "not Python"),
    "too long": (body("return rows") + "#" * 8000, "at most 8,000"),
    "empty": ("", "defines no function task_prepare"),
    "an import": ("import os\n" + body("return rows"), "line 1: imports os: import only numpy, pandas"),
    "an inner import": (body("import scipy.stats", "return rows"), "imports scipy.stats"),
    "a relative import": ("from . import a\n" + body("return rows"), "imports a relative module"),
    "a future import": ("from __future__ import annotations\n" + body("return rows"), "imports __future__"),
    "a star import": ("from numpy import *\n" + body("return rows"), "imports every name of numpy"),
    "another name": ("def clean(rows):\n    return rows\n", "defines no function task_prepare"),
    "an async function": ("async def task_prepare(rows):\n    return rows\n", "is async"),
    "no parameter": ("def task_prepare():\n    return 1\n", "line 1: task_prepare has other parameters than one"),
    "two parameters": ("def task_prepare(rows, target):\n    return rows\n", "other parameters"),
    "starred parameters": ("def task_prepare(*rows):\n    return rows\n", "other parameters"),
    "defined twice": (body("return rows") + body("return rows", head=""), "defines task_prepare again"),
    "no return": (body("rows['x'] = 1"), "returns nothing"),
    "return of nothing": (body("return"), "returns nothing"),
    "only an inner return": (body("def inner():", "    return rows", "inner()"), "returns nothing"),
    "a generator": (body("yield rows", "return rows"), "yields"),
    "reads the target": (body('return rows[rows["income"]]'), "line 6: names the target column 'income'"),
    "lists the target": (body("return rows[KEPT]", head='KEPT = ["age", "income"]\n'), "names the target"),
    "drops the target": (body('return rows.drop(columns=["income"])'), "names the target"),
    "groups by the target": (
        body('rows["m"] = rows.groupby("income")["age"].transform("mean")', "return rows"),
        "target",
    ),
    "the target as attribute": (body("rows['y'] = rows.income", "return rows"), "names the target"),
    "the target of a lambda": (body("return rows.assign(y=lambda t: t['income'])"), "names the target"),
    "the target of a row": (body("rows['y'] = rows.apply(lambda r: r['income'], axis=1)", "return rows"), "target"),
    "an unknown column": (body('rows["x"] = rows["agee"]', "return rows"), "line 6: reads the column 'agee', .*age"),
    "an unknown column in a list": (body('return rows[["age", "pay"]]'), "reads the column 'pay'"),
    "an unknown column in loc": (body('rows["x"] = rows.loc[:, "pay"]', "return rows"), "reads the column 'pay'"),
    "an unknown column dropped": (body('return rows.drop(columns=["pay"])'), "reads the column 'pay'"),
    "an unknown column of a lambda": (body('return rows.assign(x=lambda t: t["pay"])'), "reads the column 'pay'"),
    "an unknown column of a copy": (body("out = rows.copy()", 'out["x"] = out["pay"]', "return out"), "'pay'"),
    "an unknown column of a loop": (
        body('for c in ["age", "pay"]:', "    rows[c] = rows[c + ''] ", "return rows[['pax']]"),
        "'pax'",
    ),
    "an unknown column of a helper": (
        "def add(table):\n    return table['pay']\n\ndef task_prepare(rows):\n    return rows.assign(x=add(rows))\n",
        "line 2: reads the column 'pay'",
    ),
    "an unknown column before dummies": (
        body('x = rows["pay"]', "out = pd.get_dummies(rows)", "return out.assign(x=x)"),
        "'pay'",
    ),
    "a call outside": (
        "import numpy as np\nnp.random.seed(0)\n" + body("return rows"),
        r"line 2: runs `np.random.seed\(0\)`",
    ),
    "a computed constant": ("X = len('abc')\n" + body("return rows"), "line 1: runs"),
    "an endless constant": ("X = 9 ** 9 ** 9\n" + body("return rows"), "line 1: runs"),
    "a loop outside": ("for i in []:\n    pass\n" + body("return rows"), "line 1: runs"),
    "a class": ("class A:\n    pass\n" + body("return rows"), "line 1: runs"),
    "a decorator": ("import numpy as np\n@np.vectorize\ndef f(x):\n    return x\n" + body("return rows"), "decorator"),
    "a computed default": ("def f(x=print('hi')):\n    return x\n" + body("return rows"), "computes a default"),
    "a computed annotation": ("def f(x: print('hi')):\n    return x\n" + body("return rows"), "computes a default"),
    "fit": (
        body("from sklearn.preprocessing import StandardScaler", "StandardScaler().fit(rows)", "return rows"),
        "line 7: calls .fit,",
    ),
    "fit_transform": (
        body("from sklearn.decomposition import PCA", "return PCA().fit_transform(rows)"),
        "calls .fit_transform",
    ),
    "fit by another name": (body("learn = np.x.fit", "return learn(rows)"), r"calls \.fit,"),
    "a name of ours": ("task_train = None\n" + body("return rows"), "line 1: defines task_train"),
    "a function of ours": (
        "def task_features(rows):\n    return rows\n" + body("return rows"),
        "defines task_features",
    ),
    "rows outside": ("rows = None\n" + body("return rows"), "line 1: defines task_rows"),
    "another pd": ("import numpy as pd\n" + body("return rows", head=""), "imports numpy as pd"),
    "a user's name": ("import numpy as adult\n" + body("return rows"), "imports numpy as adult"),
    "a user's name for a function": ("from numpy import sqrt as adult\n" + body("return rows"), "as adult"),
    "a global": (body("global task_train", "task_train = rows", "return rows"), "changes global names"),
    "an undefined name": (
        body("rows['x'] = missing(rows)", "return rows"),
        "line 6: reads missing, which is defined nowhere",
    ),
    "a name of the notebook": (body("return task_train"), "reads task_train, which is defined nowhere"),
    "dropna": (body("return rows.dropna()"), r"line 6: .dropna\(\) changes the rows"),
    "dropna of a typed copy": (body("out: pd.DataFrame = rows.dropna()", "return out"), "dropna"),
    "an unknown column of a typed copy": (body("out: pd.DataFrame = rows", "return out[['pay']]"), "'pay'"),
    "dropna, then a return": (body("rows = rows.fillna(0).dropna(subset=['age'])", "return rows"), "dropna"),
    "dropna in place": (body("rows.dropna(inplace=True)", "return rows"), "dropna"),
    "drop_duplicates": (body("out = rows.drop_duplicates()", "out['x'] = 1", "return out"), "drop_duplicates"),
    "sample": (body("return rows.sample(frac=1)"), "sample"),
    "query": (body("return rows.query('age > 3')"), "query"),
    "drop of rows": (body("return rows.drop(rows[rows['age'] > 3].index)"), r"write .drop\(columns"),
    "a mask": (body("rows = rows[rows['age'] > 3]", "return rows"), "leaves out rows"),
    "a mask by name": (body("keep = rows['age'].notna()", "return rows[keep]"), "leaves out rows"),
    "two masks": (body("return rows.loc[(rows['age'] > 3) & (rows['hours'] > 3)]"), "leaves out rows"),
    "the first rows": (body("return rows[:100]"), "leaves out rows"),
    "the first rows by place": (body("return rows.iloc[:100, :]"), "leaves out rows"),
    "sorting": (body("return rows.sort_values('age')"), "sort_values"),
    "concat below": (body("return pd.concat([rows, rows])"), "axis=1"),
    "dropna of a helper": ("def clean(t):\n    return t.dropna()\n" + body("return clean(rows)"), "line 2: .dropna"),
}


@pytest.mark.parametrize("source", GOOD.values(), ids=GOOD.keys())
def test_good_code_has_neither_errors_nor_risks(source):
    report = prepare(source)
    assert (report.source, report.errors, report.risks) == (with_prefix(source.strip(), "task"), (), ())


@pytest.mark.parametrize(
    ("source", "prefixed"),
    [
        (
            "adult = 5\ndef prepare(rows):\n    return rows\n",
            "task_adult = 5\ndef task_prepare(rows):\n    return rows\n",
        ),
        (
            "A, B = 1, 2\ndef  prepare(rows): return rows[A]",
            "task_A, task_B = 1, 2\ndef  task_prepare(rows): return rows[task_A]",
        ),
        ("def é(a): return é(a).é", "def task_é(a): return task_é(a).é"),
        ("def task_prepare(rows): return rows", "def task_prepare(rows): return rows"),
        ("def broken(:", "def broken(:"),
    ],
)
def test_what_the_code_defines_gets_the_plans_prefix(source, prefixed):
    assert with_prefix(source, "task") == prefixed


@pytest.mark.parametrize(("source", "message"), BAD.values(), ids=BAD.keys())
def test_bad_code_has_an_error_that_says_where_and_what(source, message):
    errors = prepare(source).errors
    assert any_matches(errors, message), errors
    assert all(one_sentence(error) for error in errors)


def test_code_is_never_run(tmp_path):
    mark = tmp_path / "mark"
    prepare(f"open({str(mark)!r}, 'w')\n" + body(f"open({str(mark)!r}, 'w')", "return rows"))
    assert not mark.exists()


def test_findings_are_in_the_order_of_the_lines_and_once_each():
    errors = prepare(body("a = missing", "rows['b'] = rows['pay']", "c = missing", "return rows.dropna()")).errors
    lines = [int(error.split(":")[0].removeprefix("line ")) for error in errors]
    assert lines == sorted(lines) and len(set(errors)) == len(errors) == 3


def test_the_target_may_be_among_the_columns():
    errors = check_prepare(body("return rows[['income']]"), "task", [*COLUMNS, "income"], "income").errors
    assert any_matches(errors, "names the target")


PREFIX = "def task_prepare(rows):\n "
ABSURD = [
    "(" * 3999 + ")" * 3999,
    "x" + "[0]" * 2600,
    "x" + ".a" * 3900,
    "x" + "()" * 3900,
    "1" + "+1" * 3900,
    "not " * 1900 + "1",
    "lambda:" * 1100 + "1",
    "1 if 1 else " * 600 + "1",
    "f(" * 2000,
    "[" * 190 + "]" * 190,
    "".join(" " * depth + "if 1:\n" for depth in range(99)) + " " * 99 + "1",
    "'''",
    "\\",
    "\ud800",
    "é\r\rx",
    "def f(a, a): pass",
    "nonlocal x",
    "x: (yield) = 1",
    "match 1:\n case {**x}: pass",
    "async def f(): await x",
    "getattr()",
    "getattr(*a)",
    "import a.b.c as d",
    "def task_prepare(rows): return task_prepare(task_prepare)",
    PREFIX + "return rows" + ".copy()" * 1100,
    PREFIX + "return rows" + "['age']" * 1100,
    PREFIX + "a = a = rows; a, *b = a; rows[a:b, ...] = rows[()] ; del rows[''], b\n return rows[*a]",
    PREFIX + "for rows in rows: rows.drop(); rows.assign(**rows); rows.rename(); rows.insert()\n return x",
    "x = x = [x]\n" + PREFIX + "return rows[x][y]",
    "x = y\ny = x\n" + PREFIX + "return rows[rows[x & y]][x + y][rows.gone]",
]


@pytest.mark.parametrize("source", ABSURD, ids=range(len(ABSURD)))
def test_reading_never_fails(source):
    for report in (prepare(source), build(source)):
        assert isinstance(report.errors, tuple)
    assert build(source).errors


def test_two_hundred_lines_are_read_in_a_moment():
    lines = [f'rows["n{number}"] = rows["age"].ffill()' for number in range(194)]
    source = body(*lines, "return rows")
    assert prepare(source).errors == ()
    assert min(timed(source) for _ in range(5)) < 0.5  # about 0.01 on a quiet machine


def timed(source):
    start = time.process_time()
    prepare(source)
    return time.process_time() - start
