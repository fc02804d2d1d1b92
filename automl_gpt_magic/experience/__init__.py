"""Stage 2: cards in, similar recorded datasets, a transferred configuration and predicted curves out."""

from .advise import Advice
from .bank import is_recorded
from .landmarks import MOST_ROWS, measure_landmarks
from .own_datasets import learn_from_others
from .own_runs import learn
from .prior import Prior

__all__ = ["MOST_ROWS", "Advice", "Prior", "is_recorded", "learn", "learn_from_others", "measure_landmarks"]
