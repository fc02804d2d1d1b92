"""A language model behind an OpenAI-compatible endpoint: tries, waits, steps down, and says why it stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from email.utils import parsedate_to_datetime

from ..errors import LLMError, one_line
from ..records.exchange import Offer, Usage
from ..records.prompt import Prompt, estimated_tokens
from .budget import Budget
from .chunk import CallError, Chunk
from .client import Piece, Reply
from .endpoint import Endpoint
from .form import Form, is_too_long
from .json_stream import read_json
from .openai_call import stream_chat

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_LONGEST_SILENCE = 30.0
_TICK = 0.1
_WORDS = 160


class ChatModel:
    """See `LanguageModel`; remembers the form of request that its endpoint takes.

    Parameters
    ----------
    endpoint : Endpoint
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.name, self.host = endpoint.model, endpoint.host
        self.form = Form()

    def offer(self, prompt: Prompt) -> Offer:
        """Say what a call would send and cost at most."""
        most = self.endpoint.most_tokens
        return Offer(
            self.name,
            self.host,
            prompt.tokens,
            most,
            self._cost(prompt.tokens, most),
            self._cost(0, 1) or 0.0,
        )

    def stream(self, prompt: Prompt, budget: Budget) -> Generator[Piece | Reply, None, None]:
        """Yield the answer piece by piece and then its `Reply`; see `LanguageModel.stream`."""
        form, tries = self.form, 1
        while True:
            budget.require(self.offer(prompt))
            try:
                reply = yield from self._try(form, prompt, budget)
            except CallError as failure:
                lower = self._after(failure, form)
                if lower is not None:
                    form = lower
                elif tries > self.endpoint.retries or not _may_pass(failure):
                    raise LLMError(self._say(failure, tries, budget)) from None
                else:
                    yield from self._wait(failure, tries, budget)
                    tries += 1
                yield Piece(restart=True, note="Asking again.")
                continue
            some, whole = _readable(reply, prompt)
            if some and (whole or reply.cut or tries > self.endpoint.retries):
                yield replace(reply, cut=not whole)
                return
            lower = form.lower()
            if not some and (reply.cut or lower is None):
                raise LLMError(self._unreadable(reply))
            if some:
                tries += 1
            elif lower is not None:
                form = lower
            yield Piece(restart=True, note="The answer was no whole JSON object; asking again.")

    def _after(self, failure: CallError, form: Form) -> Form | None:
        """Return the form to ask in next; what the endpoint refused is not asked again by later calls either."""
        lower = form.after(failure)
        if lower is not None and failure.kind == "status":
            self.form = lower
        return lower

    def _try(self, form: Form, prompt: Prompt, budget: Budget) -> Generator[Piece, None, Reply]:
        """Yield the pieces of one call and return its reply; what it used counts also where it fails."""
        text, finish, refusal, counted = "", "", "", None
        most, letters, refused = self.endpoint.most_tokens, _Letters(), False
        try:
            request = form.request(self.name, prompt, most, self.endpoint.temperature)
            with closing(stream_chat(self.endpoint, request)) as chunks:
                for chunk in _awake(chunks, budget, self.host):
                    if chunk is None:
                        yield Piece()
                        continue
                    came = letters.whole(chunk.text)
                    text, refusal = text + came, refusal + chunk.refusal
                    finish, counted = chunk.finish or finish, chunk.usage or counted
                    if self.endpoint.has_secret(text):
                        yield Piece(restart=True)
                        raise LLMError(self._repeats_key())
                    if came:
                        yield Piece(came)
                    if estimated_tokens(text) > 1.5 * most:  # the server does not keep to its limit
                        finish = "length"
                        break
        except CallError as failure:
            refused = failure.kind in ("unreachable", "setup") or 300 <= failure.status < 500
            raise
        finally:
            used = counted or (prompt.tokens, estimated_tokens(text))
            usage = Usage(*used, self._cost(*used), estimated=counted is None)
            if not refused:
                budget.spend(usage)
        if refusal or finish == "content_filter":
            raise LLMError(self._refused(refusal))
        reply = Reply(text + letters.rest, form.mode, usage, cut=finish == "length")
        if finish == "unknown" and not _readable(reply, prompt)[1]:
            raise CallError("broken", "the connection ended before the answer did")
        return reply

    def _wait(self, failure: CallError, tries: int, budget: Budget) -> Generator[Piece, None, None]:
        """Wait as long as the server asks, else longer each time."""
        asked = _seconds(failure.retry_after)
        wait = min(_FIRST_WAIT * 2 ** (tries - 1), _LONGEST_WAIT) if asked is None else asked
        if wait > budget.seconds_left:
            raise LLMError(
                f"{self.host} asks to wait {wait:,.0f} s ({failure.status}), and {budget.seconds_left:.0f} s are left; "
                "run the cell again later or raise %config AutoML.deadline"
            )
        until = time.monotonic() + wait
        while (left := until - time.monotonic()) > 0:
            yield Piece(note=f"{_cause(failure, self.host)}; next try in {left:.0f} s")
            time.sleep(min(_TICK, left))

    def _cost(self, prompt_tokens: int, answer_tokens: int) -> float | None:
        prices = self.endpoint.prices
        return (prompt_tokens * prices[0] + answer_tokens * prices[1]) / 1e6 if prices else None

    def _say(self, failure: CallError, tries: int, budget: Budget) -> str:
        after = f", {tries} tries in {budget.elapsed:.1f} s" if tries > 1 else ""
        return f"{_cause(failure, self.host)}{after}; {self._advice(failure)}"

    def _advice(self, failure: CallError) -> str:
        if failure.kind == "status":
            return self._advice_for_status(failure)
        if failure.kind == "setup":
            return "correct the setting, then run %automl doctor"
        if failure.kind in ("broken", "unreadable"):
            return "run the cell again, or check the endpoint with %automl doctor"
        if "WRONG_VERSION" in failure.detail:
            return "the server speaks no TLS: write http:// in AutoML.base_url"
        if "CERTIFICATE" in failure.detail:
            return "name the file of certificates to trust in %config AutoML.ca_bundle"
        if self.endpoint.proxy:
            return "check AutoML.proxy and AutoML.base_url with %automl doctor"
        return "start the server, or check AutoML.base_url with %automl doctor"

    def _advice_for_status(self, failure: CallError) -> str:
        status = failure.status
        if is_too_long(failure):
            return "lower %config AutoML.prompt_tokens or AutoML.answer_tokens, or take a model with a longer context"
        if status == 401:
            sent = "the key that was sent is not accepted" if self.endpoint.key else "no key was sent"
            return (
                f"{sent}: set OPENAI_API_KEY, or AUTOML_GPT_MAGIC_API_KEY for other hosts; %automl doctor tells which"
            )
        if status == 403:
            return "check what the key may do and AutoML.model with %automl doctor"
        if 300 <= status < 400:
            return "redirects are not followed: write the address it leads to in AutoML.base_url"
        if status in (404, 405):
            return "check AutoML.model, and that base_url ends before /chat/completions; %automl doctor lists models"
        if status == 402 or _is_quota(failure):
            return "check the account's quota"
        if status in (400, 422):
            return "take another model in %config AutoML.model, or run %automl doctor"
        return "run the cell again later, or run %automl doctor"

    def _repeats_key(self) -> str:
        return f"{self.host} repeats the key that it was sent, so nothing of its answer is kept; check AutoML.base_url"

    def _refused(self, refusal: str) -> str:
        words = f": {_short(self.endpoint.hide_secrets(refusal))}" if refusal else ""
        return f"{self.name} declined to answer{words}; change the cards' text or take another model"

    def _unreadable(self, reply: Reply) -> str:
        if reply.cut:
            spent = "before its first value was complete" if reply.text.strip() else "without any text"
            return (
                f"{self.name} used all of {self.endpoint.most_tokens:,} tokens {spent}; "
                "raise %config AutoML.answer_tokens"
            )
        return f"{self.name} gave no JSON object of the form asked for; take another model"


