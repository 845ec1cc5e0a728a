"""Desks on a real server that the tests start, and a server of a test's own that may be stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dutydesk.domain import clock
from dutydesk.services import desk as desks
from dutydesk.storage import engine, migrate
from tests import server, settled
from tests.services.conftest import START, desk_template, now, server_template
from tests.storage.conftest import past_template, server_past

__all__ = ["desk_template", "now", "past_template", "server_past", "server_template"]

PIN = "2580"


@pytest.fixture
def address(server_template: str) -> Iterator[str]:
    """Return the address of a fresh desk of 22 November 2026 on the shared server; nothing is open."""
    with server.copied(server_template) as made:
        yield made
    engine.disconnect()


@pytest.fixture
def opened(address: str) -> Iterator[str]:
    """Open the fresh desk, the clock frozen at 2026-11-22 14:32, and return its address."""
    engine.connect(address)
    with clock.frozen(START):
        yield address
    engine.disconnect()


@pytest.fixture(scope="session")
def second_server() -> Iterator[server.Server]:
    """Return a server with a database `present`: a desk of today, the fictional staff, everybody's PIN 2580."""
    made = server.Server()
    made.start(server.free_port())
    engine.connect(made.copy("template1", "present"))
    migrate.migrate()
    settled.init(desks.InitSpec("twelve-hour", people=desks.demo_people(PIN)))
    engine.disconnect()
    yield made
    made.remove()


@pytest.fixture
def own_server(second_server: server.Server) -> Iterator[server.Server]:
    """Return a running server that the test may stop and start."""
    yield second_server
    engine.disconnect()
    if not second_server.running:
        second_server.start(second_server.port)
