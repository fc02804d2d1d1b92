"""``%automl doctor``: look at everything a plan needs, and say what to fix."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .connection import endpoint_of, models_of, with_model
from .errors import AutoMLError, LLMError
from .experience.encoder import look_for
from .llm import Budget, ChatModel, Endpoint, Reply
from .notebook.bridge import current_anchor
from .notebook.wording import plural
from .records.prompt import Message, Prompt
from .records.secret import SecretUrl
from .settings import AutoML

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .session import Session

_PROBE_TOKENS = 200
_PROBE_SCHEMA = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}


def examine(settings: AutoML, shell: InteractiveShell, session: Session | None) -> Iterator[str]:
    """Yield one line a check: ``ok`` or ``fix``, what was looked at, what was found and what to do."""
    endpoint: Endpoint | None = None
    try:
        endpoint = endpoint_of(settings)
    except AutoMLError as error:
        yield _line("endpoint", False, str(error))
    else:
        yield from _endpoint_lines(endpoint)
    yield _checked("text encoder", lambda: _encoder(settings.encoder))
    yield _frontend(shell, settings, session)
    yield _checked("store", lambda: _store(settings))
    folder = Path(settings.recordings).expanduser() if settings.recordings else None
    yield _checked("recorded answers", lambda: _writable(folder))


def _encoder(name: str) -> str:
    return look_for(name) if name else "none: cards are compared by numbers only"


def _endpoint_lines(endpoint: Endpoint | None) -> Iterator[str]:
    if endpoint is None:
        yield _line(
            "endpoint", True, "none named, so no LLM is called; set OPENAI_API_KEY or %config AutoML.base_url for one"
        )
        return
    try:
        offered = models_of(endpoint)
        yield _line("endpoint", True, f"{endpoint.host} answers and lists {plural(len(offered), 'model')}")
    except LLMError as error:
        offered = []
        yield _line("endpoint", False, str(error))
    yield _line("key", True, "a key is sent, not shown" if endpoint.key else "no key is sent")
    try:
        endpoint = with_model(endpoint)
    except LLMError as error:
        yield _line("model", False, str(error))
        return
    listed = not offered or endpoint.model in offered
    known = ", ".join(sorted(offered)[:6])
    yield _line("model", listed, endpoint.model if listed else f"{endpoint.model} is not listed; write one of {known}")
    yield _probe(endpoint)


def _probe(endpoint: Endpoint) -> str:
    """Make one small call and say which structured output the endpoint takes."""
    message = Message("user", 'Answer with the JSON object {"ready": true} and nothing else.')
    model = ChatModel(replace(endpoint, most_tokens=_PROBE_TOKENS, retries=0))
    began = time.monotonic()
    try:
        for piece in model.stream(Prompt((message,), _PROBE_SCHEMA, "", {}), Budget(30, 5_000, 0.05)):
            if isinstance(piece, Reply):
                return _line(
                    "structured output",
                    True,
                    f"{piece.mode}; {piece.usage.prompt_tokens + piece.usage.answer_tokens} tokens in "
                    f"{time.monotonic() - began:.1f} s",
                )
    except LLMError as error:
        return _line("structured output", False, str(error))
    return _line("structured output", False, "no answer")


def _frontend(shell: InteractiveShell, settings: AutoML, session: Session | None) -> str:
    if not settings.write_cells:
        return _line("cells", True, "AutoML.write_cells is off; %automl code prints the code")
    if session and session.writes_cells:
        return _line("cells", True, "the notebook's page has answered: cells are written below the magic")
    if current_anchor(shell):
        return _line("cells", True, "the frontend names its cells; whether it can write them shows with the first plan")
    return _line("cells", True, "this frontend names no cells: the code comes in one cell below, or by %automl code")


def _store(settings: AutoML) -> str:
    """Say whether the store can be written: a database is asked, a file's folder looked at."""
    place = settings.store_place
    if not isinstance(place, SecretUrl):
        return _writable(place.parent if place else None)
    from .store import Store

    Store(place).check()
    return f"{place} can be written"


def _writable(folder: Path | None) -> str:
    if folder is None:
        return "none is kept"
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not os.access(nearest, os.W_OK):
        raise LLMError(f"{nearest.name or nearest} cannot be written; choose another folder with %config AutoML")
    with tempfile.TemporaryFile(dir=nearest):
        return "can be written"


def _checked(name: str, look: Callable[[], str]) -> str:
    try:
        return _line(name, True, look())
    except (AutoMLError, OSError) as error:
        return _line(name, False, str(error))


def _line(name: str, good: bool, found: str) -> str:
    return f"{'ok ' if good else 'fix'} {name}: {found}"
