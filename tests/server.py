"""A PostgreSQL server of the tests' own: made in a temporary folder, on a socket there, ended with the process."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dutydesk.storage import engine

DURABLE = ("max_connections=100", "shared_buffers=64MB", "listen_addresses=127.0.0.1")
"""Settings of a server that keeps what it was given, whatever happens."""
QUICK = (*DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Settings of one whose data may go with the machine."""


class Server:
    """One server; `address` names a database of it. It may be stopped and started again."""

    def __init__(self, settings: tuple[str, ...] = QUICK) -> None:
        self.settings = settings
        self.bin = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="dutydesk-pg-"))
        self._as = ""
        if os.geteuid() == 0:
            self._as = _account()
            shutil.chown(self.folder, self._as)
            self.folder.chmod(0o755)
        locale = ("--locale=C.UTF-8", "-E", "UTF8")
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "desk", *locale, "--no-sync")

    def start(self, port: int) -> None:
        """Start the server on a port of 127.0.0.1 and wait until it answers."""
        self.port = port
        options = [*self.settings, f"port={port}", f"unix_socket_directories={self.folder}"]
        words = " ".join(f"-c {option}" for option in options)
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", words, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is how a power cut looks to those who are connected."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def copy(self, template: str, name: str) -> str:
        """Copy a database of this server and return the copy's address."""
        import psycopg

        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}" strategy file_copy')  # type: ignore[arg-type]
        return self.address(name)

    @property
    def running(self) -> bool:
        """Whether the server has been started and not been stopped."""
        return (self.folder / "data" / "postmaster.pid").exists()

    def address(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://desk@127.0.0.1:{self.port}/{database}"

    def remove(self) -> None:
        """End the server and take its folder away."""
        try:
            if self.running:
                self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        before = ["runuser", "-u", self._as, "--"] if self._as else []
        done = subprocess.run(
            [*before, str(self.bin / program), *words], cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}\n{told}")


def _account() -> str:
    """Return an ordinary account to run the server as: it refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no other account")


def _programs() -> Path:
    """Return the folder of the newest server programs that the distribution has installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise RuntimeError("There is no PostgreSQL server here; tools/packages.sh installs it.")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@functools.cache
def shared() -> Server:
    """Return the server of this process, started with the first call and removed at its end."""
    server = Server()
    atexit.register(_removed_by, os.getpid(), server)
    server.start(free_port())
    return server


_numbers = itertools.count(1)


def database(name: str) -> str:
    """Make an empty database on the shared server and return its address."""
    _order(f'create database "{name}"')
    return shared().address(name)


def fresh() -> str:
    """Make an empty database under a new name and return its address."""
    return database(f"fresh{next(_numbers)}")


@contextmanager
def copied(template: str) -> Iterator[str]:
    """Copy a database of the shared server and return the copy's address; it is dropped afterwards."""
    name = f"desk{next(_numbers)}"
    _order(f'create database "{name}" template "{template}" strategy file_copy')
    try:
        yield shared().address(name)
    finally:
        _order(f'drop database "{name}" with (force)')


def shuffle(address: str) -> None:
    """Rewrite every third row: rows no longer lie in the order they were made in, who wants an order must ask."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute(
            "select table_name from information_schema.columns "
            "where column_name = 'version' and table_schema = 'public'"
        ).fetchall()
        for (table,) in found:
            connection.execute(f'update "{table}" set version = version where id % 3 = 1')  # type: ignore[arg-type]


def drop_trigger(name: str, table: str) -> None:
    """Take a guard of the open desk away, on either engine."""
    engine.db.execute_sql(f"drop trigger {name}" + (f" on {table}" if engine.on_postgres() else ""))


def _order(sql: str) -> None:
    """Give the shared server an order about its databases."""
    _connection().execute(sql)


@functools.cache
def _connection() -> Any:
    import psycopg

    return psycopg.connect(shared().address("postgres"), autocommit=True)


def _removed_by(pid: int, server: Server) -> None:
    """Remove the server in the process that started it, not in its forks."""
    if os.getpid() == pid:
        server.remove()
