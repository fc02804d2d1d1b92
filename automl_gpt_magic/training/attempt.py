"""A trial in the hands of a worker."""

from __future__ import annotations

from dataclasses import dataclass

from ..records.study import StudyJob, Trial
from .ledger import Asked
from .trial import Standing


@dataclass
class Attempt:
    """One attempt at a trial; ``open`` until the trial's end is written."""

    asked: Asked
    job: StudyJob
    count: int = 1
    open: bool = True

    def begun(self) -> Trial:
        return Trial(self.asked.number, self.asked.label, "running", self.asked.configuration)

    def measured(self, standing: Standing) -> Trial:
        """Return the trial with what is measured; its configuration ends at the best round unless that is fixed."""
        asked = self.asked
        rounds = {} if self.job.rounds_fixed else {self.job.rounds: standing.best_round}
        configuration = {**asked.configuration, **rounds}
        value, seconds = standing.value, standing.seconds
        return Trial(asked.number, asked.label, "running", configuration, value, standing.best_round, seconds)

    def failed(self, why: str) -> Trial:
        return Trial(self.asked.number, self.asked.label, "failed", self.asked.configuration, error=why)
