"""PostgreSQL as the engine: its settings, its addresses without passwords, and one sentence for each trouble."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import peewee
import psycopg
import pytest

from dutydesk.domain.errors import ConnectionLost, DeskError, StorageTrouble
from dutydesk.services import drafts, incident_new, log, people, settings
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine, migrate, postgres, search
from dutydesk.storage.engine import db
from dutydesk.storage.models.log import LogEntry
from tests import server
from tests.storage.conftest import ask

SECRET = "s3cret"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open."""
    yield
    engine.disconnect()


@pytest.fixture
def who(opened: str) -> Actor:
    """Return Eng. A at the open desk."""
    return people.identify("eng-a")


def refused(target: str) -> StorageTrouble:
    """Open a desk as every command does; return what it says, which never holds the password."""
    with pytest.raises(StorageTrouble) as caught:
        _open(target)
    said = str(caught.value)
    assert said
    assert "\n" not in said
    assert SECRET not in said
    return caught.value


def _open(target: str) -> None:
    engine.connect(target)
    try:
        migrate.require_current()
    except engine.ERRORS as error:
        raise engine.trouble(error) from error


def test_the_settings_of_a_session(opened: str) -> None:
    wanted = {**postgres.SETTINGS, "application_name": "dutydesk", "transaction_isolation": "read committed"}
    found = {name: ask(f"show {name}")[0][0] for name in wanted}
    assert {name.lower(): value.lower() for name, value in found.items()} == {
        name: str(value).lower() for name, value in wanted.items()
    }


def test_a_session_that_is_opened_anew_has_them_too(opened: str) -> None:
    db.execute_sql("set lock_timeout = 0")
    db.close()
    engine.reconnect()
    assert ask("show lock_timeout") == [("5s",)]


# Addresses


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://desk:{SECRET}@db.example/desk", "postgresql://desk@db.example/desk"),
        (f"postgres://desk:{SECRET}@db.example:5433/desk?sslmode=require", "postgres://desk@db.example:5433/desk?sslmode=require"),
        (f"postgresql://db.example/desk?user=desk&password={SECRET}", "postgresql://db.example/desk?user=desk"),
        (f"postgresql://db.example/desk?PASSWORD={SECRET}", "postgresql://db.example/desk"),
        (f"postgresql://db/desk?sslpassword={SECRET}&a=b", "postgresql://db/desk?a=b"),
        (f"postgresql://desk:{SECRET}@a,b:5433/desk", "postgresql://desk@a,b:5433/desk"),
        (f"postgresql://desk:{SECRET}%40@[::1]/desk", "postgresql://desk@[::1]/desk"),
        (f"postgresql://desk:a:{SECRET}@@db/desk", "postgresql://desk@db/desk"),
        ("postgresql:///desk", "postgresql:///desk"),
        ("/srv/desk.sqlite", "/srv/desk.sqlite"),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert engine.masked(address) == shown
    assert SECRET not in engine.masked(address)


