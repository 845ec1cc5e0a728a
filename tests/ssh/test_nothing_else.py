"""Through a key of `dutydesk ssh-keys` nothing runs but the console of its person, whatever the client asks for.

The sshd of these tests allows everything and takes every variable: what is refused, the printed lines and the program
refuse.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dutydesk.services import people
from dutydesk.storage import engine
from tests.ssh.conftest import Clients, Sessions
from tests.ssh.server import HOST, Server, free_port, make_key, tool, variables
from tests.ssh.test_session import rows, until

REFUSED = "This login opens the console only: commands and file copies are refused."


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Return a folder with programs that leave a mark, for variables to point at; `marks` holds what was left."""
    folder = tmp_path / "planted"
    (folder / "marks").mkdir(parents=True)
    program = folder / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" > '{folder}/marks/program'\n")
    program.chmod(0o755)
    for name in ("sitecustomize", "usercustomize", "planted", "dutydesk", "textual"):
        (folder / f"{name}.py").write_text(f"open({str(folder / 'marks' / name)!r}, 'w').close()\n")
    return folder


def marks(planted: Path) -> list[str]:
    """Return what was run or written."""
    return sorted(path.name for path in (planted / "marks").iterdir())


COMMANDS = [
    "id",
    "touch {mark}",
    '"; touch {mark} #',
    "$(touch {mark}) `touch {mark}`",
    "\ntouch {mark}\n",
    "' --login chief now '",
    "dutydesk --login chief people list",
    "-c 'touch {mark}'",
    "机房\\\n\x1b[2J{mark}",
]


@pytest.mark.parametrize(("terminal", "commands"), [("-T", COMMANDS), ("-tt", COMMANDS[:3])])
def test_no_command_is_run(client: Clients, planted: Path, terminal: str, commands: list[str]) -> None:
    """With a terminal or without: one sentence, exit 2, and nothing of the command."""
    reached = client("eng-a")
    for command in commands:
        said = reached.run(terminal, command=("--", command.format(mark=planted / "marks" / "ran")))
        told = said.stdout + said.stderr
        assert (said.returncode, REFUSED in told) == (2, True), (command, told)
        assert "uid=" not in told
        assert "科主管" not in told
        assert "\x1b[2J" not in told
    assert marks(planted) == []


def test_without_a_terminal_there_is_no_console(client: Clients) -> None:
    said = client().run("-T")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "The console needs a terminal; under SSH use `ssh -t`.\n"


@pytest.mark.parametrize("words", ["sftp", "scp", "scp -O"])
def test_no_file_comes_or_goes(client: Clients, planted: Path, tmp_path: Path, words: str) -> None:
    """sftp, scp by sftp, scp as it was: nothing is read, nothing is written, nothing is listed."""
    reached = client()
    name, *options = words.split()
    here, there, secret = tmp_path / "here", planted / "marks" / "there", tmp_path / "secret"
    here.write_text("planted")
    secret.write_text("kept")
    if name == "sftp":
        batch = tmp_path / "batch"
        batch.write_text(f"put {here} {there}\nget {secret} {tmp_path / 'got'}\n")
        said = [reached.run("-b", str(batch), command=(reached.where,), program=name)]
    else:
        ways = [(str(here), f"{reached.where}:{there}"), (f"{reached.where}:{secret}", str(tmp_path / "got"))]
        said = [reached.run(*options, command=way, program=name) for way in ways]
    assert all(each.returncode != 0 for each in said)
    assert marks(planted) == []
    assert not (tmp_path / "got").exists()


def test_no_subsystem_is_run(client: Clients) -> None:
    said = client().run("-s", command=("sftp",))
    assert (said.returncode, said.stdout) == (2, "")


@pytest.fixture
def target() -> Iterator[tuple[int, list[str]]]:
    """Listen on a port of this host; returns it and who came."""
    came: list[str] = []
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, where = listener.accept()
                except OSError:
                    return
                came.append(str(where))
                with closing(line):
                    line.sendall(b"reached")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], came
        listener.shutdown(socket.SHUT_RDWR)


def answered(port: int, ask: bytes = b"") -> bytes:
    """Return what comes from a port: nothing when it hangs up."""
    with socket.create_connection((HOST, port), timeout=10) as line:
        line.sendall(ask)
        try:
            return line.recv(64)
        except ConnectionError:
            return b""


