"""Stage 7: real training, reported as it runs."""

from .live import Announcements, announcements, watch

__all__ = ["Announcements", "announcements", "watch"]
