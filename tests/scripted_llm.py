"""A language-model server on the loopback that speaks OpenAI's chat completions and misbehaves on request.

A *behaviour* turns a request into a :class:`Reply`; a reply says which bytes go out, how they are framed, when, and
how the connection ends. :class:`ScriptedLLM` plays behaviours one after another. :func:`fault_catalogue` names what
can go wrong between a client and a server; a fault of the event stream leaves a plain JSON reply as it is.
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import Any, Literal, Self

Payload = dict[str, Any]
Edit = Callable[[list[Payload]], Iterable[Any]]
Headers = tuple[tuple[str, str], ...]
Framing = Literal["chunked", "length", "close", "raw"]
Ending = Literal["finish", "close", "reset", "hang"]

CHAT = "/chat/completions"
EVENT_STREAM = (("Content-Type", "text/event-stream; charset=utf-8"),)
JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
DONE = b"data: [DONE]\n\n"


# ---------------------------------------------------------------------------------------------------------------------
# Requests and replies


@dataclass(frozen=True)
class Request:
    """One request as the server read it; ``headers`` has lower-case names, ``at`` is monotonic time in seconds."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float

    @property
    def parameters(self) -> Payload:
        """The body where it is a JSON object, else nothing."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def streams(self) -> bool:
        return self.parameters.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        return bool((self.parameters.get("stream_options") or {}).get("include_usage"))


@dataclass(frozen=True)
class Reply:
    """What goes out for one request; ``pieces`` may be endless unless the framing is "length".

    ``delay`` passes before the first byte and ``pace`` between pieces. ``framing`` "raw" sends the pieces alone,
    without a status line. ``ending`` "close" leaves out what would complete the body, "reset" sends a TCP reset, and
    "hang" keeps the connection open until the client leaves.
    """

    pieces: Iterable[bytes] = ()
    status: int = 200
    headers: Headers = ()
    framing: Framing = "length"
    version: str = "HTTP/1.1"
    delay: float = 0.0
    pace: float = 0.0
    ending: Ending = "finish"

    @property
    def stays_open(self) -> bool:
        return self.ending == "finish" and self.framing in ("chunked", "length")

    def head(self) -> bytes:
        """Return the status line and the headers, with those that the framing needs."""
        if self.framing == "raw":
            return b""
        headers = [*self.headers, *self._framing_headers()]
        lines = [
            f"{self.version} {self.status} {_reason(self.status)}",
            *(f"{name}: {value}" for name, value in headers),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self.framing == "chunked" and piece else piece

    def _framing_headers(self) -> Headers:
        if self.framing == "chunked":
            return (("Transfer-Encoding", "chunked"),)
        if self.framing == "close":
            return (("Connection", "close"),)
        named = any(name.lower() == "content-length" for name, _ in self.headers)
        return () if named or self.status == 204 else (("Content-Length", str(sum(map(len, self.pieces)))),)


Behaviour = Callable[[Request], Reply]


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


# ---------------------------------------------------------------------------------------------------------------------
# Behaviours


def answer(
    text: str,
    chunk: int = 12,
    usage: bool | Payload = True,
    finish: str = "stop",
    *,
    pace: float = 0.0,
    delay: float = 0.0,
    edit: Edit = list,
) -> Behaviour:
    """Answer ``text`` in chunks of ``chunk`` characters, or in one completion where the request does not stream.

    ``usage`` False leaves it out, a dictionary stands in for the counts; ``edit`` changes the streamed chunks.
    """
    return speak(_content(text, chunk), usage, finish, pace=pace, delay=delay, edit=edit)


def speak(
    deltas: Iterable[Payload],
    usage: bool | Payload = True,
    finish: str = "stop",
    *,
    pace: float = 0.0,
    delay: float = 0.0,
    edit: Edit = list,
) -> Behaviour:
    """Stream ``deltas`` after the one that names the role, or join them to the message of a plain completion."""
    said = [{"role": "assistant", "content": ""}, *deltas]

    def reply(request: Request) -> Reply:
        counts = _usage(said, request, usage)
        if request.streams:
            pieces = (*map(event, edit(_chunks(said, finish, counts, request))), DONE)
            return Reply(pieces, headers=EVENT_STREAM, framing="chunked", pace=pace, delay=delay)
        return replace(json_reply(_completion(said, finish, counts, request)), delay=delay)

    return reply


def event(payload: Any) -> bytes:
    """Return ``payload`` as one server-sent event."""
    return b"data: %b\n\n" % _json(payload)


def json_reply(payload: Any, status: int = 200, headers: Headers = ()) -> Reply:
    return Reply((_json(payload),), status, (*JSON, *headers))


def page(body: str, status: int = 200) -> Behaviour:
    """Reply with an HTML page."""
    return fixed(Reply((f"<!DOCTYPE html><html><body>{body}</body></html>".encode(),), status, HTML))


def error(
    status: int,
    message: str,
    *,
    kind: str | None = None,
    param: str | None = None,
    code: str | None = None,
    headers: Headers = (),
) -> Behaviour:
    """Reply with an error as OpenAI words it."""
    return fixed(json_reply(_error_body(message, kind or _error_kind(status), param, code), status, headers))


def fixed(reply: Reply) -> Behaviour:
    """Give the same reply whatever is asked."""
    return lambda request: reply


def altered(behaviour: Behaviour, **changes: Any) -> Behaviour:
    """Change fields of the reply, e.g. ``altered(answer("hi"), delay=1, ending="hang")``."""
    return lambda request: replace(behaviour(request), **changes)


def streamed(behaviour: Behaviour, change: Callable[[bytes], Iterable[bytes]], **changes: Any) -> Behaviour:
    """Put ``change``'s pieces in place of the bytes of a streamed reply; leave a plain reply as it is."""

    def reply(request: Request) -> Reply:
        whole = behaviour(request)
        if not request.streams:
            return whole
        return replace(whole, pieces=tuple(change(b"".join(whole.pieces))), **changes)

    return reply


def cut(behaviour: Behaviour, share: float, ending: Ending = "close") -> Behaviour:
    """Send only the first ``share`` of the reply's pieces (of its bytes where it is one piece)."""

    def reply(request: Request) -> Reply:
        whole = behaviour(request)
        pieces = tuple(whole.pieces)
        size = sum(map(len, pieces))
        kept = pieces[: int(len(pieces) * share)] if len(pieces) > 1 else (pieces[0][: int(size * share)],)
        length = (("Content-Length", str(size)),) if whole.framing == "length" else ()
        return replace(whole, pieces=kept, headers=(*whole.headers, *length), ending=ending)

    return reply


