"""Where a language model is reached, and with what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from ..errors import LLMError
from ..records.secret import SecretStr

OPENAI = "https://api.openai.com/v1"
NO_SECRET = SecretStr()
_REAL_KEY = 20


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible endpoint and the limits of a call.

    ``base_url`` ends before ``/chat/completions``; ``headers`` are added to every request; ``ca_bundle`` is a file of
    certificates, empty for the system's; ``most_tokens`` limits an answer, ``retries`` the tries after the first.
    ``prices`` are US dollars for a million tokens sent and received, None where they are not known.
    """

    base_url: str
    model: str
    key: SecretStr = NO_SECRET
    headers: tuple[tuple[str, SecretStr], ...] = ()
    proxy: SecretStr = NO_SECRET
    ca_bundle: str = ""
    most_tokens: int = 4000
    retries: int = 2
    temperature: float = 0.0
    prices: tuple[float, float] | None = None

    @property
    def host(self) -> str:
        """Host and port, without user, password or path."""
        return host_of(self.base_url)

    @property
    def is_local(self) -> bool:
        return is_loopback(self.base_url)

    @property
    def _secrets(self) -> list[str]:
        """The texts that must not be seen, the longest first; shorter ones than four letters are in any text."""
        secrets = [self.key.get_secret_value(), *(value.get_secret_value() for _, value in self.headers)]
        for url in (self.base_url, self.proxy.get_secret_value()):
            password = urlsplit(url).password or ""
            secrets += [password, unquote(password)]
        forms = {form.strip() for secret in secrets for form in (secret, repr(secret)[1:-1], quote(secret))}
        return sorted((form for form in forms if len(form) > 3), key=len, reverse=True)

    def has_secret(self, text: str) -> bool:
        """Return whether a text holds one of this endpoint's secrets; "none" or "ollama" as a key is no secret."""
        return any(secret in text for secret in self._secrets if len(secret) >= _REAL_KEY)

    def hide_secrets(self, text: str) -> str:
        """Return a text without this endpoint's secrets, and without anything that looks like a key."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return re.sub(r"\b(sk|pk|gsk|hf|key)[-_][\w*.-]{6,}|(?i:bearer) \S+", "…", text)


def host_of(url: str) -> str:
    """Return host and port of a URL.

    Raises
    ------
    LLMError
        If it is no http or https URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise LLMError("AutoML.base_url is no URL; write it like http://localhost:11434/v1")
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def is_loopback(url: str) -> bool:
    """Return whether a URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
