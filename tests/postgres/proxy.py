"""A line to a PostgreSQL server that can be cut at one exact moment: in front of a commit, or behind it."""

from __future__ import annotations

import contextlib
import enum
import select
import socket
import threading
from collections.abc import Iterator

from tests import server


class Cut(enum.Enum):
    """Where the line breaks at a commit."""

    NOWHERE = enum.auto()
    QUESTION = enum.auto()
    """The commit never arrives: the server takes the transaction back."""
    ANSWER = enum.auto()
    """The commit is carried out, and its answer never arrives."""


class Line:
    """Passes bytes on between clients and the server; `plan` says what each of the next commits meets."""

    def __init__(self, to: int) -> None:
        self.plan: list[Cut] = []
        self.cuts = 0
        self.closed = False
        """Whether new connections are refused."""
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Accept no more connections."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            if self.closed:
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._to))
        with client, far, contextlib.suppress(OSError):
            while True:
                for ready in select.select([client, far], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client and self._is_cut(data, far):
                        return
                    (far if ready is client else client).sendall(data)

    def _is_cut(self, data: bytes, far: socket.socket) -> bool:
        """Whether the line breaks here; a commit whose answer is lost is carried out first."""
        if not self.plan or not _commits(data):
            return False
        cut = self.plan.pop(0)
        if cut is Cut.NOWHERE:
            return False
        self.cuts += 1
        if cut is Cut.ANSWER:
            far.sendall(data)
            answer = far.recv(65536)
            assert b"COMMIT" in answer, answer
        return True


def _commits(data: bytes) -> bool:
    """Whether what a client sends is the order to commit."""
    return data[:1] == b"Q" and data[5:].rstrip(b"\x00; ").upper() == b"COMMIT"


@contextlib.contextmanager
def line(address: str) -> Iterator[tuple[Line, str]]:
    """Lay a line to a database of the shared server; yields it with the database's address through it."""
    to = server.shared().port
    laid = Line(to)
    try:
        yield laid, address.replace(f":{to}/", f":{laid.port}/")
    finally:
        laid.end()
