"""A desk whose people have keys, an sshd that knows them, and clients; what a test starts is ended with it."""

from __future__ import annotations

import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk.services import desk as desks
from dutydesk.services import people
from dutydesk.storage import engine, migrate
from tests import settled
from tests.ssh.server import Client, Server, install, make_key
from tests.terminal.harness import Terminal

PIN = "2580"
LOGINS = ("eng-a", "eng-b", "chief")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a key pair for each of some people."""
    folder = tmp_path_factory.mktemp("keys")
    for login in LOGINS:
        make_key(folder / login, f"{login}@laptop")
    return {login: folder / login for login in LOGINS}


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an installation of this checkout."""
    return install(tmp_path_factory.mktemp("opt") / "dutydesk")


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Path]) -> Path:
    """Make a desk of today that speaks English: the fictional staff, everybody's PIN 2580, three of them with a key."""
    path = tmp_path_factory.mktemp("desk") / "template.sqlite"
    engine.connect(str(path), create=True)
    migrate.migrate()
    settled.init(desks.InitSpec("twelve-hour", lang="en", people=desks.demo_people(PIN)))
    chief = people.identify("chief")
    for login, key in keys.items():
        people.set_key(chief, login, key.with_name(f"{key.name}.pub").read_text())
    engine.disconnect()
    return path


@pytest.fixture
def desk_file(desk_template: Path, tmp_path: Path) -> Path:
    """Return a fresh desk."""
    path = tmp_path / "desk.sqlite"
    shutil.copy(desk_template, path)
    return path


def printed(program: Path, desk: Path) -> str:
    """Return what the installed program prints for authorized_keys."""
    words = [str(program), "-I", "-m", "dutydesk", "--db", str(desk), "--login", "chief", "ssh-keys"]
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd="/").stdout


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start an sshd for the tests of a file."""
    with Server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def server(shared_server: Server, program: Path, desk_file: Path) -> Server:
    """Return the sshd with the authorized_keys of the fresh desk, as `ssh-keys` prints them."""
    shared_server.authorize(printed(program, desk_file))
    return shared_server


Clients = Callable[..., Client]
Sessions = Callable[..., Terminal]


@pytest.fixture
def client(server: Server, keys: dict[str, Path]) -> Clients:
    """Return how somebody reaches the server."""
    return lambda login="eng-a", port=0: Client(server, keys[login], port or server.port)


@pytest.fixture
def session(client: Clients, server: Server, tmp_path: Path) -> Iterator[Sessions]:
    """Return how somebody opens a session; all of them end with the test."""
    started: list[Terminal] = []

    def start(*options: str, login: str = "eng-a", **more: object) -> Terminal:
        """Open a session with the key of `login`."""
        more.setdefault("env", {"HOME": str(tmp_path)})
        port = more.pop("port", 0)
        try:
            started.append(client(login, port).open(*options, **more))  # type: ignore[arg-type]
        except AssertionError as error:
            if "Permission denied (publickey)" not in str(error):
                raise
            # Seen once on a busy machine, before the program has a part in it; what sshd says of it is wanted.
            warnings.warn(f"sshd refused a key that it takes:\n{server.told()[-3000:]}", stacklevel=2)
            started.append(client(login, port).open(*options, **more))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for each in started:
        each.close()
    end = time.monotonic() + 5
    while server.processes() and time.monotonic() < end:
        time.sleep(0.02)
