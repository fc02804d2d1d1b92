"""A page in Python that answers as bridge.js does; browser tests have the real one."""

from __future__ import annotations

import re


class Page:
    """The cells below one magic cell; `answer` handles the last request, `type_` is the user's hand."""

    def __init__(self):
        self.cells = {}

    def answer(self, task, pending=()):
        request = task.cells.bridge.request
        for cell in request["cells"]:
            self.cells.setdefault(cell["stage"], dict(cell))
        refused = [w["stage"] for w in request["writes"] if not self._write(w, pending)]
        task.cells.bridge.state = {
            "seq": request["seq"],
            "ok": True,
            "plan": "p",
            "anchor": request["anchor"],
            "cells": self.described(pending),
            "refused": refused,
        }

    def _write(self, write, pending):
        cell = self.cells[write["stage"]]
        if cell["source"] != write["expected"] or write["stage"] in pending:
            return False
        cell.update(source=write["source"], metadata=write["metadata"])
        return True

    def described(self, pending=()):
        return [{**cell, "id": stage, "pending": stage in pending} for stage, cell in self.cells.items()]

    def type_(self, task, stage, pattern, text):
        self.cells[stage]["source"] = re.sub(pattern, text, self.cells[stage]["source"])
        task.cells.bridge.state = {**task.cells.bridge.state, "cells": self.described()}

    def settle(self, task):
        for _ in range(10):
            if task.cells.bridge.answered:
                return
            self.answer(task)
        raise AssertionError("task and page never agree")

    def value(self, name):
        return re.search(rf"'{name}': ([^,]+),", self.cells["training"]["source"]).group(1)


class Handle:
    def update(self, *_, **__):
        """Nothing is shown here."""
