"""One call over the openai package; the only file that imports it.

The call runs in a thread with an event loop of its own, so that whoever waits for it can show the time, stop at a
deadline, and be interrupted at any moment: then the task is cancelled and its connection closed.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from typing import Any

from .chunk import CallError, Chunk, chunk_of, whole, words
from .endpoint import OPENAI, Endpoint, host_of

_TICK = 0.1
_CONNECT_SECONDS = 15.0
# After the last words, servers that report their usage do so at once; some then keep the connection open.
_AFTER_FINISH_SECONDS = 1.0
# A whole answer, and whatever a server sends for one request, after decompression.
_LARGEST_ANSWER, _LARGEST_BODY = 2_000_000, 20_000_000


def stream_chat(endpoint: Endpoint, request: Mapping[str, Any]) -> Generator[Chunk | None, None, None]:
    """Yield the chunks of one chat completion, and None ten times a second while none arrives.

    Raises
    ------
    CallError
        If the call does not end with a whole answer.
    """
    return _in_thread(lambda put: _read_chat(endpoint, request, put), endpoint)


def list_models(endpoint: Endpoint) -> Generator[list[str] | None, None, None]:
    """Yield None while waiting, then the names of the models that the endpoint offers."""
    return _in_thread(lambda put: _read_models(endpoint, put), endpoint)


def _in_thread(read: Callable[[Callable[[Any], None]], Any], endpoint: Endpoint) -> Generator[Any, None, None]:
    worker = _Worker(read)
    worker.start()
    try:
        while True:
            try:
                kind, value = worker.events.get(timeout=_TICK)
            except queue.Empty:
                yield None
                continue
            if kind == "failed":
                value.detail = endpoint.hide_secrets(value.detail)
                raise value from None
            if kind == "ended":
                return
            yield value
    finally:
        worker.stop()


class _Worker(threading.Thread):
    """Runs one coroutine; what it puts arrives in `events`."""

    def __init__(self, read: Callable[[Callable[[Any], None]], Any]) -> None:
        super().__init__(name="automl-llm-call", daemon=True)
        self.events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._read = read
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._main())
            self.events.put(("ended", None))
        except CallError as failure:
            self.events.put(("failed", failure))
        except BaseException as error:  # whatever a server provokes: the plan must stand
            self.events.put(("failed", CallError("unreadable", f"{type(error).__name__}: {error}")))
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        with suppress(asyncio.CancelledError):
            await self._read(lambda value: self.events.put(("value", value)))

    def stop(self) -> None:
        """Cancel what still runs and wait a moment for its connection to close."""
        self._ready.wait(1)
        if self.is_alive() and self._loop and self._task:
            with suppress(RuntimeError):  # the loop ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        self.join(0.5)


async def _read_models(endpoint: Endpoint, put: Callable[[Any], None]) -> None:
    async with _client(endpoint) as client:
        try:
            page = await client.models.list(timeout=_CONNECT_SECONDS)
            put([str(model.id) for model in page.data])
        except Exception as error:
            raise _failure(error) from None


async def _read_chat(endpoint: Endpoint, request: Mapping[str, Any], put: Callable[[Any], None]) -> None:
    async with _client(endpoint) as client:
        try:
            if not request.get("stream"):
                async with client.chat.completions.with_streaming_response.create(**request) as answer:
                    return put(whole(await _body(answer.http_response)))
            stream = await client.chat.completions.create(**request)
            try:
                await _read_stream(stream, put)
            finally:
                await stream.close()
        except (CallError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise _failure(error) from None


async def _read_stream(stream: Any, put: Callable[[Any], None]) -> None:
    content_type = stream.response.headers.get("content-type", "")
    if "event-stream" not in content_type and "json" in content_type:
        return put(whole(await _body(stream.response)))
    events, finished, some = aiter(stream), False, False
    while True:
        try:
            async with asyncio.timeout(_AFTER_FINISH_SECONDS if finished else None):
                event = await anext(events)
        except (StopAsyncIteration, TimeoutError):
            break
        except Exception:
            if finished:  # what breaks after the last words takes nothing from them
                break
            raise
        chunk = chunk_of(event)
        put(chunk)
        some = some or bool(chunk.text or chunk.refusal)
        finished = finished or bool(chunk.finish)
    if not some and not finished:
        raise CallError("unreadable", f"the answer held no text (content type {content_type or 'unknown'})")
    return None if finished else put(Chunk(finish="unknown"))


async def _body(response: Any) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LARGEST_ANSWER:
            raise _too_long(_LARGEST_ANSWER)
    return bytes(body)


async def _limit(response: Any) -> None:
    """Let a response end with an error once it is larger than any answer, also where its body is an error's."""
    read = response.aiter_bytes

    async def limited(*arguments: Any) -> AsyncGenerator[bytes, None]:
        size = 0
        async for part in read(*arguments):
            size += len(part)
            if size > _LARGEST_BODY:
                raise _too_long(_LARGEST_BODY)
            yield part

    response.aiter_bytes = limited


