"""The book is built without a warning, offline."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages import BOOK


def test_the_book_is_built_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(BOOK), str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-3000:]
    page = (tmp_path / "reference" / "magic.html").read_text()
    assert "leave_out_known" in page and "automl_gpt_magic" in (tmp_path / "index.html").read_text()