SOCKS = b"\x04\x01"
"""SOCKS 4: connect."""


def test_no_line_leads_further(client: Clients, server: Server, target: tuple[int, list[str]], tmp_path: Path) -> None:
    """-L, -D and -W: sshd refuses the connection, nobody reaches what lies behind the console."""
    port, came = target
    local, dynamic = free_port(), free_port()
    reached = client()
    words = reached.argv("-N", "-L", f"{local}:{HOST}:{port}", "-D", str(dynamic))
    with (tmp_path / "said").open("wb") as said:
        forwarding = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=said, start_new_session=True)
        try:
            until(lambda: _listens(local) and _listens(dynamic), 10, "the client does not listen")
            assert b"reached" not in answered(local)
            socks = SOCKS + port.to_bytes(2, "big") + socket.inet_aton(HOST) + b"\0"
            assert b"reached" not in answered(dynamic, socks)
        finally:
            forwarding.terminate()
            forwarding.wait(10)
    direct = reached.run("-W", f"{HOST}:{port}")
    assert (direct.returncode != 0, direct.stdout) == (True, "")
    assert came == []
    assert "administratively prohibited" in (tmp_path / "said").read_text() + direct.stderr


def _listens(port: int) -> bool:
    listening = f"{port:04X}"
    told = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{listening}") and line.split()[3] == "0A" for line in told)


def test_no_line_leads_back(client: Clients, target: tuple[int, list[str]], tmp_path: Path) -> None:
    """-R: the server opens no port and no socket for the client."""
    port, came = target
    asked = free_port()
    for way in (f"{asked}:{HOST}:{port}", f"{tmp_path / 'back'}:{HOST}:{port}"):
        said = client().run("-N", "-o", "ExitOnForwardFailure=yes", "-R", way)
        assert said.returncode == 255
        assert "remote port forwarding failed" in said.stderr
    assert not _listens(asked)
    assert not (tmp_path / "back").exists()
    assert came == []


def test_no_agent_and_no_display(session: Sessions, server: Server, tmp_path: Path) -> None:
    """-A, -X, -Y: the console has neither a socket of the agent nor a display; the session is a plain terminal."""
    agent = tmp_path / "agent"
    serving = subprocess.Popen([tool("ssh-agent"), "-D", "-a", str(agent)], stdout=subprocess.DEVNULL)
    try:
        until(agent.exists, 5, "the agent does not listen")
        session("-A", "-X", "-Y", env={"SSH_AUTH_SOCK": str(agent), "DISPLAY": ":97", "HOME": str(tmp_path)})
        (console,) = server.consoles()
        found = variables(console)
    finally:
        serving.terminate()
        serving.wait(5)
    assert found.keys().isdisjoint({b"SSH_AUTH_SOCK", b"DISPLAY", b"XAUTHORITY"})
    assert b"SSH_TTY" in found


VARIABLES = {
    **dict.fromkeys(("PAGER", "EDITOR", "VISUAL", "BROWSER", "LESSOPEN", "MANPAGER", "SHELL"), "{planted}/program"),
    "PYTHONPATH": "{planted}",
    "PYTHONHOME": "{planted}",
    "PYTHONSTARTUP": "{planted}/planted.py",
    "PYTHONINSPECT": "1",
    "PYTHONBREAKPOINT": "planted",
    "TEXTUAL": "debug,devtools",
    "TEXTUAL_LOG": "{planted}/marks/log",
    "TEXTUAL_DRIVER": "planted:Driver",
    "TEXTUAL_PRESS": "q",
    "TEXTUAL_SCREENSHOT": "0",
    "TEXTUAL_SCREENSHOT_LOCATION": "{planted}/marks",
    "TEXTUAL_SCREENSHOT_FILENAME": "shot.svg",
    "TEXTUAL_ALLOW_SIGNALS": "1",
    "DUTYDESK_DB": "{planted}/other.sqlite",
    "DUTYDESK_CONFIG": "{planted}/config.toml",
    "DUTYDESK_LOGIN": "chief",
    "USER": "chief",
    "LOGNAME": "chief",
    "SSH_CONNECTION": "10.9.9.9 1 10.9.9.9 2",
    "TMOUT": "1",
}