@dataclass(frozen=True)
class Refusal:
    """A part of a request that a server does not take, and the error it answers with."""

    applies: Callable[[Payload], bool]
    message: str
    param: str | None = None
    code: str | None = "unsupported_parameter"
    status: int = 400


def refuse(then: Behaviour, *refusals: Refusal | str, status: int | None = None) -> Behaviour:
    """Answer with the first refusal that applies to the request, and with ``then`` where none does."""
    rules = [REFUSALS[each] if isinstance(each, str) else each for each in refusals]

    def reply(request: Request) -> Reply:
        for rule in rules:
            if rule.applies(request.parameters):
                return error(status or rule.status, rule.message, param=rule.param, code=rule.code)(request)
        return then(request)

    return reply


def _format_is(kind: str) -> Callable[[Payload], bool]:
    return lambda body: (body.get("response_format") or {}).get("type") == kind


def _has(name: str) -> Callable[[Payload], bool]:
    return lambda body: body.get(name) is not None


def _messages(body: Payload) -> list[Payload]:
    return [each for each in body.get("messages") or [] if isinstance(each, dict)]


def _has_role(*roles: str) -> Callable[[Payload], bool]:
    return lambda body: any(each.get("role") in roles for each in _messages(body))


def _lacks_the_word_json(body: Payload) -> bool:
    said = " ".join(str(each.get("content")) for each in _messages(body))
    return _format_is("json_object")(body) and "json" not in said.lower()


REFUSALS: dict[str, Refusal] = {
    "json_schema": Refusal(
        _format_is("json_schema"),
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "response_format",
        None,
    ),
    "json_object": Refusal(
        _format_is("json_object"),
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
        "response_format",
        None,
    ),
    "response_format": Refusal(
        _has("response_format"), "Unrecognized request argument supplied: response_format", "response_format", None
    ),
    "strict_schema": Refusal(
        _format_is("json_schema"),
        "Invalid schema for response_format 'answer': In context=(), 'additionalProperties' is required to be "
        "supplied and to be false.",
        "response_format",
        "invalid_json_schema",
    ),
    "word_json": Refusal(
        _lacks_the_word_json,
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "messages",
        None,
    ),
    "max_tokens": Refusal(
        _has("max_tokens"),
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
    ),
    "max_completion_tokens": Refusal(
        _has("max_completion_tokens"),
        "Unrecognized request argument supplied: max_completion_tokens",
        "max_completion_tokens",
        None,
    ),
    "temperature": Refusal(
        _has("temperature"),
        "Unsupported value: 'temperature' does not support this value with this model. "
        "Only the default (1) value is supported.",
        "temperature",
        "unsupported_value",
    ),
    "seed": Refusal(_has("seed"), "Unrecognized request argument supplied: seed", "seed", None),
    "stream_options": Refusal(
        _has("stream_options"), "Unrecognized request argument supplied: stream_options", "stream_options", None
    ),
    "stream": Refusal(
        lambda body: body.get("stream") is True,
        "Your organization must be verified to stream this model.",
        "stream",
        "unsupported_value",
    ),
    "system_role": Refusal(
        _has_role("system", "developer"), "System role not supported", "messages[0].role", "unsupported_value"
    ),
}


# ---------------------------------------------------------------------------------------------------------------------
# Payloads


def _json(payload: Any) -> bytes:
    """Return UTF-8 with bare letters; only a half of a surrogate pair stays escaped, as it has no UTF-8."""
    text = json.dumps(payload, ensure_ascii=False)
    return text.encode("utf-8", errors="backslashreplace")


def _content(text: str, chunk: int) -> list[Payload]:
    return [{"content": text[start : start + chunk]} for start in range(0, len(text), chunk)]


def _envelope(kind: str, request: Request) -> Payload:
    model = request.parameters.get("model", "scripted")
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": model}


def _chunk(request: Request, choices: Any, **more: Any) -> Payload:
    return {**_envelope("chat.completion.chunk", request), "choices": choices, **more}


def _choice(delta: Payload | None, finish: str | None = None, index: int = 0) -> Payload:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _chunks(said: list[Payload], finish: str, usage: Payload | None, request: Request) -> list[Payload]:
    more = {"usage": None} if request.wants_usage else {}
    chunks = [_chunk(request, [_choice(delta)], **more) for delta in said]
    chunks.append(_chunk(request, [_choice({}, finish)], **more))
    if request.wants_usage and usage is not None:
        chunks.append(_chunk(request, [], usage=usage))
    return chunks


def _completion(said: list[Payload], finish: str, usage: Payload | None, request: Request) -> Payload:
    choice = {"index": 0, "message": _joined(said), "logprobs": None, "finish_reason": finish}
    counts = {} if usage is None else {"usage": usage}
    return {**_envelope("chat.completion", request), "choices": [choice], **counts}


def _joined(deltas: list[Payload]) -> Payload:
    message: Payload = {}
    for delta in deltas:
        for key, value in delta.items():
            before = message.get(key)
            message[key] = before + value if isinstance(before, str) and isinstance(value, str) else value
    return message


def _usage(said: list[Payload], request: Request, usage: bool | Payload) -> Payload | None:
    if isinstance(usage, dict):
        return usage
    prompt = len(json.dumps(request.parameters.get("messages", []))) // 4
    completion = len(str(_joined(said).get("content") or "")) // 4
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return counts if usage else None


def _error_body(message: str, kind: str, param: str | None, code: str | None) -> Payload:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _error_kind(status: int) -> str:
    kinds = {401: "authentication_error", 403: "permission_error", 429: "requests"}
    return kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")


# ---------------------------------------------------------------------------------------------------------------------
# The server


@dataclass(frozen=True)
class Connections:
    """How many connections were opened, are open, and were closed by the client before the reply was all sent."""

    opened: int = 0
    open: int = 0
    abandoned: int = 0


