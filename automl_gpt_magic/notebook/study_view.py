"""A tuned search: its best trials, the best value so far against the trials, and the way to take the best one over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from ..records.study import StudyState, Trial, describe
from . import training_wording, wording
from .markup import user

_SHOWN = 8
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 560, 120, 48, 18


class StudyView:
    """Hidden until a study begins.

    Parameters
    ----------
    on_take_best : callable
        Called without arguments when the best trial is to become the plan's values.
    """

    def __init__(self, on_take_best: Callable[[], object]) -> None:
        self._html = ipywidgets.HTML()
        self._take = ipywidgets.Button(
            description=training_wording.TAKE_BEST, tooltip="Write the best trial's values into table and cell"
        )
        self._take.on_click(lambda _: on_take_best())
        self.widget = ipywidgets.VBox([self._html, self._take]).add_class("ag-study")
        self.widget.layout.display = "none"

    def show(self, state: StudyState) -> None:
        """Show a study as it stands."""
        self.widget.layout.display = None
        self._take.disabled = state.best is None
        self._html.value = f'<p class="ag-h">Study</p><p>{user(describe(state), 200)}</p>{_plot(state)}{_table(state)}'


def _table(state: StudyState) -> str:
    ranked = _ranked(state)
    if not ranked:
        return ""
    names = _varied(ranked)
    heads = "".join(
        f'<th scope="col">{escape(head)}</th>' for head in ("Trial", "From", wording.metric_label(state.metric), *names)
    )
    rows = "".join(_row(trial, names, trial == state.best) for trial in ranked[:_SHOWN])
    return (
        '<div class="ag-scroll" tabindex="0" role="region" aria-label="Trials">'
        f'<table class="ag-trials"><thead><tr>{heads}<th scope="col">Seconds</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _ranked(state: StudyState) -> list[Trial]:
    """Return the trials with a value, best first."""
    sign = 1 if state.lower_is_better else -1
    measured = [trial for trial in state.trials if trial.value is not None and trial.state in ("finished", "pruned")]
    return sorted(measured, key=lambda trial: (trial.state != "finished", sign * (trial.value or 0.0)))


def _varied(trials: Sequence[Trial]) -> list[str]:
    """Return the hyperparameters in which the trials differ."""
    names = list(trials[0].configuration)
    return [name for name in names if len({repr(trial.configuration.get(name)) for trial in trials}) > 1]


def _row(trial: Trial, names: Sequence[str], best: bool) -> str:
    label = trial.label if trial.state == "finished" else f"{trial.label}, {trial.state}"
    cells = [str(trial.number), user(label, 24), f"{trial.value:.4f}"]
    cells += [escape(wording.number(trial.configuration.get(name))) for name in names]
    cells.append("" if trial.seconds is None else f"{trial.seconds:.1f}")
    return f"<tr{' class=ag-best' if best else ''}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _plot(state: StudyState) -> str:
    """Return each trial's value as a dot and the best so far as a line."""
    measured = [(trial.number, trial.value) for trial in state.trials if trial.value is not None]
    if len(measured) < 2:
        return ""
    sign = 1 if state.lower_is_better else -1
    ordered = sorted(sign * value for _, value in measured)
    low, high = ordered[0], ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
    most = max(state.n_trials, max(number for number, _ in measured) + 1)

    def place(number: float, value: float) -> tuple[float, float]:
        share = (min(sign * value, high) - low) / ((high - low) or 1.0)
        return _LEFT + number / most * (_WIDTH - _LEFT - 8), 8 + (1 - share) * (_HEIGHT - _BOTTOM - 16)

    best, steps = None, []
    for number, value in measured:
        best = value if best is None or sign * value < sign * best else best
        steps.append("{:.1f},{:.1f}".format(*place(number, best)))
    dots = "".join('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/>'.format(*place(*one)) for one in measured)
    said = f"Best {wording.metric_label(state.metric)} after {len(measured)} trials: {best:.4g}"
    worst, top = (f"{sign * value:.4g}" for value in (high, low))
    return (
        f'<svg class="ag-optimisation" role="img" aria-label="{escape(said)}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<g fill="var(--ag-default)">{dots}</g>'
        f'<polyline points="{" ".join(steps)}" fill="none" stroke="var(--ag-measured)" stroke-width="2"/>'
        f'<g fill="currentColor" font-size="11"><text x="0" y="16">{worst}</text>'
        f'<text x="0" y="{_HEIGHT - _BOTTOM - 4}">{top}</text>'
        f'<text x="{_WIDTH - 8}" y="{_HEIGHT - 4}" text-anchor="end">{most} trials</text></g></svg>'
    )
