"""Figures of matplotlib's as SVG inside a page: in its font, and in colours that follow its theme."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OWN = re.compile(
    r"<metadata>.*?</metadata>|<style.*?</style>|(?<=<g) id=\"[^\"]*\"| ?font-family: [^;\"]*;?", flags=re.S
)


def inline_svg(draw: Callable[[], Figure], opening: str, colours: Mapping[str, str], salt: str) -> str:
    """Return a figure as an element that keeps to itself: without style sheet, fonts, background or prolog.

    Parameters
    ----------
    draw : callable
        Makes the figure.
    opening : str
        The element's opening tag.
    colours : mapping of str to str
        What stands for each colour of the figure, such as ``#00fe00``.
    salt : str
        Goes into the ids; one for each figure of a page.
    """
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt}):
        figure = draw()
        for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
            patch.set_visible(False)
        figure.savefig(text, format="svg", metadata={"Date": None})
    body = _OWN.sub("", text.getvalue().partition("<svg")[2].partition(">")[2])
    for mark, colour in colours.items():
        body = body.replace(f": {mark}", f": {colour}")
    return opening + re.sub(r"\s*\n\s*", " ", body).strip()
