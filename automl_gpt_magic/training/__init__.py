"""Stage 7: real training, reported as it runs."""

from .watch import Announcements, announcements, watch

__all__ = ["Announcements", "announcements", "watch"]
