"""The exchanges with language models in a store, over an open connection."""

from __future__ import annotations

from sqlalchemy import Connection, exists, insert, select, update

from ..errors import StoreError
from ..records.exchange import Exchange
from ..records.prompt import Prompt
from .rows import exchange_of
from .schema import exchanges, forgotten, now, stamp


def newest(connection: Connection, limit: int) -> list[Exchange]:
    """Return so many exchanges, the newest first."""
    rows = connection.execute(select(exchanges).order_by(exchanges.c.id.desc()).limit(max(0, limit)))
    return [exchange_of(row) for row in rows]


def answered(connection: Connection, prompt: Prompt, model: str) -> Exchange | None:
    """Return the newest exchange in which a model answered exactly this prompt to its end."""
    columns = exchanges.c
    query = select(exchanges).where(
        columns.parts == dict(prompt.parts),
        columns.version == prompt.version,
        columns.digest == prompt.digest,
        columns.model == model,
        columns.status == "answered",
        ~exists().where(forgotten.c.exchange_id == columns.id),
    )
    found = map(exchange_of, connection.execute(query.order_by(columns.id.desc())))
    return next((one for one in found if one.messages == prompt.messages), None)


def forget_in(connection: Connection, exchange_id: int, place: str) -> None:
    """Empty an exchange, and write down that this was done; one that is forgotten stays as it is.

    Raises
    ------
    StoreError
        If there is no such exchange.
    """
    if connection.execute(select(exchanges.c.id).where(exchanges.c.id == exchange_id)).first() is None:
        raise StoreError(f"There is no exchange {exchange_id} in {place}; nothing was forgotten")
    done = select(forgotten.c.id).where(forgotten.c.exchange_id == exchange_id)
    if connection.execute(done).first() is None:
        connection.execute(insert(forgotten).values(**stamp(), date=now(), exchange_id=exchange_id))
        emptied = update(exchanges).where(exchanges.c.id == exchange_id)
        connection.execute(emptied.values(messages=[], answer=""))
