"""The workers of a study on a Dask cluster: one process each of the cluster's, which trains one trial at a time.

A worker's process is held by one task that lasts as long as the study (`cluster_seat`). What it says arrives as events
of the scheduler, what it is told is run beside the task. So the job is shipped and its data prepared once in a process,
and it is the study, not Dask, that tries a lost trial again.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import TrainingError, one_line
from ..records.study import StudyJob
from .cells import named
from .cluster_seat import deliver, sit
from .cluster_versions import differences
from .engine import Lost, Worker, Workers
from .process import packed, unpacked
from .trial import Order, Ready, Stop

if TYPE_CHECKING:
    import distributed

_SECONDS_TO_CONNECT = 5.0
_SECONDS_TO_ANSWER = 5.0
_SECONDS_TO_CLOSE = 2.0
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_WITHOUT_WORKERS = 30.0


class ClusterWorker(Worker):
    """A process of the cluster and the task that holds it. ``name`` is the task's key."""

    def __init__(self, client: distributed.Client, address: str, name: str, task: distributed.Future[Any]) -> None:
        super().__init__()
        self._client, self.address, self.name, self._task = client, address, name, task

    def send(self, message: Order | Stop) -> None:
        # It is not waited for: a process that hangs would hold up the others.
        loop: Any = self._client.loop
        loop.add_callback(self._send, packed(message))

    def close(self) -> None:
        """Give the task up; it notices, and leaves its process to others."""
        self._task.release()

    async def _send(self, sent: bytes) -> None:
        with contextlib.suppress(Exception):  # whatever a connection raises that is being lost
            await self._client.run(deliver, self.name, sent, workers=[self.address], on_error="ignore")