class ScriptedLLM:
    """The server, as a context manager; it answers on a free port of 127.0.0.1 and records what it was asked."""

    def __init__(self, *behaviours: Behaviour | Reply, models: tuple[str, ...] | None = ("scripted",)) -> None:
        self.requests: list[Request] = []
        self.models = models
        self.answered_at = 0.0
        self._script: list[Behaviour] = []
        self._changed = threading.Condition()
        self._counts = Connections()
        self._running: dict[_Connection, threading.Thread] = {}
        self.play(*(behaviours or (answer("OK"),)))

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(1)
        self.port: int = self._listener.getsockname()[1]
        # A port that is taken and on which nobody listens refuses every connection.
        self._unheard = socket.socket()
        self._unheard.bind(("127.0.0.1", 0))
        self._wake, self._waker = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept, name="scripted-llm", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def tls_url(self) -> str:
        """The same port under https, which it does not speak."""
        return f"https://127.0.0.1:{self.port}/v1"

    @property
    def refused_url(self) -> str:
        """A port of this machine on which nobody listens."""
        return f"http://127.0.0.1:{self._unheard.getsockname()[1]}/v1"

    @property
    def connections(self) -> Connections:
        with self._changed:
            return self._counts

    @property
    def posts(self) -> list[Request]:
        """The requests for a completion, in the order they came."""
        return [each for each in self.requests if each.method == "POST"]

    def play(self, *behaviours: Behaviour | Reply) -> None:
        """Answer the next requests for a completion with ``behaviours`` in turn; the last one repeats."""
        script = [fixed(each) if isinstance(each, Reply) else each for each in behaviours]
        with self._changed:
            self._script = script

    def wait_until_idle(self, timeout: float = 1.0) -> bool:
        """Return whether every connection is closed, or gets closed within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def stop(self) -> None:
        """Close every connection and end every thread."""
        self._waker.close()
        self._acceptor.join(5)
        for each in (self._wake, self._listener, self._unheard):
            each.close()
        with self._changed:
            running = dict(self._running)
        for connection, thread in running.items():
            connection.hang_up()
            thread.join(5)
        if self._acceptor.is_alive() or any(thread.is_alive() for thread in running.values()):
            raise RuntimeError("a thread of the scripted server does not end")

    def _is_idle(self) -> bool:
        stopped = self._listener.fileno() < 0
        return not self._counts.open and (stopped or not _readable(self._listener, 0))

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._wake], [], [])
            if self._wake in ready:
                return
            with self._changed, suppress(OSError):  # the client may have left the queue
                self._welcome(self._listener.accept()[0])

    def _welcome(self, sock: socket.socket) -> None:
        connection = _Connection(sock)
        thread = threading.Thread(target=self._serve, args=(connection,), name="scripted-llm-connection", daemon=True)
        self._running[connection] = thread
        self._count(opened=1, open=1)
        thread.start()

    def _serve(self, connection: _Connection) -> None:
        try:
            self._converse(connection)
        except _ClientGoneError:
            pass
        finally:
            connection.close()
            with self._changed:
                del self._running[connection]
                self._count(open=-1, abandoned=int(connection.abandoned))
                self._changed.notify_all()

    def _converse(self, connection: _Connection) -> None:
        stays_open = True
        while stays_open:
            request = connection.receive()
            if request is None:
                connection.answer(error(400, "This is not an HTTP request.")(_NO_REQUEST))
                return
            with self._changed:
                self.requests.append(request)
                behaviour = self._next_behaviour(request)
            reply = behaviour(request)
            connection.answer(reply)
            self.answered_at = time.monotonic()
            stays_open = reply.stays_open and request.headers.get("connection", "").lower() != "close"

    def _next_behaviour(self, request: Request) -> Behaviour:
        if request.path.endswith("/models") and self.models is not None:
            return self._list_models
        if not request.path.endswith(CHAT):
            return error(404, f"Invalid URL ({request.method} {request.path})")
        if request.method != "POST":
            return error(405, f"Not allowed to {request.method} on {request.path}")
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _list_models(self, request: Request) -> Reply:
        data = [{"id": each, "object": "model", "created": 1_700_000_000, "owned_by": "tests"} for each in self.models]
        return json_reply({"object": "list", "data": data})

    def _count(self, opened: int = 0, open: int = 0, abandoned: int = 0) -> None:
        now = self._counts
        self._counts = Connections(now.opened + opened, now.open + open, now.abandoned + abandoned)


class _ClientGoneError(Exception):
    """The client closed the connection, or the server is being stopped."""


_NO_REQUEST = Request("", "", {}, None, 0.0)


class _Connection:
    """One client's socket: reads requests, plays replies, and notices when the client leaves."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._unread = b""
        self._ending = threading.Event()
        self._answering = False
        self.abandoned = False

    def receive(self) -> Request | None:
        """Return the next request, or None where the bytes are no HTTP."""
        while b"\r\n\r\n" not in self._unread:
            self._read_more()
            if not self._unread[:1].isalpha():
                return None
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        if not re.fullmatch(r"[A-Z]+ \S+ HTTP/1\.[01]", start):
            return None
        method, path, _ = start.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(self._unread) < size:
            self._read_more()
        body, self._unread = self._unread[:size], self._unread[size:]
        return Request(method, path, headers, _parsed(body), time.monotonic())

    def answer(self, reply: Reply) -> None:
        """Play ``reply`` to its end; leaving before that counts as abandoning it."""
        self._answering = True
        self._wait(reply.delay)
        self._send(reply.head())
        for number, piece in enumerate(reply.pieces):
            self._wait(reply.pace if number else 0)
            self._send(reply.framed(piece))
        self._end(reply)
        self._answering = False

    def hang_up(self) -> None:
        """Wake the thread that serves this connection, from another one."""
        self._ending.set()
        with suppress(OSError):  # it may be closed already
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._sock.close()

    def _end(self, reply: Reply) -> None:
        if reply.ending == "hang":
            self._wait(math.inf)
        elif reply.ending == "reset":
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif reply.ending == "finish" and reply.framing == "chunked":
            self._send(b"0\r\n\r\n")

    def _read_more(self) -> None:
        try:
            data = self._sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise _ClientGoneError
        self._unread += data

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError:
            self._gone()

    def _wait(self, seconds: float) -> None:
        if not _readable(self._sock, seconds):
            return
        try:
            left = self._sock.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            left = True
        if left:
            self._gone()
        self._ending.wait(min(seconds, threading.TIMEOUT_MAX))

    def _gone(self) -> None:
        self.abandoned = self._answering and not self._ending.is_set()
        raise _ClientGoneError


def _readable(sock: socket.socket, seconds: float) -> bool:
    return bool(select.select([sock], [], [], None if math.isinf(seconds) else seconds)[0])


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


