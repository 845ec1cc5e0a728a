"""PostgreSQL as the desk's engine: how it is opened, what its errors mean, and how writers take turns.

Every write transaction begins by taking one lock of the desk, so that writers follow each other as they do on SQLite:
no audit entry forks the chain and no read-then-write loses an update. What the console needs of the server is a
primary, transactions, triggers, LISTEN/NOTIFY and transaction-level advisory locks.
"""

from __future__ import annotations

import re
import select
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import peewee

from dutydesk.domain.errors import ConnectionLost, StorageTrouble
from dutydesk.domain.words import N_

SCHEMES = ("postgresql", "postgres")
CHANNEL = "dutydesk"
"""What the trigger of the audit chain notifies, with the sequence number of the new entry."""
WRITE_LOCK = 0x0D07_DE5C
MIGRATE_LOCK = 0x0D07_DE5D
"""Keys of the advisory locks: one for writers, one for migrations."""
LOCK_SECONDS = 5
CONNECT_SECONDS = 5
SETTINGS = {
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "30s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
"""Session settings: a commit is on disk, and a writer that was stopped does not hold up the others for ever."""
ALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""How soon a line that died silently is noticed: seconds, and milliseconds for the last."""


class Adapter(peewee.Psycopg3Adapter):
    """psycopg 3, imported with the first PostgreSQL desk and not with peewee."""

    def check_driver(self) -> None:
        """Say how to install the driver when it is missing."""
        driver()

    def connect(self, db: Any, **params: Any) -> Any:
        """Open a connection; values are quoted here, so that an expression means the same wherever it stands.

        (Bound by the server, `opened_at / 86400` to select and to group by are two different expressions.) Nothing is
        prepared: each statement is planned for its values, and poolers may stand in between.
        """
        psycopg = driver()
        return psycopg.connect(db.database, prepare_threshold=None, cursor_factory=psycopg.ClientCursor, **params)

    def txn_status(self, conn: Any) -> Any:
        """Return the state of the connection's transaction."""
        return conn.pgconn.transaction_status


class Postgres(peewee.PostgresqlDatabase):
    """The desk's database on a PostgreSQL server: one connection, writers in turn."""

    psycopg2_adapter = psycopg3_adapter = Adapter
    news = False
    """Whether another connection has committed since `heard` was asked."""

    def hear(self, notification: Any) -> None:
        """Note that another connection has committed; what comes with the answer to a query comes here."""
        if notification.pid != self.connection().info.backend_pid:
            self.news = True

    def _initialize_connection(self, conn: Any) -> None:
        """Make the session's settings; they are not left to the server's configuration."""
        calls = (f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())
        conn.execute(f"select {', '.join(calls)}")

    def begin(self, isolation_level: Any = None) -> None:  # noqa: ARG002
        """Begin a transaction of a writer: it waits for its turn, and sees all that was written before it.

        One that does not get its turn has begun nothing.
        """
        try:
            self._run(f"begin isolation level read committed; select pg_advisory_xact_lock({WRITE_LOCK})")
        except peewee.DatabaseError:
            with suppress(peewee.DatabaseError):
                self._run("rollback")
            raise

    def begin_reading(self) -> None:
        """Begin a transaction that sees the desk as it is at this instant and writes nothing."""
        self._run("begin isolation level repeatable read, read only")

    def listen(self) -> None:
        """Let the connection hear what other connections commit."""
        self.connection().add_notify_handler(self.hear)
        self.execute_sql(f"listen {CHANNEL}")

    def heard(self) -> bool:
        """Whether something was committed since the last call; asks the socket only, not the server.

        Raises peewee.OperationalError when the server has closed the connection.
        """
        connection = self.connection()
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
            readable, _writable, _failed = select.select([connection.fileno()], [], [], 0)
            if readable:
                connection.pgconn.consume_input()
            while (told := connection.pgconn.notifies()) is not None:
                self.news = self.news or told.be_pid != connection.info.backend_pid
        news, self.news = self.news, False
        return news

    def _run(self, sql: str) -> None:
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
            self.cursor().execute(sql)


def driver() -> Any:
    """Return psycopg; raise StorageTrouble with how to install it when it is missing."""
    try:
        import psycopg
    except ImportError:
        raise StorageTrouble(
            N_("A PostgreSQL desk needs the package psycopg; install it with: pip install 'dutydesk[postgres]'")
        ) from None
    return psycopg


def is_address(target: str) -> bool:
    """Whether `target` is the address of a PostgreSQL database."""
    return target.partition("://")[0].lower() in SCHEMES and "://" in target


def masked(target: str) -> str:
    """Return an address as it may be shown: without the password, wherever it stands."""
    if "://" not in target:
        return target
    scheme, _, rest = target.partition("://")
    place, mark, options = rest.partition("?")
    people, at, host = place.rpartition("@")
    if at and ":" in people:
        people = people.partition(":")[0]
    kept = [option for option in options.split("&") if not option.lower().startswith(("password=", "sslpassword="))]
    return f"{scheme}://{people}{at}{host}{mark if kept and options else ''}{'&'.join(kept) if options else ''}"


def open_database(target: str, password: str | None = None) -> Postgres:
    """Return the database at an address, connected. Raises StorageTrouble or ConnectionLost with a sentence."""
    address = "postgresql://" + target.partition("://")[2]
    refuses = driver().ProgrammingError
    try:
        parts = urlsplit(target)
        options = parse_qs(parts.query)
        _parse(address)
    except (ValueError, refuses) as error:
        detail = "" if isinstance(error, UnicodeError) else _first_line(error)
        for secret in _secrets(target):
            detail = detail.replace(secret, "…")
        raise StorageTrouble(
            N_("{target} is no address of a database: {detail}"), target=masked(target), detail=detail
        ) from error
    extra: dict[str, Any] = {} if "connect_timeout" in options else {"connect_timeout": CONNECT_SECONDS}
    extra |= {name: value for name, value in ALIVE.items() if name not in options}
    if password and not parts.password and "password" not in options:
        extra["password"] = password
    if "application_name" not in options:
        extra["application_name"] = "dutydesk"
    database = Postgres(address, **extra)
    database.connect()
    return database


def _parse(address: str) -> None:
    """Let the driver read an address, as it will when it connects."""
    from psycopg.conninfo import conninfo_to_dict

    conninfo_to_dict(address)


def _secrets(target: str) -> list[str]:
    """Return what stands in an address and in no way it is shown: nothing of that is told."""
    shown, kept = re.split("[:@/?&=]", masked(target)), re.split("[:@/?&=]", target)
    return sorted({part for part in kept if part and part not in shown}, key=len, reverse=True)


def name_of(target: str) -> str:
    """Return the name of the database that an address means, or an empty text when the server decides."""
    return unquote(urlsplit(target).path.lstrip("/"))


# Errors


LOST_STATES = ("08", "57P01", "57P02", "57P03", "53300")
"""SQLSTATE beginnings of a connection that is gone, of a server that stops or starts, and of one that is full."""
_LOST_TEXTS = (
    "connection is closed",
    "connection is lost",
    "server closed the connection",
    "connection refused",
    "connection reset",
    "connection timed out",
    "connection timeout",
    "timeout expired",
    "consuming input failed",
    "no connection to the server",
    "could not receive data",
    "could not send data",
    "terminating connection",
    "ssl connection has been closed",
    "ssl syscall error",
    "network is unreachable",
    "no route to host",
    "the database system is",
    "is the server running",
    "broken pipe",
    "sending query failed",
    "too many connections",
    "remaining connection slots",
)
_TROUBLES = (
    (("53100",), ("no space left",), N_("The disk is full: nothing was saved. Free some space and save again.")),
    (("25006",), ("read-only transaction",), N_("The database may not be written: nothing was saved.")),
    (
        ("55P03", "40P01", "40001"),
        (),
        N_("Somebody else is writing for too long: nothing was saved. Try again."),
    ),
    (
        ("58030",),
        ("could not read block", "could not write"),
        N_("The disk does not answer properly: nothing was saved."),
    ),
    (
        ("XX001", "XX002"),
        ("invalid page",),
        N_("The database is damaged. Restore a backup; `dutydesk doctor` tells more."),
    ),
    (("42P01",), (), N_("The database holds no desk.")),
    (("42501",), ("permission denied",), N_("The database refuses this account: {detail}")),
    (
        ("28P01", "28000"),
        ("password authentication failed", "no password supplied", "no pg_hba.conf entry", "authentication failed"),
        N_("The server refuses this account or its password: {detail}"),
    ),
    (("3D000",), ("does not exist",), N_("The database does not exist: {detail}")),
    (
        (),
        ("could not translate host name", "resolve", "name or service not known"),
        N_("The server's name is not known: {detail}"),
    ),
)


def state_of(error: BaseException) -> str:
    """Return the SQLSTATE of an error, or an empty text; peewee keeps the driver's own error as `orig`."""
    for each in (error, getattr(error, "orig", None), error.__cause__):
        found = getattr(each, "sqlstate", None)
        if found:
            return str(found)
    return ""


def is_lost(error: BaseException) -> bool:
    """Whether an error means that the connection is gone, or that the server cannot be reached now."""
    state = state_of(error)
    if state:
        return state.startswith(LOST_STATES)
    text = str(error).lower()
    return any(part in text for part in _LOST_TEXTS)


def trouble(error: BaseException) -> StorageTrouble | None:
    """Return the sentence for an error of PostgreSQL; None when it is not one of those known."""
    detail = _first_line(error)
    if is_lost(error):
        return ConnectionLost(N_("No connection to the database: nothing was saved."), detail=detail)
    state, text = state_of(error), str(error).lower()
    for states, parts, sentence in _TROUBLES:
        if state in states or (not state and any(part in text for part in parts)):
            return StorageTrouble(sentence, detail=detail)
    return None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
