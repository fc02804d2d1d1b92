"""Stage 2: cards in, similar recorded datasets, a transferred configuration and predicted curves out."""

from .advise import Advice
from .bank import is_recorded
from .own_datasets import learn_from_others
from .own_runs import learn
from .prior import Prior
from .short_trainings import MOST_ROWS
from .tryout import Sample, measure_sample

__all__ = ["MOST_ROWS", "Advice", "Prior", "Sample", "is_recorded", "learn", "learn_from_others", "measure_sample"]
