"""What people do with a trained model: steps that each are one more generated cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NextStep:
    """One such step: its name for ``%automl next``, its button's label, and what its cell does."""

    name: str
    label: str
    meaning: str


_EVERY = (
    NextStep("predict", "Predict", "what the fitted model says of rows, in the classes' own names"),
    NextStep("cross-validation", "Cross-validate", "train and score on many splits instead of one: mean and spread"),
    NextStep("importance", "Importance", "how much worse the validation score gets when one column is shuffled"),
    NextStep("calibration", "Calibration", "whether predicted probabilities come true as often as they say"),
    NextStep("threshold", "Threshold", "from which probability on to act, for what each kind of mistake costs"),
    NextStep("residuals", "Residuals", "predicted against measured values, and what is left between them"),
)
NEXT_STEPS = {step.name: step for step in _EVERY}
FEW_ROWS = 2000
