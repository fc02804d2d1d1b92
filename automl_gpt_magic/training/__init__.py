"""Stage 7: real training, reported as it runs."""

from .live import Announcements, announcements, watch
from .process import CellProcess, Job, current_folder, tables_read

__all__ = ["Announcements", "CellProcess", "Job", "announcements", "current_folder", "tables_read", "watch"]
