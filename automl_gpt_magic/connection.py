"""From settings to a language model: which endpoint, which key, which model."""

from __future__ import annotations

import math
import os
import time
from contextlib import closing
from dataclasses import replace

from .errors import LLMError, one_line
from .llm import ChatModel, Endpoint, list_models, price
from .llm.chunk import CallError
from .llm.endpoint import OPENAI, host_of
from .records.secret import SecretStr
from .settings import AutoML

# In the openai package's list of chat models; change it with %config AutoML.model.
OPENAI_MODEL = "gpt-5.4-mini"
_OPENAI_KEY = "OPENAI_API_KEY"
_KEY, _URL = "AUTOML_GPT_MAGIC_API_KEY", "AUTOML_GPT_MAGIC_BASE_URL"
_MOST_NAMED = 6
_LISTING_SECONDS = 15.0


def connect(*, base_url: str = "", model: str = "", api_key: str = "") -> ChatModel:
    """Return the language model behind an OpenAI-compatible endpoint.

    Parameters
    ----------
    base_url : str
        Ends before ``/chat/completions``; empty for the environment's, else OpenAI.
    model : str
        Its name; empty for the environment's, else the endpoint's only one.
    api_key : str
        Empty for the environment's.

    Raises
    ------
    LLMError
        If no endpoint is named, or it offers no model or several.
    """
    settings = AutoML()
    for name, value in (("base_url", base_url), ("model", model), ("api_key", api_key)):
        if value:
            setattr(settings, name, value)
    endpoint = endpoint_of(settings)
    if endpoint is None:
        raise LLMError(f"no endpoint is named; pass base_url, or set {_OPENAI_KEY}")
    return ChatModel(with_model(endpoint))


def endpoint_of(settings: AutoML) -> Endpoint | None:
    """Return the endpoint that the settings name; None where there is none and no LLM is called.

    Raises
    ------
    LLMError
        If its URL is none, or the prices are not two numbers.
    """
    base_url = settings.base_url.strip()
    if not base_url:
        if not settings.api_key and not os.environ.get(_OPENAI_KEY):
            return None
        base_url = OPENAI
    if "@" in base_url:
        raise LLMError("AutoML.base_url holds a name or password; write it without, and the key into AutoML.api_key")
    host = host_of(base_url)
    name = settings.model or (OPENAI_MODEL if host == host_of(OPENAI) else "")
    return Endpoint(
        base_url.rstrip("/").removesuffix("/chat/completions"),
        name,
        _key(settings, host, base_url.startswith("https:")),
        tuple(settings.headers.items()),
        settings.proxy,
        settings.ca_bundle,
        settings.answer_tokens,
        settings.retries,
        settings.temperature,
        _prices(settings, name, host),
    )


def with_model(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with a model's name: its own, or the only one that it offers.

    Raises
    ------
    LLMError
        If it offers none or several, or is not reached.
    """
    if endpoint.model:
        return endpoint
    offered = models_of(endpoint)
    if len(offered) == 1:
        return replace(endpoint, model=offered[0])
    listed = ", ".join(offered[:_MOST_NAMED]) + (", …" if len(offered) > _MOST_NAMED else "")
    which = f"write one of: {listed}" if offered else "it lists none; write its name"
    raise LLMError(f"{endpoint.host} needs a model's name in %config AutoML.model or --model; {which}")


def models_of(endpoint: Endpoint) -> list[str]:
    """Return the names of the models that an endpoint offers.

    Raises
    ------
    LLMError
        If it is not reached.
    """
    try:
        until = time.monotonic() + _LISTING_SECONDS
        with closing(list_models(endpoint)) as answers:
            for names in answers:
                if names is not None:
                    return [one_line(endpoint.hide_secrets(name)) for name in names]
                if time.monotonic() > until:
                    raise LLMError(
                        f"{endpoint.host} did not list its models in {_LISTING_SECONDS:.0f} s; name one in "
                        "%config AutoML.model"
                    )
        return []
    except CallError as error:
        status = f" (status {error.status})" if error.status else ""
        said = one_line(error.detail)[:160]
        raise LLMError(
            f"{endpoint.host} did not list its models{status}: {said}; name one in %config AutoML.model, "
            "or start the server"
        ) from None


def _key(settings: AutoML, host: str, encrypted: bool) -> SecretStr:
    """Return the key for a host; a key of the environment goes to no other host than the environment names."""
    given: SecretStr = settings.api_key
    if given:
        return given
    own, own_url = os.environ.get(_KEY, ""), os.environ.get(_URL, "")
    if own and (not own_url or _names(own_url, host)):
        return SecretStr(own)
    theirs = [OPENAI, os.environ.get("OPENAI_BASE_URL", "")]
    trusted = any(_names(url, host) and (encrypted or url.startswith("http:")) for url in theirs)
    return SecretStr(os.environ.get(_OPENAI_KEY, "") if trusted else "")


def _names(url: str, host: str) -> bool:
    """Return whether a URL of the environment, which may be none, leads to a host."""
    try:
        return host_of(url) == host
    except LLMError:
        return False


def _prices(settings: AutoML, model: str, host: str) -> tuple[float, float] | None:
    if not settings.prices:
        known = price(model, host)
        return (known.prompt, known.answer) if known else None
    try:
        sent, received = (float(part) for part in settings.prices.split(","))
        if not (0 <= sent < math.inf and 0 <= received < math.inf):  # else no limit on the cost would hold
            raise ValueError
    except ValueError:
        raise LLMError("AutoML.prices needs two numbers, for a million tokens sent and received: '0.25, 2'") from None
    return sent, received
