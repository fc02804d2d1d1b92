"""Settings and where they come from: ``%config AutoML.NAME = ...``, else the environment, else the default."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from traitlets import Bool, Float, Int, TraitError, TraitType, Unicode, default, validate
from traitlets.config import Config, Configurable

from .records.secret import SecretStr, SecretUrl, is_url

_PREFIX = "AUTOML_GPT_MAGIC_"
_SECRETS = ("api_key", "headers", "proxy", "store")


def _is_on(name: str) -> bool:
    return os.environ.get(f"{_PREFIX}{name}", "").strip().lower() not in ("", "0", "false", "no", "off")


def _without_password(url: str) -> str:
    return re.sub(r"//.*@", "//…@", url)


def _secret(value: Any) -> SecretStr:
    return value if isinstance(value, SecretStr) else SecretStr(str(value))


class Secret(TraitType):  # type: ignore[type-arg]
    """Text that is kept as a `SecretStr`, so that no listing of settings shows it."""

    default_value = SecretStr()
    info_text = "text"

    def validate(self, obj: Any, value: Any) -> SecretStr:
        return _secret(value)

    def from_string(self, s: str) -> SecretStr:
        return SecretStr(s)


class Headers(TraitType):  # type: ignore[type-arg]
    """Names and values, of which the values are kept as `SecretStr`."""

    default_value: Mapping[str, SecretStr] = MappingProxyType({})
    info_text = "a dict of names and values"

    def validate(self, obj: Any, value: Any) -> dict[str, SecretStr]:
        if not isinstance(value, Mapping):
            raise TraitError("AutoML.headers needs a dict of names and values")
        return {str(name): _secret(text) for name, text in value.items()}


class Place(TraitType):  # type: ignore[type-arg]
    """A file's path, or a database's URL, which is kept as a `SecretUrl`."""

    default_value = ""
    info_text = "a file's path or a database's URL"

    def validate(self, obj: Any, value: Any) -> str | SecretUrl:
        if isinstance(value, SecretUrl):
            return value
        if not isinstance(value, (str, Path)):
            raise TraitError("AutoML.store needs text: a file's path, or a database's URL")
        text = str(value)
        return SecretUrl(text) if is_url(text) else text

    def from_string(self, s: str) -> str:
        return s


class AutoML(Configurable):
    """What a user may set; ``%config AutoML`` lists it."""

    base_url = Unicode(
        help="OpenAI-compatible endpoint, such as http://localhost:11434/v1 (environment: AUTOML_GPT_MAGIC_BASE_URL, "
        "else OPENAI_BASE_URL). Empty: OpenAI, where OPENAI_API_KEY is set; else no LLM is called."
    ).tag(config=True)
    model = Unicode(
        help="Name of the model (environment: AUTOML_GPT_MAGIC_MODEL). Empty: the endpoint's own, where it offers one."
    ).tag(config=True)
    api_key = Secret(
        help="Key for the endpoint, never shown. Empty: the environment's AUTOML_GPT_MAGIC_API_KEY, and OPENAI_API_KEY "
        "for OpenAI and the host of OPENAI_BASE_URL only."
    ).tag(config=True)
    headers = Headers(help="Headers added to every request; their values are never shown.").tag(config=True)
    proxy = Secret(
        help="Proxy for the endpoint, never shown. Empty: the environment's HTTPS_PROXY, HTTP_PROXY, NO_PROXY."
    ).tag(config=True)
    ca_bundle = Unicode(help="File of certificates to trust, such as a company's. Empty: the system's.").tag(
        config=True
    )
    deadline = Float(180.0, min=0.1, help="Seconds for all calls of one plan, retries and waits included.").tag(
        config=True
    )
    retries = Int(2, min=0, help="Tries after the first, where an endpoint fails in a way that may pass.").tag(
        config=True
    )
    temperature = Float(0.0, min=0, max=2, help="Of the LLM's sampling, where its endpoint takes one.").tag(config=True)
    prompt_tokens = Int(
        6000,
        min=500,
        help="Most tokens of a prompt; what is too long is cut, evidence last. A later request adds half as many.",
    ).tag(config=True)
    answer_tokens = Int(4000, min=50, help="Most tokens of an answer.").tag(config=True)
    token_budget = Int(
        40_000, min=0, help="Most tokens sent and received for one plan, retries and rounds included."
    ).tag(config=True)
    cost_budget = Float(0.5, min=0, help="Most US dollars for one plan; holds where prices are known.").tag(config=True)
    prices = Unicode(
        help="US dollars for a million tokens sent and received, such as '0.25, 2'. Empty: the published ones, "
        "where they are known."
    ).tag(config=True)
    candidates = Int(3, min=1, max=8, help="Most configurations that an LLM may propose.").tag(config=True)
    rounds = Int(
        1, min=1, max=5, help="Calls in which an LLM may improve its configurations on the forecast of them."
    ).tag(config=True)
    repair = Bool(True, help="Send an answer back once with what its checks refused.").tag(config=True)
    recordings = Unicode(
        help="Folder of the recorded answers that a notebook replays without a key; by default the notebook's own "
        "(environment: AUTOML_GPT_MAGIC_RECORDINGS). Empty: keep none."
    ).tag(config=True)
    store = Place(
        help="File of everything that was asked, answered and trained, or a team's database as SQLAlchemy's URL, such "
        "as postgresql+psycopg://user:password@host/database, whose password is never shown (environment: "
        "AUTOML_GPT_MAGIC_STORE). Empty: keep none."
    ).tag(config=True)
    cache = Unicode(help="Folder for text embeddings (environment: AUTOML_GPT_MAGIC_CACHE). Empty: keep none.").tag(
        config=True
    )
    encoder = Unicode(
        help="Text encoder that cards are compared by: the name or folder of a sentence-transformers model, such as "
        "clip-ViT-B-32; any but the default needs sentence-transformers (environment: AUTOML_GPT_MAGIC_ENCODER). "
        "Empty: compare by the cards' numbers only."
    ).tag(config=True)
    mask_names = Bool(
        help="Hide names and descriptions of dataset, classes and columns from the LLM: it reads 'dataset', 'class 1' "
        "and 'column 3' (environment: AUTOML_GPT_MAGIC_MASK_NAMES, 1 or 0)."
    ).tag(config=True)
    leave_out_known = Bool(
        help="Plan without the recorded datasets that look like the one at hand (environment: "
        "AUTOML_GPT_MAGIC_LEAVE_OUT_KNOWN, 1 or 0)."
    ).tag(config=True)
    write_cells = Bool(True, help="Write the generated code into new cells below the magic.").tag(config=True)

    @default("base_url")
    def _default_base_url(self) -> str:
        return _without_password(os.environ.get(f"{_PREFIX}BASE_URL") or os.environ.get("OPENAI_BASE_URL", ""))

    @validate("base_url")
    def _hide_password(self, proposal: Any) -> str:
        """Take a password out: a URL is shown, so it is no place for a key, and `connection` refuses what is left."""
        return _without_password(proposal["value"])

    @default("model")
    def _default_model(self) -> str:
        return os.environ.get(f"{_PREFIX}MODEL", "")

    @default("recordings")
    def _default_recordings(self) -> str:
        return os.environ.get(f"{_PREFIX}RECORDINGS", ".")

    @default("store")
    def _default_store(self) -> str:
        return os.environ.get(f"{_PREFIX}STORE", str(_data_folder() / "store.sqlite"))

    @default("cache")
    def _default_cache(self) -> str:
        from platformdirs import user_cache_dir

        return os.environ.get(f"{_PREFIX}CACHE", user_cache_dir("automl_gpt_magic"))

    @default("encoder")
    def _default_encoder(self) -> str:
        return os.environ.get(f"{_PREFIX}ENCODER", "all-MiniLM-L6-v2")

    @default("mask_names")
    def _default_mask_names(self) -> bool:
        return _is_on("MASK_NAMES")

    @default("leave_out_known")
    def _default_leave_out_known(self) -> bool:
        return _is_on("LEAVE_OUT_KNOWN")

    def update_config(self, config: Config) -> None:
        """Take a configuration, and keep no secret of it in plain text."""
        super().update_config(config)
        for section in self.section_names():
            kept = self.config.get(section, {})
            kept.update({name: getattr(self, name) for name in _SECRETS if name in kept})

    def changed(self, **values: Any) -> AutoML:
        """Return the same settings with some others in their place."""
        return AutoML(**{**{name: getattr(self, name) for name in self.trait_names(config=True)}, **values})

    @property
    def cache_folder(self) -> Path | None:
        return Path(self.cache).expanduser() if self.cache else None

    @property
    def store_place(self) -> Path | SecretUrl | None:
        if isinstance(self.store, SecretUrl):
            return self.store
        return Path(self.store).expanduser() if self.store else None


def studies_file(store: Path | SecretUrl | None) -> Path | None:
    """Return where searches are kept: beside the store's file; on this computer where the store is a database."""
    if isinstance(store, SecretUrl):
        return _data_folder() / "studies.sqlite"
    return store.with_name("studies.sqlite") if store else None


def _data_folder() -> Path:
    from platformdirs import user_data_dir

    return Path(user_data_dir("automl_gpt_magic"))