def test_what_the_client_says_changes_nothing(
    session: Sessions, server: Server, planted: Path, desk_file: Path, tmp_path: Path
) -> None:
    """An sshd that takes every variable: the desk, the person and the place are still those of the line."""
    (planted / "config.toml").write_text('login = "chief"\ndb = "/nowhere.sqlite"\n')
    said = {name: value.format(planted=planted) for name, value in VARIABLES.items()}
    sent = [word for name in said for word in ("-o", f"SendEnv={name}")]
    term = session(*sent, env={"HOME": str(tmp_path), **said})
    (console,) = server.consoles()
    found = variables(console)
    arrived = {name for name, value in said.items() if found.get(name.encode()) == value.encode()}
    assert {"PYTHONPATH", "TEXTUAL_LOG", "DUTYDESK_DB", "PAGER"} <= arrived, "the test proves nothing"
    for keys in ("\x1a", "\x1c", "\x10", "\x1b", "l", "door found open\r"):
        term.write(keys)
        term.wait_until_quiet(0.2)
    term.wait_for("door found open")
    assert Path(f"/proc/{console}/stat").read_text().rsplit(")", 1)[1].split()[0] in "SR", "it was stopped"
    assert rows(desk_file, "select login || ' ' || host from audit_entry where action = 'log.written'") == [
        f"eng-a {HOST}"
    ]
    term.write("q")
    assert term.wait() == 0
    assert marks(planted) == []
    assert not (planted / "other.sqlite").exists()


EVERY_KEY = "123456789nls/:?y\t\x10\x0f\x18\x19\x07\x05!|^v$@`"
"""Keys that open things here, and those that open a shell, an editor or a pager elsewhere."""


def test_no_screen_starts_a_process(session: Sessions, server: Server, planted: Path, tmp_path: Path) -> None:
    """All screens, the dialogs and the keys that lead out elsewhere: nothing is ever started by the console."""
    said = dict.fromkeys(("PAGER", "EDITOR", "VISUAL", "BROWSER", "SHELL"), str(planted / "program"))
    term = session(*(f"-oSendEnv={name}" for name in said), env={"HOME": str(tmp_path), **said})
    (console,) = server.consoles()
    for key in EVERY_KEY:
        term.write(key)
        term.wait_until_quiet(0.15, 5)
        assert _children(console) == [], f"after {key!r}"
        for back in ("\x1b", "\x1b"):
            term.write(back)
            term.wait_until_quiet(0.1, 3)
    assert term.process.poll() is None
    assert marks(planted) == []


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def test_a_key_that_was_not_given_opens_nothing(server: Server, client: Clients, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    stranger = client()
    said = type(stranger)(server, tmp_path / "stranger", server.port).run("-tt")
    assert said.returncode == 255
    assert "Permission denied" in said.stderr


def test_a_planted_line_in_a_record_opens_nothing(
    server: Server, client: Clients, program: Path, desk_file: Path, planted: Path, tmp_path: Path
) -> None:
    """A key with a line break or an option of its own, from an older program or by hand: a comment, or no line."""
    own = make_key(tmp_path / "evil", "evil@laptop")
    mark = planted / "marks" / "ran"
    engine.connect(str(desk_file))
    honest = people.everyone(people.identify("chief"))[1].ssh_key
    attack = {"eng-a": f'{honest}\n{own}\ncommand="touch {mark}" {own}', "eng-b": f'command="touch {mark}" {own}'}
    for login, key in attack.items():
        engine.db.execute_sql("update person set ssh_key = ? where login = ?", (key, login))
    engine.disconnect()
    asked = [str(program), "-I", "-m", "dutydesk", "--db", str(desk_file), "--login", "chief", "ssh-keys"]
    lines = subprocess.run(asked, capture_output=True, text=True, check=False, cwd="/")
    assert lines.returncode == 1
    assert len(lines.stdout.splitlines()) == 2
    server.authorize(lines.stdout)
    reached = type(client())(server, tmp_path / "evil", server.port)
    assert reached.run("-tt", command=("id",)).returncode == 255
    assert client("eng-a").run("-tt", command=("id",)).returncode == 2
    assert marks(planted) == []