def _too_long(limit: int) -> CallError:
    return CallError("unreadable", f"the answer is longer than {limit // 1_000_000} MB")


def _client(endpoint: Endpoint) -> Any:
    """Return a client that tries once; what to try again is decided elsewhere."""
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    # A redirect may lead to another host, which nobody has agreed to send a prompt to.
    options: dict[str, Any] = {"timeout": Timeout(None, connect=_CONNECT_SECONDS), "follow_redirects": False}
    options["event_hooks"] = {"request": [_own_headers(endpoint)], "response": [_limit]}
    if endpoint.ca_bundle:
        options["verify"] = _certificates(endpoint.ca_bundle)
    if endpoint.proxy:
        options["proxy"] = endpoint.proxy.get_secret_value()
    if endpoint.is_local:  # a proxy of the environment does not know this machine's own servers
        options["trust_env"] = False
    try:
        return AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.key.get_secret_value().strip() or "none",
            default_headers={name.strip(): value.get_secret_value().strip() for name, value in endpoint.headers},
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(**options),
        )
    except Exception as error:
        raise CallError("setup", str(error)) from None


def _own_headers(endpoint: Endpoint) -> Callable[[Any], Awaitable[None]]:
    """Return what takes away the headers that the openai package adds from its environment, for OpenAI's host alone."""
    hosts = [host_of(url) for url in (OPENAI, os.environ.get("OPENAI_BASE_URL", "")) if url]
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines()
    theirs = {"openai-organization", "openai-project", *(line.partition(":")[0].strip().lower() for line in lines)}
    own = {name.strip().lower() for name, _ in endpoint.headers}
    needed = {"accept", "authorization", "content-length", "content-type", "host"}

    async def take(request: Any) -> None:
        if endpoint.host not in hosts:
            for name in theirs - own - needed:
                request.headers.pop(name, None)
            if "authorization" in theirs - own:
                request.headers["Authorization"] = f"Bearer {endpoint.key.get_secret_value().strip() or 'none'}"

    return take


def _certificates(path: str) -> Any:
    import ssl

    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise CallError("setup", f"AutoML.ca_bundle {path!r} cannot be read: {error.strerror or error}") from None


def _failure(error: Exception) -> CallError:
    """Translate whatever the client raised."""
    import openai

    if isinstance(error, openai.APIStatusError):
        retry_after = error.response.headers.get("retry-after")
        said = words(error.body) or _reason(error.response)
        return CallError("status", said, error.status_code, retry_after, str(error.code or ""))
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error.__context__ or error
        if isinstance(cause, CallError):
            return cause
        return CallError(_kind(cause), _cause(cause))
    if isinstance(error, openai.APIError):
        return CallError("status", str(error.message), 200, code=str(error.code or ""))
    return CallError(_kind(error), _cause(error))


def _kind(error: BaseException) -> str:
    """Tell from the HTTP client's error how far a call came."""
    name = type(error).__name__
    if name.startswith(("Connect", "Proxy")):
        return "unreachable"
    if name in ("UnsupportedProtocol", "InvalidURL", "LocalProtocolError", "UnicodeEncodeError"):
        return "setup"
    broken = ("ReadError", "ReadTimeout", "RemoteProtocolError", "WriteError", "WriteTimeout", "CloseError")
    return "broken" if name in broken else "unreadable"


def _cause(error: BaseException) -> str:
    name = type(error).__name__
    known = {"ReadError": "the connection was cut", "ConnectTimeout": f"no connection in {_CONNECT_SECONDS:.0f} s"}
    if name in ("LocalProtocolError", "UnicodeEncodeError"):
        return f"the key or a header holds a character that cannot be sent ({error})"
    return str(error) or known.get(name, name)


def _reason(response: Any) -> str:
    """Return what the status line says, and where a redirect leads, without what an address may carry in secret."""
    reason = str(response.reason_phrase)
    if not 300 <= response.status_code < 400 or not response.headers.get("location"):
        return reason
    try:
        target = response.url.join(response.headers["location"])
        return f"{reason}, to {target.copy_with(query=None, fragment=None, userinfo=b'')}"
    except Exception:  # an address that is none
        return reason
