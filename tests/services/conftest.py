"""A desk to test on: made once a session, copied for each test."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain import clock
from dutydesk.services import desk as desks
from dutydesk.services import people
from dutydesk.services.core import Actor
from dutydesk.storage import engine, migrate
from tests import server, settled, templates

ZONE = ZoneInfo("Asia/Shanghai")
PIN = "2580"
START = int(datetime(2026, 11, 22, 14, 32, tzinfo=ZONE).timestamp())
"""Sunday 22 November 2026, 14:32 at the desk: the day shift."""


def moment(text: str) -> int:
    """Return `2026-11-22 14:32` at the desk as epoch seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


@dataclass
class Clock:
    """The frozen clock of a test."""

    set: Callable[[int], None]
    start: int = START

    def to(self, text: str) -> int:
        """Move to a local time such as `2026-11-22 20:05`; returns the instant."""
        at = moment(text)
        self.set(at)
        return at

    def pass_minutes(self, minutes: int) -> int:
        """Move forward; returns the instant."""
        at = clock.now() + minutes * 60
        self.set(at)
        return at


def staff() -> tuple[desks.NewPerson, ...]:
    """Return the fictional staff, everybody's PIN 2580, ordered so that on 22 November 2026 Eng. A has the day and
    Eng. B the night."""
    order = ["chief", "eng-c", "eng-d", "eng-a", "eng-b", "reader"]
    return tuple(sorted(desks.demo_people(PIN), key=lambda person: order.index(person.login)))


ENGINES = ("sqlite", "postgres")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask everything of both engines; `files` marks what is about the file of a desk."""
    if "desk" in metafunc.fixturenames:
        files = metafunc.definition.get_closest_marker("files")
        metafunc.parametrize("desk_engine", ENGINES[:1] if files else ENGINES, scope="session", indirect=True)


@pytest.fixture(scope="session")
def desk_engine(request: pytest.FixtureRequest) -> str:
    """Return the engine that the test's desk lies on."""
    return str(getattr(request, "param", "sqlite"))


def make_desk(target: Path | str, policy: str = "twelve-hour", lang: str = "zh") -> None:
    """Make a desk with the fictional staff and shifts from 22 November 2026 on; a file is copied from one made once."""

    def make(place: Path | str) -> None:
        engine.connect(str(place), create=True)
        migrate.migrate()
        with clock.frozen(START):
            settled.init(desks.InitSpec(policy, lang=lang, people=staff()))
        engine.disconnect()

    if "://" in str(target):
        make(target)
    else:
        shutil.copy(templates.made_once(f"desk-{policy}-{lang}", make), target)


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that each test's desk is copied from."""
    path = tmp_path_factory.mktemp("desk") / "template.sqlite"
    make_desk(path)
    return path


@pytest.fixture(scope="session")
def server_template() -> str:
    """Return the database that each test's desk on the server is copied from."""
    return _made_on_server()


@functools.cache
def _made_on_server() -> str:
    """Make that database once a process: other folders of tests import the fixture, and each of them asks for one."""
    address = server.database("template")
    make_desk(address)
    server.shuffle(address)
    return "template"


@pytest.fixture(scope="session")
def server_desk(server_template: str) -> Iterator[str]:
    """Return the desk on the server that tests take back what they wrote from."""
    with server.copied(server_template) as address:
        yield address


@pytest.fixture
def desk(request: pytest.FixtureRequest, desk_engine: str, tmp_path: Path) -> Iterator[Path | str]:
    """Open a fresh desk (twelve-hour policy) and return its file, or its address on the server.

    On the server one transaction around the test is taken back at its end; a test marked `commits` gets a database of
    its own, where that is not the same.
    """
    if desk_engine == "sqlite":
        path = tmp_path / "desk.sqlite"
        shutil.copy(request.getfixturevalue("desk_template"), path)
        engine.connect(str(path))
        yield path
        engine.disconnect()
    elif request.node.get_closest_marker("commits"):
        with server.copied(request.getfixturevalue("server_template")) as address:
            engine.connect(address)
            yield address
            engine.disconnect()
    else:
        address = request.getfixturevalue("server_desk")
        engine.connect(address)
        engine.db.execute_sql("set idle_in_transaction_session_timeout = 0")
        with engine.db.atomic() as whole:
            yield address
            whole.rollback(begin=False)
            engine.db.begin()
        engine.disconnect()


@pytest.fixture
def now() -> Iterator[Clock]:
    """Freeze the clock at 2026-11-22 14:32 in Asia/Shanghai."""
    with clock.frozen(START) as set_to:
        yield Clock(set_to)


def _actor(login: str) -> Actor:
    return people.identify(login, host="console", terminal="pts/1", console=f"console-{login}")


@pytest.fixture
def eng_a(desk: Path, now: Clock) -> Actor:
    """Return Eng. A."""
    return _actor("eng-a")


@pytest.fixture
def eng_b(desk: Path, now: Clock) -> Actor:
    """Return Eng. B."""
    return _actor("eng-b")


@pytest.fixture
def eng_c(desk: Path, now: Clock) -> Actor:
    """Return Eng. C."""
    return _actor("eng-c")


@pytest.fixture
def eng_d(desk: Path, now: Clock) -> Actor:
    """Return Eng. D."""
    return _actor("eng-d")


@pytest.fixture
def chief(desk: Path, now: Clock) -> Actor:
    """Return the supervisor."""
    return _actor("chief")


@pytest.fixture
def reader(desk: Path, now: Clock) -> Actor:
    """Return somebody who may only read."""
    return _actor("reader")