@pytest.mark.parametrize(
    "target",
    [
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:port/desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:99999/desk",
        f"postgresql://desk:{SECRET}@[::1/desk",
        f"postgresql://desk:{SECRET}%zz@127.0.0.1:1/desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk?nonsense=1",
        f"postgresql://127.0.0.1:1/desk?user=desk&password={SECRET}",
        f"postgresql://desk:{SECRET}@nowhere.invalid/desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk?connect_timeout=x",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk?sslmode=perhaps",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/\x00desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/\udc80desk",
        f"mysql://desk:{SECRET}@127.0.0.1/desk",
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence_without_the_password(target: str) -> None:
    refused(target)


# Troubles


@pytest.fixture
def locked(own_server: server.Server) -> str:
    """Return the address of a database whose account `locked` must give a password."""
    rules = own_server.folder / "data" / "pg_hba.conf"
    if "locked" not in rules.read_text():
        rules.write_text(f"host all locked 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        with psycopg.connect(own_server.address("present"), autocommit=True) as admin:
            admin.execute("create role locked login password 'right'")
            admin.execute("select pg_reload_conf()")
    return own_server.address("present").replace("desk@", "locked{}@")


def test_a_wrong_password(locked: str) -> None:
    for given in (f":{SECRET}", ""):
        assert "refuses this account or its password" in str(refused(locked.format(given)))


def test_a_password_from_elsewhere_than_the_address(locked: str) -> None:
    engine.use_password("right")
    try:
        assert "refuses this account:" in str(refused(locked.format(""))), "it is in, and may not read"
    finally:
        engine.use_password(None)


def test_no_database(address: str) -> None:
    assert "does not exist" in str(refused(f"{address}-not"))


def test_an_empty_database() -> None:
    assert "is empty" in str(refused(server.fresh()))


def test_no_server() -> None:
    error = refused(f"postgresql://desk@127.0.0.1:{server.free_port()}/desk")
    assert isinstance(error, ConnectionLost)
    assert "No connection to the database" in str(error)


def test_a_database_that_may_only_be_read(address: str) -> None:
    engine.connect(f"{address}?options=-c%20default_transaction_read_only%3Don")
    who = people.identify("eng-a")
    for _time in range(2):
        with pytest.raises(StorageTrouble, match="may not be written: nothing was saved") as caught:
            log.write(who, "nothing")
        assert not isinstance(caught.value, ConnectionLost)
    assert chain.verify().broken is None


def test_somebody_who_writes_for_too_long(who: Actor, opened: str) -> None:
    db.execute_sql("set lock_timeout = '50ms'")
    with psycopg.connect(opened) as other:
        other.execute("select pg_advisory_xact_lock(%s)", (postgres.WRITE_LOCK,))
        for _time in range(2):
            with pytest.raises(StorageTrouble, match="Somebody else is writing for too long"):
                log.write(who, "waits")
    log.write(who, "goes on")
    assert [text for (text,) in LogEntry.select(LogEntry.text).where(LogEntry.kind == "note").tuples()] == ["goes on"]
    assert chain.verify().broken is None


@pytest.mark.parametrize(
    ("state", "part", "lost"),
    [
        ("53100", "The disk is full", False),
        ("25006", "may not be written", False),
        ("55P03", "writing for too long", False),
        ("40P01", "writing for too long", False),
        ("58030", "disk does not answer", False),
        ("XX001", "is damaged", False),
        ("42P01", "holds no desk", False),
        ("42501", "refuses this account", False),
        ("28P01", "or its password", False),
        ("3D000", "does not exist", False),
        ("23505", "The database refused", False),
        ("57P01", "No connection", True),
        ("57P02", "No connection", True),
        ("57P03", "No connection", True),
        ("53300", "No connection", True),
        ("08006", "No connection", True),
    ],
)
def test_each_state_has_its_sentence(state: str, part: str, lost: bool, opened: str) -> None:
    """As the server raises it, through the driver and peewee; standby servers and full disks are no other errors."""
    with pytest.raises(peewee.DatabaseError) as caught, db.atomic():
        db.execute_sql(f"do $$ begin raise exception 'it went wrong' using errcode = '{state}'; end $$")
    found = engine.trouble(caught.value)
    assert part in str(found)
    assert isinstance(found, ConnectionLost) is lost
    assert engine.is_lost(caught.value) is lost


def test_a_connection_that_was_closed_here_is_a_lost_one(who: Actor) -> None:
    db.connection().close()
    with pytest.raises(ConnectionLost):
        log.write(who, "nothing")
    engine.reconnect()
    log.write(who, "goes on")


# Text that no server takes


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\udc80", "a\ud800b", "\U0010ffff", "'; drop table person; --", "%s {}"]
)
def test_hostile_text_is_kept_or_refused_in_one_sentence(text: str, who: Actor) -> None:
    calls = [
        lambda: log.write(who, f"x{text}"),
        lambda: incident_new.open_incident(who, incident_new.NewIncident(f"x{text}", detail=text)),
        lambda: drafts.keep(who, "log", {"text": text}),
        lambda: drafts.keep(who, text, {}),
        lambda: drafts.find(who, text),
        lambda: people.identify(text),
        lambda: people.login_of(text),
        lambda: settings.put(people.identify("chief"), "name", f"x{text}"),
        lambda: search.find(f"x {text}", "log"),
    ]
    for call in calls:
        with contextlib.suppress(DeskError):
            call()
    assert log.write(who, "goes on").id
    assert chain.verify().broken is None
