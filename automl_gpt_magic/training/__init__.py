"""Stage 7: real training, reported as it runs."""

from .cells import tables_read
from .cost import BATCHES, Measuring, measured_cost
from .kept import fingerprint, fingerprint_of
from .live import Announcements, announcements, spread, watch
from .process import CellProcess, Job, current_folder
from .study import StudyRun

__all__ = [
    "BATCHES",
    "Announcements",
    "CellProcess",
    "Job",
    "Measuring",
    "StudyRun",
    "announcements",
    "current_folder",
    "fingerprint",
    "fingerprint_of",
    "measured_cost",
    "spread",
    "tables_read",
    "watch",
]
