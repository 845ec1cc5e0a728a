"""The same desk on a PostgreSQL server of the bench's own, which keeps every commit on the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from dutydesk.storage import engine, transfer
from tests import server
from tests.bench import measures
from tests.bench.report import Measured


def measure(desk: Path, home: Path, times: int) -> list[Measured]:
    """Bring a desk to a server and measure there what the engines may differ in."""
    own = server.Server(server.DURABLE)
    own.start(server.free_port())
    try:
        address = own.copy("template1", "bench")
        transfer.bring(str(desk), address)
        engine.disconnect()
        there = cast(Path, address)
        rows = [
            *measures.start(there, home, times),
            *measures.command(there, home, times, driver="psycopg"),
            *measures.typing(there, home),
            *measures.switching(there, home),
            *measures.news(there, home),
        ]
    finally:
        own.remove()
    return [replace(row, name=f"PostgreSQL: {row.name}") for row in rows]