# ---------------------------------------------------------------------------------------------------------------------
# Faults


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    ``recovers`` says whether a careful client can be expected to end with the good answer: by reading what came with
    care, by asking again, or by asking in a way that the server takes. Where it is False, a client may give up; in no
    case may it take something else for the good answer.
    """

    name: str
    line: str
    behaviours: tuple[Behaviour, ...]
    recovers: bool
    kind: str = ""
    url: Callable[[ScriptedLLM], str] = field(default=lambda server: server.base_url, repr=False)

    def start(self, server: ScriptedLLM) -> str:
        """Make ``server`` show this fault and return the base URL to ask."""
        if self.behaviours:
            server.play(*self.behaviours)
        return self.url(server)


def fault_catalogue(good: str, pause: float = 1.0) -> dict[str, Fault]:
    """Return every fault by name; ``good`` is the right answer, a JSON object.

    ``pause`` is the length in seconds of a silence that a client should sit out; others last for ever.
    """
    if not isinstance(json.loads(good), dict):
        raise ValueError("the good answer must be a JSON object")
    kinds = {
        "connection": _connection_faults(good, pause),
        "pace": _pace_faults(good, pause),
        "parameter": _parameter_faults(good),
        "status": _status_faults(good),
        "redirect": _redirect_faults(good),
        "body": _body_faults(good),
        "framing": _framing_faults(good),
        "stream": _stream_faults(good),
        "chunk": _chunk_faults(good),
        "message": _message_faults(good),
        "wording": _wording_faults(good),
        "value": _value_faults(good),
    }
    faults = [replace(fault, kind=kind) for kind, each in kinds.items() for fault in each]
    catalogue = {fault.name: fault for fault in faults}
    if len(catalogue) != len(faults):
        raise ValueError("two faults have the same name")
    return catalogue


def _curable(name: str, line: str, *behaviours: Behaviour) -> Fault:
    return Fault(name, line, behaviours, recovers=True)


def _fatal(name: str, line: str, *behaviours: Behaviour) -> Fault:
    return Fault(name, line, behaviours, recovers=False)


def _connection_faults(good: str, pause: float) -> Iterator[Fault]:
    fine = answer(good)
    silence = fixed(Reply(framing="raw", ending="hang"))
    reset = fixed(Reply(framing="raw", ending="reset"))
    yield Fault("connection_refused", "nobody listens on the port", (), False, url=lambda server: server.refused_url)
    yield Fault("https_to_http_port", "a TLS handshake meets plain HTTP", (), False, url=lambda server: server.tls_url)
    yield _fatal("reset_before_headers", "every connection is reset before a byte came", reset)
    yield _curable("reset_once_then_good", "the first connection is reset", reset, fine)
    yield _fatal("closed_before_headers", "the connection closes before a byte came", altered(silence, ending="close"))
    yield _fatal("never_answers", "takes the request and never answers", silence)
    yield _curable("never_answers_once", "the first request is never answered", silence, fine)
    yield _fatal("headers_then_nothing", "headers come, a body never", cut(fine, 0, "hang"))
    yield _fatal("disconnect_after_headers", "closes after the headers", cut(fine, 0))
    yield _fatal("disconnect_half_way", "closes after half of the answer, always", cut(fine, 0.5))
    yield _fatal("reset_half_way", "resets after half of the answer, always", cut(fine, 0.5, "reset"))
    yield _curable("disconnect_once_then_good", "closes half-way the first time", cut(fine, 0.5), fine)
    yield _fatal("stall_half_way", "goes silent after half of the answer, always", cut(fine, 0.5, "hang"))
    yield _curable("stall_once_then_good", "goes silent the first time", cut(fine, 0.5, "hang"), fine)


def _pace_faults(good: str, pause: float) -> Iterator[Fault]:
    eighths = max(1, math.ceil(len(good) / 8))
    yield _curable("slow_first_byte", "silent for one pause, then good", answer(good, delay=pause))
    yield _curable("slow_drip", "a good answer in slow pieces", answer(good, eighths, pace=pause / 5))
    yield _fatal("drip_for_ever", "text drips and never ends", _endless("x", pause / 5))
    yield _fatal("keepalives_for_ever", "only keep-alive comments, for ever", _endless(None, pause / 5))
    yield _fatal("dripping_headers", "headers come byte by byte and never end", _dripping_headers(pause))
    yield _fatal("huge_answer", "5 MB of prose", answer("All work and no play. " * 240_000, 4096))
    yield _fatal("endless_answer", "prose at full speed, for ever", _endless("words " * 500, 0))


def _endless(text: str | None, pace: float) -> Behaviour:
    def reply(request: Request) -> Reply:
        if not request.streams:
            return Reply(itertools.repeat(b" " * len(text or " ")), headers=JSON, framing="chunked", pace=pace)
        piece = b": ping\n\n" if text is None else event(_chunk(request, [_choice({"content": text})]))
        return Reply(itertools.repeat(piece), headers=EVENT_STREAM, framing="chunked", pace=pace)

    return reply


def _dripping_headers(pause: float) -> Behaviour:
    def reply(request: Request) -> Reply:
        drops = itertools.chain([b"HTTP/1.1 200 OK\r\nX-Padding: "], itertools.repeat(b"x"))
        return Reply(drops, framing="raw", pace=pause / 5)

    return reply


def _parameter_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    for name in REFUSALS:
        yield _curable(f"refuses_{name}", f"400 until the request is without: {name}", refuse(fine, name))
    yield _curable(
        "refuses_formats_in_turn",
        "400 for json_schema, then for json_object, then good",
        refuse(fine, "json_schema", "json_object"),
    )
    yield _curable(
        "refuses_format_with_422",
        "422 until the request has no response_format",
        refuse(fine, "response_format", status=422),
    )
    yield _curable(
        "refuses_format_with_500",
        "500 that names response_format until the request has none",
        refuse(fine, "response_format", status=500),
    )
    yield _curable(
        "refuses_vaguely",
        "400 that names nothing while a response_format is asked for",
        refuse(fine, Refusal(_has("response_format"), "Bad Request", code=None)),
    )
    yield _curable(
        "refuses_unknown_with_422",
        "422 with a list as `detail`, as FastAPI words it, for a response_format",
        _validation_error(fine),
    )
    yield _curable(
        "refuses_everything_in_turn",
        "one optional parameter after another is refused",
        refuse(fine, "json_schema", "json_object", "max_tokens", "temperature", "stream_options", "stream"),
    )
    yield _fatal(
        "refuses_messages",
        "400 for a reason that no change of parameters mends",
        error(400, "Invalid type for 'messages[0].content'.", param="messages"),
    )


def _validation_error(then: Behaviour) -> Behaviour:
    detail = [{"type": "extra_forbidden", "loc": ["body", "response_format"], "msg": "Extra inputs are not permitted"}]

    def reply(request: Request) -> Reply:
        refused = "response_format" in request.parameters
        return json_reply({"detail": detail}, 422) if refused else then(request)

    return reply


def _status_faults(good: str) -> Iterator[Fault]:
    yield from _final_status_faults()
    yield from _passing_status_faults(good)
    yield from _rate_limit_faults(good)


def _final_status_faults() -> Iterator[Fault]:
    too_long = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."
    refused = {
        "context_length_exceeded": (400, too_long, "context_length_exceeded"),
        "bad_key": (401, "Incorrect API key provided: x.", "invalid_api_key"),
        "no_balance": (402, "Insufficient Balance", None),
        "forbidden": (403, "Country, region, or territory not supported", "unsupported_country_region_territory"),
        "model_not_found": (404, "The model `scripted` does not exist or you do not have access.", "model_not_found"),
        "method_not_allowed": (405, "Method Not Allowed", None),
        "too_large": (413, "Request Entity Too Large", None),
        "not_implemented": (501, "Not Implemented", None),
        "unavailable_for_ever": (503, "The engine is currently overloaded, please try again later", None),
    }
    for name, (status, message, code) in refused.items():
        yield _fatal(name, f"{status}, always: {message}", error(status, message, code=code))
    yield _fatal("wrong_path", "404 with an HTML page, always", page("404 page not found", 404))
    yield _fatal("error_without_body", "500 with an empty body, always", fixed(Reply(status=500)))
    yield _fatal(
        "error_as_text", "400 whose `error` is a string, always", fixed(json_reply({"error": "model is loading"}, 400))
    )


def _passing_status_faults(good: str) -> Iterator[Fault]:
    passing = {408: "timeout", 409: "conflict", 500: "server_error", 503: "unavailable", 529: "overloaded"}
    for status, name in passing.items():
        yield _curable(f"{name}_then_good", f"{status} once, then good", error(status, name), answer(good))
    for status, name in {502: "bad_gateway", 504: "gateway_timeout", 524: "proxy_timeout"}.items():
        behaviours = page(name, status), answer(good)
        yield _curable(f"{name}_then_good", f"{status} with an HTML page once, then good", *behaviours)


def _rate_limit_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    waits = {"1": "one_second", "soon": "invalid", "-5": "negative", "0.2": "fraction", "nan": "nan", "": "empty"}
    for value, name in waits.items():
        behaviours = limited(value), fine
        yield _curable(f"retry_after_{name}", f"429 with `Retry-After: {value}` once", *behaviours)
    yield _curable("retry_after_date", "429 with an HTTP date a second ahead, once", _limited_until, fine)
    yield _curable("retry_after_missing", "429 without Retry-After, once", limited(None), fine)
    yield _fatal("retry_after_a_day", "429 with `Retry-After: 86400`, always", limited("86400"))
    yield _fatal("retry_after_infinite", "429 with `Retry-After: inf`, always", limited("inf"))
    yield _fatal("rate_limit_for_ever", "429 with `Retry-After: 0`, always", limited("0"))
    quota = "You exceeded your current quota, please check your plan and billing details."
    yield _fatal(
        "insufficient_quota",
        "429 for want of credit, always",
        error(429, quota, kind="insufficient_quota", code="insufficient_quota"),
    )


def limited(retry_after: str | None) -> Behaviour:
    """Reply 429 with that Retry-After header, or with none."""
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    return error(429, "Rate limit reached for requests", code="rate_limit_exceeded", headers=headers)


def _limited_until(request: Request) -> Reply:
    return limited(formatdate(time.time() + 1, usegmt=True))(request)


def _redirect_faults(good: str) -> Iterator[Fault]:
    yield _fatal("redirect_loop", "307 to itself, for ever", _redirect(307, "/v1" + CHAT))
    yield _fatal("redirect_elsewhere", "302 to a path that is not there", _redirect(302, "/login"))
    yield _fatal(
        "redirect_to_get", "302 to the same path, which turns the POST into a GET", _redirect(302, "/v1" + CHAT)
    )
    yield _fatal("redirect_without_location", "307 that does not say where", fixed(Reply(status=307)))
    yield _fatal("redirect_to_another_host", "307 once to another host, which answers", _to_another_host, answer(good))
    yield _curable("moved_then_good", "308 to another path, which answers", _redirect(308, "/v2" + CHAT), answer(good))


def _to_another_host(request: Request) -> Reply:
    port = request.headers["host"].rpartition(":")[2]
    return _redirect(307, f"http://localhost:{port}/v1{CHAT}")(request)


def _redirect(status: int, location: str) -> Behaviour:
    return fixed(Reply(status=status, headers=(("Location", location),)))


def _body_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    login = page("<form action='/login'>Please sign in {to} continue</form>")
    yield _fatal("login_page", "200 with an HTML page, always", login)
    yield _curable(
        "json_for_a_stream", "a whole completion as JSON though a stream was asked for", _ignoring_stream(fine)
    )
    yield _curable("stream_for_json", "an event stream though none was asked for", _always_streaming(fine))
    yield _fatal(
        "error_with_status_200", "200 with an error as JSON, always", altered(error(500, "upstream failed"), status=200)
    )
    yield _fatal("empty_body", "200 with an empty JSON body, always", fixed(Reply(headers=JSON)))
    yield _fatal(
        "empty_stream",
        "200 with an event stream without an event, always",
        fixed(Reply(headers=EVENT_STREAM, framing="chunked")),
    )
    yield _fatal("only_done", "nothing but [DONE]", streamed(fine, lambda data: [DONE]))
    yield _fatal("no_content", "204, always", fixed(Reply(status=204)))
    yield _fatal("json_null", "200 with the JSON value null, always", fixed(json_reply(None)))
    yield _fatal("ndjson_for_a_stream", "lines of JSON in place of events", _ndjson(good))
    yield _curable("wrong_content_type", "a good answer labelled text/html", altered(fine, headers=HTML))
    yield _curable("wrong_charset", "a good answer in UTF-8 labelled ISO-8859-1", _mislabelled(fine))


def _ignoring_stream(behaviour: Behaviour) -> Behaviour:
    return lambda request: behaviour(replace(request, body={**request.parameters, "stream": False}))


def _always_streaming(behaviour: Behaviour) -> Behaviour:
    return lambda request: behaviour(replace(request, body={**request.parameters, "stream": True}))


def _mislabelled(behaviour: Behaviour) -> Behaviour:
    def reply(request: Request) -> Reply:
        label = "text/event-stream" if request.streams else "application/json"
        return replace(behaviour(request), headers=(("Content-Type", f"{label}; charset=iso-8859-1"),))

    return reply


def _ndjson(good: str) -> Behaviour:
    lines = [_json({"message": delta, "done": False}) + b"\n" for delta in _content(good, 12)]
    return fixed(Reply(tuple(lines), headers=(("Content-Type", "application/x-ndjson"),), framing="chunked"))


def _framing_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    yield _fatal("bad_chunk_size", "chunked encoding with a size that is no number", fixed(_BAD_CHUNKS))
    yield _fatal("broken_gzip", "labelled gzip, but is not", _with_header(fine, *_GZIP))
    yield _fatal("cut_gzip", "gzip that ends half-way, always", _gzipped(fine, 0.5))
    yield _curable("gzip_answer", "a good answer in gzip, unasked", _gzipped(fine))
    yield _fatal("length_too_long", "closes before Content-Length bytes came", _misstated(fine, promised=1.0, sent=0.5))
    yield _fatal("length_too_short", "Content-Length ends inside the answer", _misstated(fine, promised=0.5, sent=1.0))
    yield _fatal(
        "length_is_text",
        "Content-Length is no number",
        altered(_with_header(fine, "Content-Length", "many"), framing="length"),
    )
    yield _curable(
        "http_1_0_without_length", "HTTP/1.0, ended by closing", altered(fine, version="HTTP/1.0", framing="close")
    )
    yield _fatal("long_header", "a header of 200 kB", _with_header(fine, "X-Padding", "x" * 200_000))
    yield _curable("many_headers", "200 headers more than usual", _with_many_headers(fine))
    yield _fatal("not_http", "bytes that are no HTTP", fixed(Reply((b"SSH-2.0-OpenSSH_9.6\r\n",), framing="raw")))


_GZIP = ("Content-Encoding", "gzip")
_BAD_CHUNKS = Reply(
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ndata: {}\r\n",),
    framing="raw",
)


def _gzipped(behaviour: Behaviour, share: float = 1.0) -> Behaviour:
    def reply(request: Request) -> Reply:
        whole = behaviour(request)
        squeezed = gzip.compress(b"".join(whole.pieces))
        kept = squeezed[: int(len(squeezed) * share)]
        return replace(whole, pieces=(kept,), headers=(*whole.headers, _GZIP), framing="length")

    return reply


def _misstated(behaviour: Behaviour, promised: float, sent: float) -> Behaviour:
    def reply(request: Request) -> Reply:
        whole = behaviour(request)
        body = b"".join(whole.pieces)
        length = ("Content-Length", str(int(len(body) * promised)))
        part = body[: int(len(body) * sent)]
        return replace(whole, pieces=(part,), headers=(*whole.headers, length), framing="length", ending="close")

    return reply


def _with_header(behaviour: Behaviour, *pairs: str) -> Behaviour:
    def reply(request: Request) -> Reply:
        whole = behaviour(request)
        return replace(whole, headers=(*whole.headers, *zip(pairs[::2], pairs[1::2], strict=True)))

    return reply


def _with_many_headers(behaviour: Behaviour) -> Behaviour:
    names = (f"X-Padding-{number}" for number in range(200))
    return _with_header(behaviour, *itertools.chain.from_iterable((name, "x") for name in names))


def _stream_faults(good: str) -> Iterator[Fault]:
    yield from _ending_faults(good)
    yield from _line_faults(good)
    yield from _byte_faults(good)
    yield from _error_event_faults(good)


def _ending_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    yield _curable(
        "no_done_and_open",
        "no [DONE] after the last chunk, and the connection stays open",
        streamed(fine, _without_done, ending="hang"),
    )
    yield _curable("no_done_and_finished", "no [DONE]; the body ends well", streamed(fine, _without_done))
    yield _curable(
        "no_done_and_closed",
        "no [DONE]; the connection closes inside the body",
        streamed(fine, _without_done, ending="close"),
    )
    yield _curable(
        "done_and_open", "[DONE], but the connection stays open", streamed(fine, lambda data: [data], ending="hang")
    )
    yield _curable(
        "done_and_closed",
        "[DONE], then the connection closes inside the body",
        streamed(fine, lambda data: [data], ending="close"),
    )
    yield _curable("text_after_done", "more chunks after [DONE]", streamed(fine, lambda data: [data, data]))
    yield _curable(
        "no_finish_reason",
        "the text, then [DONE], without a chunk that says why it ended",
        answer(good, edit=_without_finish),
    )


def _without_done(data: bytes) -> list[bytes]:
    return [data.removesuffix(DONE)]


def _without_finish(chunks: list[Payload]) -> list[Payload]:
    return [each for each in chunks if not any(choice["finish_reason"] for choice in each["choices"])]


def _line_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    rewrites: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
        "keepalive_comments": ("comment lines between events", lambda data: _between(data, b": ping\n\n")),
        "empty_data_events": ("`data:` lines without data between events", lambda data: _between(data, b"data:\n\n")),
        "empty_lines": ("blank lines between events", lambda data: _between(data, b"\n\n\r\n")),
        "other_fields": (
            "`id`, `event` and `retry` lines in every event",
            lambda data: b"".join(b"id: 7\nretry: 10\nevent: message\n" + each for each in _events(data)),
        ),
        "events_without_data": (
            "events of an `id` alone between the others",
            lambda data: _between(data, b"id: 7\n\n"),
        ),
        "no_space_after_colon": ("`data:` without the space", lambda data: data.replace(b"data: ", b"data:")),
        "cr_newlines": ("lines end in a lone CR", lambda data: data.replace(b"\n", b"\r")),
        "crlf_newlines": ("lines end in CR LF", lambda data: data.replace(b"\n", b"\r\n")),
        "mixed_newlines": ("line ends change from event to event", _mixed_newlines),
        "byte_order_mark": ("the stream starts with a byte-order mark", lambda data: b"\xef\xbb\xbf" + data),
        "nul_bytes_between_events": ("lines of NUL bytes between events", lambda data: _between(data, b"\0\0\n")),
    }
    for name, (line, rewrite) in rewrites.items():
        yield _curable(name, line, streamed(fine, partial(_rewritten, rewrite)))
    broken = b'data: {"id": "chatcmpl-1", "choices": [{"ind\n\n'
    yield _fatal(
        "broken_json_event",
        "an event whose JSON is cut, always",
        streamed(fine, lambda data: [_in_the_middle(data, broken)]),
    )
    yield _curable(
        "broken_json_event_once",
        "an event whose JSON is cut, once",
        streamed(fine, lambda data: [_in_the_middle(data, broken)]),
        fine,
    )
    yield _fatal(
        "no_blank_lines", "no blank line between events", streamed(fine, lambda data: [data.replace(b"\n\n", b"\n")])
    )


def _rewritten(rewrite: Callable[[bytes], bytes], data: bytes) -> list[bytes]:
    return [rewrite(data)]


def _events(data: bytes) -> list[bytes]:
    return [each + b"\n\n" for each in data.split(b"\n\n") if each]


def _between(data: bytes, extra: bytes) -> bytes:
    return extra + extra.join(_events(data))


def _in_the_middle(data: bytes, extra: bytes) -> bytes:
    events = _events(data)
    half = len(events) // 2
    return b"".join([*events[:half], extra, *events[half:]])


def _mixed_newlines(data: bytes) -> bytes:
    newlines = itertools.cycle((b"\n", b"\r\n", b"\r"))
    return b"".join(each.replace(b"\n", next(newlines)) for each in _events(data))


def _byte_faults(good: str) -> Iterator[Fault]:
    # Letters of two to four bytes travel beside the text, so that the good answer stays as it is.
    wide = answer(good, edit=lambda chunks: [{**each, "system_fingerprint": "né-日本-😀"} for each in chunks])
    yield _curable(
        "split_characters", "letters split over TCP pieces", streamed(wide, _split_inside_characters, pace=0.001)
    )
    yield _curable("byte_by_byte", "one byte at a time", streamed(wide, lambda data: [bytes([each]) for each in data]))
    yield _curable("all_in_one_piece", "the whole stream in one piece", streamed(wide, lambda data: [data]))
    yield _fatal(
        "invalid_utf_8",
        "bytes that are no UTF-8 inside an event",
        streamed(wide, lambda data: [data.replace("né".encode(), b"n\xe9\xff")]),
    )
    yield _fatal("utf_16", "the stream in UTF-16", streamed(wide, lambda data: [data.decode().encode("utf-16")]))


def _split_inside_characters(data: bytes) -> list[bytes]:
    cuts = [0, *(at for at, byte in enumerate(data) if 0x80 <= byte < 0xC0), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(cuts)]


def _error_event_faults(good: str) -> Iterator[Fault]:
    fine = answer(good)
    failure = event(_error_body("The server had an error while processing your request.", "server_error", None, None))
    failing = streamed(fine, lambda data: [_in_the_middle(data, failure)])
    yield _fatal("error_event", "an error among the chunks, always", failing)
    yield _curable("error_event_once", "an error among the chunks, once", failing, fine)
    yield _fatal(
        "named_error_event",
        "an event named error whose data is text, always",
        streamed(fine, lambda data: [_in_the_middle(data, b"event: error\ndata: overloaded\n\n")]),
    )


def _chunk_faults(good: str) -> Iterator[Fault]:
    extra = {
        "empty_choices": ("chunks without a choice", []),
        "null_choices": ("chunks whose choices are null", None),
        "null_delta": ("chunks whose delta is null", [_choice(None)]),
        "empty_delta": ("chunks whose delta is empty", [_choice({})]),
        "null_content": ("chunks whose content is null", [_choice({"content": None})]),
        "second_choice": ("chunks of another answer, as choice 1", [_choice({"content": '{"other": 1}'}, index=1)]),
    }
    for name, (line, choices) in extra.items():
        behaviour = answer(good, edit=partial(_interleaved, choices))
        yield _curable(name, f"{line}, among the others", behaviour)
    yield _curable(
        "bare_chunks",
        "chunks with nothing but choices",
        answer(good, edit=lambda chunks: [{"choices": each["choices"]} for each in chunks]),
    )
    yield _curable("changing_ids", "every chunk has another id and model", answer(good, edit=_with_changing_ids))
    yield _fatal("duplicate_chunks", "every chunk comes twice", answer(good, edit=_twice))
    yield _fatal(
        "chunks_without_choices",
        "chunks with no choices at all, always",
        answer(good, edit=lambda chunks: [{"id": each["id"]} for each in chunks]),
    )
    yield _fatal("chunks_are_numbers", "every chunk is a number", answer(good, edit=lambda chunks: [7 for _ in chunks]))
    yield from _usage_faults(good)


def _interleaved(choices: Any, chunks: list[Payload]) -> Iterator[Payload]:
    for chunk in chunks:
        yield {**chunk, "choices": choices}
        yield chunk


def _with_changing_ids(chunks: list[Payload]) -> list[Payload]:
    return [{**each, "id": f"chatcmpl-{number}", "model": f"m{number}"} for number, each in enumerate(chunks)]


def _twice(chunks: list[Payload]) -> list[Payload]:
    return [each for each in chunks for _ in range(2)]


def _usage_faults(good: str) -> Iterator[Fault]:
    negative = {"prompt_tokens": -5, "completion_tokens": -1, "total_tokens": -6}
    words = {"prompt_tokens": "many", "completion_tokens": None, "total_tokens": "1e3"}
    enormous = dict.fromkeys(negative, 10**30)
    yield _curable("usage_missing", "no usage though asked for", answer(good, usage=False))
    yield _curable("usage_empty", "usage is an empty object", answer(good, usage={}))
    yield _curable("usage_negative", "counts of tokens below zero", answer(good, usage=negative))
    yield _curable("usage_words", "counts of tokens that are text or null", answer(good, usage=words))
    yield _curable("usage_enormous", "counts of tokens of 31 digits", answer(good, usage=enormous))


def _message_faults(good: str) -> Iterator[Fault]:
    half = good[: len(good) // 2]
    function = {"name": "answer", "arguments": good}
    call = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}], "content": None}
    refusal = {"refusal": "I'm sorry, I can't help with that."}
    thought = [{"reasoning_content": each["content"]} for each in _content('First {"max_depth": 99}? No.', 5)]
    yield _fatal("tool_calls", "a tool call in place of text", speak([call], finish="tool_calls"))
    yield _fatal("refusal", "a refusal in place of text", speak([refusal]))
    yield _fatal("cut_by_length", "ends half-way with finish_reason length", answer(half, finish="length"))
    yield _fatal(
        "cut_by_filter", "ends half-way with finish_reason content_filter", answer(half, finish="content_filter")
    )
    yield _curable("unknown_finish_reason", "a good answer that ends for an unknown reason", answer(good, finish="eos"))
    yield _curable("reasoning_first", "reasoning_content, then the answer", speak([*thought, *_content(good, 12)]))
    yield _fatal("reasoning_only", "reasoning_content and no answer", speak(thought))
    yield _fatal("content_parts", "content is a list of parts", speak([{"content": [{"type": "text", "text": good}]}]))
    yield _fatal("content_is_an_object", "content is JSON, not text", speak([{"content": json.loads(good)}]))
    yield _fatal("empty_text", "an answer without a letter", answer(""))
    yield _fatal("blank_text", "an answer of blanks", answer(" \n\t \n"))


def _wording_faults(good: str) -> Iterator[Fault]:
    """Yield answers whose text is more than, or not quite, the good JSON."""
    fenced = f"```json\n{good}\n```"
    example = '{"example": true}'
    found = {
        "fenced": ("in a fence of Markdown", fenced),
        "fenced_without_language": ("in a fence that names no language", f"```\n{good}\n```"),
        "nested_fences": ("in a fence within a fence", f"````markdown\n{fenced}\n````"),
        "open_fence": ("after a fence that is never closed", f"```json\n{good}"),
        "tilde_fence": ("in a fence of tildes", f"~~~json\n{good}\n~~~"),
        "prose_around": ("with prose before and after", f"Sure! Here it is:\n\n{good}\n\nLet me know if it helps."),
        "braces_in_prose": ("after prose with braces", f"In set notation {{a, b}}, and {{}}: {good} (end of {{x}})"),
        "think_tags": ("after a thought in <think> with JSON in it", f"<think>\nMaybe {example}?\n</think>\n\n{good}"),
        "same_object_twice": ("twice", f"{good}\n{good}"),
        "comments_and_commas": ("with comments and trailing commas", _with_comments(good)),
        "byte_order_mark_in_text": ("after a byte-order mark", f"\ufeff{good}"),
        "nul_characters": ("between NUL characters", f"\0\0{good}\0"),
        "odd_blanks": ("between no-break and zero-width spaces", f"\u00a0\u200b{good}\u2028"),
        "stop_token": ("with the end-of-turn token left in", f"{good}<|im_end|>"),
    }
    for name, (line, text) in found.items():
        yield _curable(name, f"the good answer {line}", answer(text))
    yield from _unreadable_faults(good, example)
    yield _curable("prose_then_good", "no JSON the first time", answer("I would rather not."), answer(good))
    yield _curable(
        "cut_json_then_good", "JSON that ends half-way the first time", answer(good[: len(good) // 2]), answer(good)
    )


def _unreadable_faults(good: str, example: str) -> Iterator[Fault]:
    lost = {
        "two_different_objects": ("two objects of which either could be meant", f"{good}\n\n{example}"),
        "prose_only": ("prose without JSON", "I would choose a moderate depth."),
        "cut_json": ("JSON that ends half-way, finish_reason stop", good[: len(good) // 2]),
        "python_literal": ("a Python dictionary, not JSON", repr(json.loads(good))),
        "curly_quotes": ("JSON with typographic quotes", good.replace('"', "”")),
        "unclosed_think": ("a thought that never closes", f"<think>\nMaybe {example}, or {example}"),
    }
    for name, (line, text) in lost.items():
        yield _fatal(name, f"{line}, always", answer(text))


def _with_comments(good: str) -> str:
    opening, closing = good.index("{") + 1, good.rindex("}")
    return f"{good[:opening]} // the plan\n{good[opening:closing]}, /* done */ {good[closing:]}"


def _value_faults(good: str) -> Iterator[Fault]:
    """Yield answers that are JSON, or nearly, with values that break what reads them."""
    texts = {
        "nan_value": ("NaN for a number", _with_number(good, "NaN")),
        "infinite_value": ("Infinity for a number", _with_number(good, "Infinity")),
        "overflowing_value": ("1e999 for a number", _with_number(good, "1e999")),
        "huge_integer": ("an integer of 5000 digits for a number", _with_number(good, "9" * 5000)),
        "number_as_text": ("text for a number", _with_number(good, '"a few"')),
        "null_value": ("null for a number", _with_number(good, "null")),
        "deep_nesting": ("100 000 nested lists for a number", _with_number(good, "[" * 100_000 + "]" * 100_000)),
        "half_surrogate": ("half of a surrogate pair in a string", _with_number(good, '"\\ud83d"')),
        "markup_value": ("HTML with a script for a number", _with_number(good, '"<img src=x onerror=alert(1)>"')),
        "list_of_answers": ("a list around the object", f"[{good}]"),
        "json_in_a_string": ("the object as a JSON string", json.dumps(good)),
        "wrapped_object": ("the object under another key", f'{{"answer": {good}}}'),
        "empty_object": ("an object without a key", "{}"),
        "json_null_text": ("the JSON value null", "null"),
    }
    for name, (line, text) in texts.items():
        yield _fatal(name, f"{line}, always", answer(text, max(12, len(text) // 200)))
    halves = '"\ud83d', '\ude00": 1}'
    yield _fatal(
        "split_surrogates",
        "a surrogate pair split over two chunks, always",
        speak([{"content": "{" + halves[0]}, {"content": halves[1]}]),
    )


def _with_number(good: str, value: str) -> str:
    """Return ``good`` with ``value`` for its first number, or under another key where it has none."""
    marker = "\uf8ff"
    tree, found = _replaced(json.loads(good), marker)
    text = json.dumps(tree if found else {**tree, "number": marker})
    return text.replace(json.dumps(marker), value)


def _replaced(tree: Any, marker: str) -> tuple[Any, bool]:
    """Return ``tree`` with ``marker`` for its first number, and whether it has one."""
    if isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return marker, True
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        changed, found = _replaced(value, marker)
        if found:
            copy = tree.copy()
            copy[key] = changed
            return copy, True
    return tree, False
