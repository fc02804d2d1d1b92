"""Settings and where they come from: ``%config AutoML.NAME = ...``, else the environment, else the default."""

from __future__ import annotations

import os
from pathlib import Path

from traitlets import Bool, Unicode, default
from traitlets.config import Configurable


class AutoML(Configurable):
    """What a user may set; ``%config AutoML`` lists it."""

    cache = Unicode(help="Folder for text embeddings (environment: AUTOML_GPT_MAGIC_CACHE). Empty: keep none.").tag(
        config=True
    )
    write_cells = Bool(True, help="Write the generated code into new cells below the magic.").tag(config=True)

    @default("cache")
    def _default_cache(self) -> str:
        from platformdirs import user_cache_dir

        return os.environ.get("AUTOML_GPT_MAGIC_CACHE", user_cache_dir("automl_gpt_magic"))

    @property
    def cache_folder(self) -> Path | None:
        return Path(self.cache).expanduser() if self.cache else None
