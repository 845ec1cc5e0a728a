"""What docs/OPERATIONS.md says of sshd is what sshd takes, and does."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ssh.conftest import printed
from tests.ssh.server import HOST, Client, Server, tool, variables
from tests.terminal.harness import ROOT


@pytest.fixture
def by_the_book(tmp_path: Path, program: Path, desk_file: Path) -> Iterator[Server]:
    """Start an sshd that allows everything to everybody but the account of the manual's lines."""
    text = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```sshd\n(.*?)```", text, re.S)
    own = lines.replace("User dutydesk", f"User {getpass.getuser()}")
    assert own != lines
    with Server(tmp_path / "book", last=own) as server:
        server.authorize(printed(program, desk_file))
        yield server


def test_the_lines_of_the_manual(by_the_book: Server, keys: dict[str, Path], tmp_path: Path) -> None:
    """They hold for the account, the console opens with them, and the client's variables do not come in."""
    asked = f"user={getpass.getuser()},host=localhost,addr={HOST}"
    words = [tool("sshd"), "-T", "-f", str(by_the_book.config), "-C", asked]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout.lower().splitlines()
    for line in ("clientaliveinterval 15", "clientalivecountmax 3", "disableforwarding yes", "permittunnel no"):
        assert line in told
    sent = {"LANG": "zh_CN.UTF-8", "PYTHONPATH": "/planted", "DUTYDESK_DB": "/planted", "BASH_ENV": "/planted"}
    options = [f"-oSendEnv={name}" for name in sent]
    with Client(by_the_book, keys["eng-a"], by_the_book.port).open(*options, wait=False, env=sent) as term:
        term.wait_for("1 Shift")
        (console,) = by_the_book.consoles()
        found = variables(console)
    assert found[b"LANG"] == b"zh_CN.UTF-8"
    assert found.keys().isdisjoint({b"PYTHONPATH", b"DUTYDESK_DB", b"BASH_ENV"})
