"""Services on loopback that notices are really sent to: a web hook and a mail server, with faults."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Service:
    """A service that is running: its port, what it got, and how it behaves from now on.

    `answer` is the status or reply it gives; None breaks the connection off after the message was taken. `hold` is
    waited for before it answers; `arrived` is set when something came.
    """

    port: int
    got: list[Any] = field(default_factory=list)
    answer: int | None = 200
    hold: threading.Event | None = None
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        """Return the messages that came."""
        return [each["message"] for each in self.got]


def closed_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _serving(make: Callable[[], Any]) -> Iterator[Any]:
    server = make()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def web_hook() -> Iterator[Service]:
    """Serve a web hook that keeps the JSON it gets."""
    service = Service(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            service.arrived.set()
            if service.hold is not None:
                service.hold.wait(20)
            if service.answer is None:
                self.close_connection = True
                return
            self.send_response(service.answer)
            if service.answer == 302:
                self.send_header("Location", f"http://127.0.0.1:{service.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    ThreadingHTTPServer.daemon_threads = True
    with _serving(lambda: ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        service.port = server.server_address[1]
        yield service


@contextmanager
def mail_server() -> Iterator[Service]:
    """Serve SMTP in plain; what comes is kept as parsed messages. `answer` other than 200 is its reply to the text."""
    service = Service(0)

    class Handler(StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 mail.example.com")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.say("354 go on")
                    if not self.take():
                        return None
                elif word == b"QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 ok")
            return None

        def take(self) -> bool:
            text = b""
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                text += line
            service.got.append(message_from_bytes(text, policy=policy.default))
            service.arrived.set()
            if service.answer is not None:
                self.say("250 taken" if service.answer == 200 else f"{service.answer} no")
            return service.answer is not None

    ThreadingTCPServer.allow_reuse_address = True
    ThreadingTCPServer.daemon_threads = True
    with _serving(lambda: ThreadingTCPServer(("127.0.0.1", 0), Handler)) as server:
        service.port = server.server_address[1]
        yield service
