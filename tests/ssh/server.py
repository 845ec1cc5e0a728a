"""A real OpenSSH server on 127.0.0.1 with a configuration, a host key and an authorized_keys of its own.

It allows everything that sshd can allow and takes every variable that a client sends: what is refused in these tests
is refused by the lines of `dutydesk ssh-keys` and by the program alone.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terminal.harness import ROOT, Terminal

INSTALL = "OpenSSH's {part} is missing and is what is tested here: tools/packages.sh, or apt-get install openssh-server"
HOST = "127.0.0.1"
CONFIG = """
ListenAddress {host}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
PermitRootLogin prohibit-password
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
AcceptEnv *
PermitUserEnvironment yes
PermitTTY yes
PermitTunnel yes
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
AllowAgentForwarding yes
X11Forwarding yes
GatewayPorts yes
Subsystem sftp internal-sftp
"""


def tool(name: str) -> str:
    """Return the path of a program of OpenSSH; the test fails with how to install it when it is missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/lib/openssh")
    if found is None:
        pytest.fail(INSTALL.format(part=name), pytrace=False)
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def make_key(path: Path, comment: str = "") -> str:
    """Make a key pair; return the public half."""
    words = [tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
    subprocess.run(words, check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def install(folder: Path) -> Path:
    """Make an installation of this checkout, and return its Python: what `ssh-keys` prints is run as it is printed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    elsewhere = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (packages / "checkout.pth").write_text("\n".join([str(ROOT), *elsewhere]) + "\n")
    return folder / "bin" / "python"


class Server:
    """An sshd; a context manager that ends it. `more` are lines of its configuration that win, `last` the end of it."""

    def __init__(self, folder: Path, *more: str, last: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.host_key = make_key(folder / "host_key")
        self.log = folder / "sshd.log"
        self.config = config = folder / "sshd_config"
        config.write_text("\n".join(more) + CONFIG.format(host=HOST, port=self.port, folder=folder) + last)
        (folder / "known_hosts").write_text(f"[{HOST}]:{self.port} {self.host_key}\n")
        self.authorize("")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks up its unprivileged part
        words = [tool("sshd"), "-D", "-f", str(config), "-E", str(self.log)]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
        self._await_greeting()

    def __enter__(self) -> Server:
        """Return the running server."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it; sessions end with their clients."""
        self.process.terminate()
        self.process.wait(10)

    def _await_greeting(self) -> None:
        end = time.monotonic() + 15
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with socket.create_connection((HOST, self.port), timeout=2) as line:
                    if line.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"sshd does not answer; exit {self.process.poll()}:\n{self.told()}")

    def authorize(self, lines: str) -> None:
        """Make these lines the authorized_keys; somebody who logs in meanwhile finds the old ones or the new, whole."""
        part = self.folder / "authorized_keys.part"
        part.write_text(lines)
        part.replace(self.folder / "authorized_keys")

    def told(self) -> str:
        """Return what sshd has logged."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def consoles(self) -> list[int]:
        """Return the consoles that this server's sessions run."""
        return [pid for pid in self.processes() if arguments(pid)[1:4] == ["-I", "-m", "dutydesk"]]

    def processes(self) -> list[int]:
        """Return everything that this server's sessions run: forced commands, their shells, and what they started."""
        mine = f"{HOST} {self.port}".encode()
        found = []
        for place in Path("/proc").iterdir():
            if place.name.isdigit() and mine in variables(int(place.name)).get(b"SSH_CONNECTION", b""):
                found.append(int(place.name))
        return found


def arguments(pid: int) -> list[str]:
    """Return the command line of a process; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def variables(pid: int) -> dict[bytes, bytes]:
    """Return the environment that a process began with; nothing when it is gone or somebody else's."""
    try:
        told = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in told.split(b"\0") if entry)
    return {name: value for name, _equals, value in pairs}


@dataclass(frozen=True)
class Client:
    """How one person's key reaches one server, over some port: the server's own, or that of a slow line."""

    server: Server
    key: Path
    port: int

    def argv(self, *options: str, command: Sequence[str] = (), program: str = "ssh") -> list[str]:
        """Return the command line of `ssh`, or of `sftp` and `scp`, which name the port in capitals."""
        known = f"UserKnownHostsFile={self.server.folder / 'known_hosts'}"
        given = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "yes",
            "HostKeyAlias": f"[{HOST}]:{self.server.port}",
            "GlobalKnownHostsFile": "/dev/null",
            "IgnoreUnknown": "ObscureKeystrokeTiming",
            "ObscureKeystrokeTiming": "no",
            "EscapeChar": "none",
            "LogLevel": "INFO",
        }
        words = [tool(program), "-F", "none", "-P" if program != "ssh" else "-p", str(self.port), "-i", str(self.key)]
        words += ["-o", known, *(word for pair in given.items() for word in ("-o", "=".join(pair)))]
        if program != "ssh":
            return [*words, *options, *command]
        return [*words, *options, self.where, *command]

    @property
    def where(self) -> str:
        """Return account and host."""
        return f"{getpass.getuser()}@{HOST}"

    def open(self, *options: str, command: Sequence[str] = (), wait: bool = True, **more: object) -> Terminal:
        """Open a session in a terminal, and wait for the console unless told otherwise."""
        opened = Terminal(self.argv(*options, command=command), **more)  # type: ignore[arg-type]
        if wait:
            opened.wait_for("1 Shift", timeout=30)
            opened.wait_until_quiet(0.2)
        return opened

    def run(
        self, *options: str, command: Sequence[str] = (), program: str = "ssh", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the client without a terminal until it ends."""
        words = self.argv(*options, command=command, program=program)
        around = {**os.environ, **(env or {})}
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False, env=around
        )
