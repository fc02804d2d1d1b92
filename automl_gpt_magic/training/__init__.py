"""Stage 7: real training, reported as it runs."""

from .cells import tables_read
from .kept import fingerprint, fingerprint_of
from .live import Announcements, announcements, spread, watch
from .process import CellProcess, Job, current_folder
from .study import StudyRun

__all__ = [
    "Announcements",
    "CellProcess",
    "Job",
    "StudyRun",
    "announcements",
    "current_folder",
    "fingerprint",
    "fingerprint_of",
    "spread",
    "tables_read",
    "watch",
]
