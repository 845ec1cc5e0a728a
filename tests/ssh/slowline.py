"""A slow line between client and server: every byte comes late, and only so many of them in a second."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque

from tests.ssh.server import HOST

PIECE = 60
"""Bytes that are sent at once: a twentieth of a second on a line of 9,600 bit/s."""


class SlowLine:
    """A port that leads to another one; a context manager that ends it. `delay` is one way, in seconds."""

    def __init__(self, port: int, *, delay: float = 0.1, rate: float = 1200.0) -> None:
        self.delay, self.rate = delay, rate
        self.sent = {"up": 0, "down": 0}
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def __enter__(self) -> SlowLine:
        """Return the line."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, HOST, 0)

    async def _end(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, forth = await asyncio.open_connection(HOST, self._target)
        try:
            await asyncio.gather(self._one_way(client, forth, "up"), self._one_way(server, back, "down"))
        except asyncio.CancelledError:
            return  # the line is cut
        finally:
            for writer in (back, forth):
                writer.close()

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        """Carry one direction: what was read waits for its turn on the line, and for the way to the other end."""
        due: deque[tuple[float, bytes]] = deque()
        more = asyncio.Event()
        sender = asyncio.create_task(self._deliver(writer, due, more))
        free_at = 0.0
        try:
            while data := await reader.read(PIECE):
                free_at = max(free_at, time.monotonic()) + len(data) / self.rate
                due.append((free_at + self.delay, data))
                self.sent[way] += len(data)
                more.set()
                await asyncio.sleep(max(0.0, free_at - time.monotonic()))
        except ConnectionError:
            pass
        except asyncio.CancelledError:
            sender.cancel()
            raise
        due.append((free_at + self.delay, b""))
        more.set()
        await sender

    async def _deliver(
        self, writer: asyncio.StreamWriter, due: deque[tuple[float, bytes]], more: asyncio.Event
    ) -> None:
        while True:
            while not due:
                more.clear()
                await more.wait()
            at, data = due.popleft()
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            try:
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()
            except (ConnectionError, OSError):
                return
