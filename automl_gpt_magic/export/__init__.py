"""A plan as a plain project: scripts, configuration, model card, and the trained model where there is one."""

from .project import export_plan

__all__ = ["export_plan"]
