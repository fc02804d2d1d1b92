"""Stage 7: real training, reported as it runs."""

from .live import Announcements, announcements, watch
from .process import CellProcess, Job, current_folder, tables_read
from .study import StudyRun

__all__ = [
    "Announcements",
    "CellProcess",
    "Job",
    "StudyRun",
    "announcements",
    "current_folder",
    "tables_read",
    "watch",
]
