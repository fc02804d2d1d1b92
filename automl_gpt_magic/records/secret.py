"""Text that must not be seen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class SecretStr:
    """A key or a header's value; printing, formatting or inspecting it shows only that there is one."""

    _value: str = field(default="", repr=False)

    def get_secret_value(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "SecretStr('**********')" if self._value else "SecretStr('')"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class SecretUrl:
    """A URL that may hold a password; printing, formatting or inspecting it shows where it leads, and nobody's name."""

    _value: str = field(repr=False)

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return repr(str(self))

    def __str__(self) -> str:
        """Return scheme, host and path; the scheme alone where a sign of a password may stand in another place."""
        scheme, _, rest = self._value.partition("://")
        try:
            parts = urlsplit(self._value)
            login, _, host = parts.netloc.rpartition("@")
            _ = parts.port  # raises where it is no number, such as a password whose host is missing
        except ValueError:
            return f"{scheme}://…"
        if rest.count("@") != parts.netloc.count("@") or not host.isprintable():
            return f"{scheme}://…"
        return f"{scheme}://{'…@' if login else ''}{host}{parts.path}{'?…' if parts.query or parts.fragment else ''}"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


def is_url(text: str) -> bool:
    """Return whether a text is a URL and no path of a file."""
    return re.match(r"[A-Za-z][\w+.-]*://", text) is not None