class ClusterWorkers(Workers[ClusterWorker]):
    """Up to as many of a cluster's workers as asked for; those that join during the study are taken, too.

    Parameters
    ----------
    job : StudyJob
    count : int
    address : str
        The scheduler's, such as ``tcp://host:8786``.

    Raises
    ------
    TrainingError
        If `distributed` is not installed, or the address is none.
    """

    def __init__(self, job: StudyJob, count: int, address: str) -> None:
        super().__init__()
        self._job, self._places, self._address = job, count, one_line(address)
        self._topic = f"automl-study-{uuid.uuid4().hex}"
        self._heard: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._client: distributed.Client | None = None
        self._shipped: distributed.Future[Any] | None = None
        self._refused: dict[str, str] = {}
        self._begun, self._next_look, self._seen = 0, 0.0, 0.0
        _check_address(self._address)

    def start(self) -> None:
        import distributed

        self._packed = packed(self._job)
        try:
            self._client = distributed.Client(self._address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
        except Exception as error:  # what a connection raises is up to its protocol
            raise TrainingError(
                f"the Dask scheduler {self._address} does not answer: {named(error)}; "
                "start it or correct the address, and tune again, with or without --cluster"
            ) from None
        self._connection = self._client.scheduler_comm
        self._client.subscribe_topic(self._topic, lambda event: self._heard.put(tuple(event[1])))
        self._seen = time.monotonic()
        self._check(self._threads())

    def add(self) -> None:
        self._places += 1

    def remove(self, worker: ClusterWorker) -> None:
        super().remove(worker)
        self._places -= 1

    def hear(self, timeout: float) -> Iterator[tuple[ClusterWorker, Any]]:
        if time.monotonic() >= self._next_look:
            yield from self._look()
        with contextlib.suppress(queue.Empty):
            name, said = self._heard.get(timeout=timeout)
            for worker in [worker for worker in self.all if worker.name == name]:
                yield worker, self._read(worker, said)

    def close(self) -> None:
        for worker in self.all:
            worker.close()
        self.all = []
        if self._client is not None:
            with _quiet("distributed.client"), contextlib.suppress(Exception):  # the scheduler may be gone
                self._client.close(timeout=_SECONDS_TO_CLOSE)

    def _look(self) -> list[tuple[ClusterWorker, Lost]]:
        """Give workers without a task one, and return those that have left the cluster."""
        threads = self._threads()
        self._next_look = now = time.monotonic()
        self._next_look += _SECONDS_BETWEEN_LOOKS
        gone = [worker for worker in self.all if worker.address not in threads]
        held = {worker.address for worker in self.all}
        self._check({address for address in threads if address not in held}, starting=False)
        free = [address for address in threads if address not in held and address not in self._refused]
        for address in free[: self._places - len(self.all)]:
            self.all.append(self._begin(address, threads[address]))
        if self.all:
            self._seen = now
        elif now - self._seen > _SECONDS_WITHOUT_WORKERS:
            raise TrainingError(self._why_none())
        return [(worker, Lost(f"its worker {worker.address} left the cluster")) for worker in gone]

    def _begin(self, address: str, threads: int) -> ClusterWorker:
        assert self._client is not None
        if self._shipped is None or self._shipped.status != "finished":  # what held it has died
            self._shipped = self._client.scatter(self._packed, hash=False)
        self._begun += 1
        name = f"{self._topic}-{self._begun}"
        task = self._client.submit(
            sit, self._shipped, name, self._topic, threads, key=name, workers=[address], retries=0, pure=False
        )
        task.add_done_callback(lambda task: self._heard.put((name, task)))
        return ClusterWorker(self._client, address, name, task)

    def _read(self, worker: ClusterWorker, said: Any) -> Any:
        """Return the message of an event; what ends a task that was to go on is its loss."""
        if not isinstance(said, bytes):
            self._require_connection()
            return Lost(f"its work on {worker.address} ended: {named(said.exception())}")
        message = unpacked(said)
        if isinstance(message, Ready) and worker.ready:
            return Lost(f"its worker {worker.address} was restarted")
        return message

    def _threads(self) -> Mapping[str, int]:
        """Return the workers that are there, with their number of threads."""
        assert self._client is not None
        self._require_connection()
        try:
            return dict(self._client.nthreads(callback_timeout=_SECONDS_TO_ANSWER))
        except Exception as error:
            raise self._lost() from error

    def _require_connection(self) -> None:
        """Notice a scheduler that is gone, also one that is there again and knows nothing of the study."""
        client = self._client
        if client is None or client.status != "running" or client.scheduler_comm is not self._connection:
            raise self._lost()

    def _lost(self) -> TrainingError:
        return TrainingError(
            f"the Dask scheduler {self._address} was lost; what has finished is kept: "
            "start it again and tune again, with or without --cluster"
        )

    def _check(self, addresses: Iterable[str], *, starting: bool = True) -> None:
        """Refuse workers with other versions: all of a study's trials are to be comparable."""
        assert self._client is not None
        unknown = [address for address in addresses if address not in self._refused]
        self._refused |= differences(self._client, unknown, self._job.data + self._job.model)
        if starting and self._refused:
            raise TrainingError(next(iter(self._refused.values())))

    def _why_none(self) -> str:
        others = [f" ({said})" for said in self._refused.values()]
        return (
            f"the Dask cluster {self._address} has had no worker for {_SECONDS_WITHOUT_WORKERS:.0f} s that could train"
            f"{''.join(others[:1])}; start workers, such as by cluster.scale(2), and tune again"
        )


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger from writing a traceback into the notebook where it is cut off while it connects again."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _check_address(address: str) -> None:
    try:
        from distributed.comm.addressing import get_address_host_port, normalize_address
    except ImportError:
        raise TrainingError(
            "a search on a cluster needs Dask, which is not installed; run: pip install 'automl_gpt_magic[cluster]'"
        ) from None
    try:
        get_address_host_port(normalize_address(address), strict=True)
    except (ValueError, TypeError) as error:
        raise TrainingError(f"--cluster {address}: {error}; write a scheduler's, such as tcp://host:8786") from None