class _Letters:
    """Passes text on; a character that was cut in two between chunks waits for its other half."""

    def __init__(self) -> None:
        self._half = ""

    @property
    def rest(self) -> str:
        return "�" if self._half else ""

    def whole(self, text: str) -> str:
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _awake(chunks: Iterable[Chunk | None], budget: Budget, host: str) -> Iterator[Chunk | None]:
    """Pass chunks on until the time is up, or until one that had begun to answer has been silent for long.

    A model that has not begun may still read the prompt: asking again would only put it back.
    """
    longest = min(_LONGEST_SILENCE, budget.seconds / 3)
    began, last = False, time.monotonic()
    for chunk in chunks:
        now = time.monotonic()
        if budget.seconds_left <= 0:
            raise LLMError(budget.late(host))
        if chunk is not None:
            began, last = began or bool(chunk.text), now
        elif began and now - last > longest:
            raise CallError("broken", f"the answer stopped half-way, and nothing came for {longest:.2g} s")
        yield chunk


def _readable(reply: Reply, prompt: Prompt) -> tuple[bool, bool]:
    """Return whether a reply has some of the object asked for, and whether all of it."""
    found, whole = read_json(reply.text, _keys(prompt))
    return bool(found), whole


def _keys(prompt: Prompt) -> list[str]:
    return list(prompt.schema["properties"])


def _may_pass(failure: CallError) -> bool:
    """Return whether the same call may succeed a moment later."""
    if failure.kind in ("unreachable", "broken"):
        return not re.search("WRONG_VERSION|CERTIFICATE", failure.detail)
    if failure.kind != "status" or _is_quota(failure):
        return False
    return failure.status in (200, 408, 409, 425, 429) or failure.status >= 500


def _is_quota(failure: CallError) -> bool:
    return failure.code == "insufficient_quota" or "insufficient_quota" in failure.detail


def _cause(failure: CallError, host: str) -> str:
    words = _short(failure.detail)
    if failure.kind == "unreachable":
        return f"LLM not reached: {host}: {words}"
    if failure.kind == "status":
        return f"{host} answered {failure.status}" + (f": {words}" if words else "")
    return f"{host}: {words}" if failure.kind != "setup" else words


def _short(text: str) -> str:
    text = one_line(" ".join(text.split())).rstrip(".")
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def _seconds(retry_after: str | None) -> float | None:
    """Return what a Retry-After header asks to wait, in seconds; None where it asks nothing that makes sense."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds and seconds > -60 else None
