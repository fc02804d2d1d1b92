"""What a study needs of the processes that train for it, wherever these are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .trial import Order, Stop


@dataclass(frozen=True)
class Lost:
    """A worker's process ended; ``said`` is why, as far as that can be told."""

    said: str


class Worker(ABC):
    """One process. ``token`` is the attempt it works on, None while it waits or prepares the data."""

    def __init__(self) -> None:
        self.ready = False
        self.token: int | None = None

    @property
    def pid(self) -> int | None:
        """The process, where it is one of this machine."""
        return None

    def train(self, order: Order) -> None:
        self.token = order.token
        self.send(order)

    def stop(self) -> None:
        """End the training at hand; the worker answers with what it has."""
        if self.token is not None:
            self.send(Stop(self.token))

    @abstractmethod
    def send(self, message: Order | Stop) -> None:
        """Send a message; a worker that is gone is noticed where it is heard."""

    @abstractmethod
    def close(self) -> None:
        """End the process, or at least its work for this study."""


W = TypeVar("W", bound=Worker)


class Workers(ABC, Generic[W]):
    """As many workers as asked for. `all` are those that are there, whether they are ready yet or not."""

    def __init__(self) -> None:
        self.all: list[W] = []

    @property
    def idle(self) -> list[W]:
        return [worker for worker in self.all if worker.ready and worker.token is None]

    @property
    def busy(self) -> list[W]:
        return [worker for worker in self.all if worker.token is not None]

    @abstractmethod
    def start(self) -> None:
        """Get the first workers under way.

        Raises
        ------
        TrainingError
            If there can be none.
        """

    @abstractmethod
    def add(self) -> None:
        """Have one more worker."""

    @abstractmethod
    def hear(self, timeout: float) -> Iterator[tuple[W, Any]]:
        """Wait for what the workers say, and yield it; `Lost` of a worker that ended.

        Raises
        ------
        TrainingError
            If the workers cannot be reached any more.
        """

    def remove(self, worker: W) -> None:
        self.all.remove(worker)
        worker.close()

    @abstractmethod
    def close(self) -> None:
        """End all workers at once."""
