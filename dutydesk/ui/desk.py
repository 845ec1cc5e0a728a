"""The one thread that touches the database, and the feed of what others change.

The event loop asks and goes on; the answer comes back on the loop, in the order of the questions. Nothing in here
knows a screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from dutydesk.domain import clock
from dutydesk.domain.errors import ConnectionLost, DeskError, DeskReplaced, Refused, StorageTrouble, Unsure
from dutydesk.domain.words import N_

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.reopening import Reopened
    from dutydesk.storage.feed import Feed
    from dutydesk.ui.reopening import Reopening

P = ParamSpec("P")
R = TypeVar("R")
Changes = frozenset[tuple[str, int | None]]
Called = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A call of a use case: function, arguments, and those by name."""

POLL_SECONDS = 0.5
"""How often the feed looks for commits of other terminals."""
BEAT_SECONDS = 60
JUMP_SECONDS = 60
"""A clock that moved by so much against the time that passed was set, or the machine slept."""
BUSY_AFTER = 0.3
"""Seconds after which a call that has not answered shows as busy."""
PATIENCE = 20.0
"""Seconds that a call waits for a connection that is lost, before it says so and is not carried out."""
BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two tries to get the connection back; the last goes on."""


NO_RECORDS = frozenset(
    {
        "notices.seen",
        "people.beat",
        "people.leave_console",
        "people.prefer",
        "shift.keep_ahead",
        "since.seen",
    }
)
"""Use cases that a console calls by itself, or that write what nobody reads as a record."""
OTHER_DESK = N_("This is another desk than the one you began on: look whether this belongs here, then save it again.")


def _nothing(*_: Any) -> None:
    """Stand in for a listener that is not set."""


class WallClock:
    """Tells when the clock has jumped since the last look."""

    def __init__(self) -> None:
        self._ahead = clock.now() - clock.steady()

    def jump(self) -> int:
        """Return by how many seconds the clock jumped; 0 while it goes with the time that passes."""
        ahead = clock.now() - clock.steady()
        by = round(ahead - self._ahead)
        if abs(by) < JUMP_SECONDS:
            return 0
        self._ahead = ahead
        return by


class Desk:
    """The desk's database behind one thread.

    `who` is put in front of every use case. `on_changes` hears (subject, id) pairs of own and other people's writes,
    `on_busy` True and False, `on_line` False when the connection to a server is lost and True when it is back,
    `on_error` what nobody else takes, `on_reopened` that another file stands where the desk was and is open now,
    `on_jump` by how many seconds the clock was set forward or back; all on the loop.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.who: Actor | None = None
        self.on_changes: Callable[[Changes], None] = _nothing
        self.on_busy: Callable[[bool], None] = _nothing
        self.on_line: Callable[[bool], None] = _nothing
        self.on_error: Callable[[BaseException], None] = _nothing
        self.on_jump: Callable[[int], None] = _nothing
        self.on_reopened: Callable[[Reopened], None] = _nothing
        self.online = True
        self._wall = WallClock()
        self._unsure: list[tuple[Called, Unsure]] = []
        self._ending = threading.Event()
        self._thread = ThreadPoolExecutor(1, "desk")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = contextvars.copy_context()
        self._feed: Feed | None = None
        self.since: int | None = None
        self._lost: Reopening | None = None
        self._another = False
        self._late: set[object] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def far(self) -> bool:
        """Whether the desk lies on a server, whose line may break."""
        return "://" in self.target and not self.target.startswith("sqlite:")

    def begin(self, opening: Callable[[str], R]) -> Future[R]:
        """Open the desk on its thread, before there is a loop; `opening` gets the target and is the first call."""
        return self._thread.submit(self._open, opening)

    def attach(self) -> None:
        """Answer on the running loop from now on, and in the context of the caller: Textual looks for its app there."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()

    async def ask(self, use_case: Callable[Concatenate[Actor, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a use case as the person at this console and return its answer; DeskError when it refuses."""
        return await self.raw(use_case, self._actor(), *args, **kwargs)

    async def raw(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that takes no actor on the desk thread.

        The call is carried out even when the one who waits is cancelled: a save is never lost half way.
        """
        return await asyncio.shield(self._submit(function, args, kwargs))

    def run(
        self,
        use_case: Callable[..., R],
        *args: Any,
        done: Callable[[R], Any] | None = None,
        failed: Callable[[DeskError], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Call a use case and go on; `done` or `failed` is called on the loop. An error nobody takes is shown."""
        try:
            future = self._submit(use_case, (self._actor(), *args), kwargs)
        except DeskError as error:
            (failed or self.on_error)(error)
            return

        def answered(future: asyncio.Future[R]) -> None:
            error = None if future.cancelled() else future.exception()
            try:
                if isinstance(error, DeskError) and failed:
                    failed(error)
                elif error:
                    self.on_error(error)
                elif done and not future.cancelled():
                    done(future.result())
            except Exception as trouble:
                self.on_error(trouble)

        future.add_done_callback(answered)

    def watch(self) -> None:
        """Start to look for commits of other terminals, and to give signs of life."""
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._keep_watch())

    async def close(self) -> None:
        """Finish what is asked, then close the connection; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._ending.set()
        if self._watcher:
            self._watcher.cancel()
        last = self._thread.submit(self._shut)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.wrap_future(last), 5)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _actor(self) -> Actor:
        if self.who is None:
            raise Refused(N_("Sign in at this console first."))
        return self.who

    def _submit(self, function: Callable[..., R], args: Any, kwargs: Any) -> asyncio.Future[R]:
        if self._closed:
            raise StorageTrouble(N_("The desk is closed."))
        loop = self._loop or asyncio.get_running_loop()
        self._loop = loop
        future = asyncio.wrap_future(self._thread.submit(self._call, function, args, kwargs), loop=loop)
        ticket = object()
        alarm = loop.call_later(BUSY_AFTER, self._is_late, ticket)
        future.add_done_callback(lambda answered: self._is_answered(answered, ticket, alarm))
        return future

    def _is_late(self, ticket: object) -> None:
        self._late.add(ticket)
        if len(self._late) == 1:
            self.on_busy(True)

    def _is_answered(self, future: asyncio.Future[Any], ticket: object, alarm: asyncio.TimerHandle) -> None:
        alarm.cancel()
        if not future.cancelled():
            future.exception()
        if ticket in self._late:
            self._late.discard(ticket)
            if not self._late:
                self.on_busy(False)

    async def _keep_watch(self) -> None:
        loop = asyncio.get_running_loop()
        beat_at = 0.0
        said, tries = "", 0
        while not self._closed:
            try:
                if jump := self._wall.jump():
                    beat_at = 0.0
                    self.on_jump(jump)
                if loop.time() >= beat_at:
                    beat_at = loop.time() + BEAT_SECONDS
                    await self.raw(self._beat)
                changes = await self.raw(self._poll)
            except ConnectionLost:
                tries += 1
            except DeskError as error:
                if error.sentence != said and not self._closed:
                    self.on_error(error)
                said = error.sentence
            else:
                said, tries = "", 0
                if changes:
                    self.on_changes(changes)
            await asyncio.sleep(BACKOFF[min(tries, len(BACKOFF) - 1)] if tries else POLL_SECONDS)

    # What follows runs on the desk thread.

    def _open(self, opening: Callable[[str], R]) -> R:
        from dutydesk.storage.driver import load_peewee

        load_peewee()
        return self._in_words(opening, self.target)

    def _in_words(self, function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Call a function; what the database or the system refuses comes back as a sentence."""
        from dutydesk.storage import engine

        try:
            return function(*args, **kwargs)
        except engine.ERRORS as error:
            raise engine.trouble(error) from error
        except OSError as error:
            detail = error.strerror or str(error)
            raise StorageTrouble(N_("The system refused: {detail}"), detail=detail) from error

    def _call(self, function: Callable[..., R], args: Any, kwargs: Any) -> R:
        from dutydesk.services.core import take_changes

        if self._lost is not None:
            self._go_on_reopening()
        if self._another and self._is_record(function):
            self._another = False
            raise DeskReplaced(OTHER_DESK)
        try:
            return self._carry_out((function, args, kwargs))
        except DeskReplaced as error:
            self._lose(error)
            raise
        finally:
            changes = take_changes()
            if changes:
                self._tell(self.on_changes, changes)

    def _tell(self, listener: Callable[[Any], None], news: Any) -> None:
        if self._loop and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(listener, news, context=self._context.copy())

    def _lose(self, error: DeskReplaced) -> None:
        """The desk that was open is not there any more: from now on everything waits for the one that is."""
        from dutydesk.ui.reopening import Reopening

        self._feed = self.since = None
        self._lost = Reopening(self.target, error)
        self._lost.attempt(self.who)

    def _go_on_reopening(self) -> None:
        """Open what stands in the desk's place, or raise why that cannot be done yet."""
        assert self._lost is not None
        back = self._lost.attempt(self.who)
        if back is None:
            raise self._lost.error
        self._lost, self._another, self.who = None, not back.goes_on, back.who
        self._tell(self.on_reopened, back)

    @staticmethod
    def _is_record(function: Callable[..., Any]) -> bool:
        """Whether a call writes what people will read: not a draft, a sign of life or a preference."""
        from dutydesk.services.core import RULES

        name = f"{function.__module__}.{getattr(function, '__name__', '')}"
        short = name.removeprefix("dutydesk.services.")
        rule = RULES.get(name)
        return rule is not None and rule.writes and short not in NO_RECORDS and not short.startswith("drafts.")

    def _carry_out(self, call: Called) -> Any:
        """Make a call, and make it again when the connection was lost and is back: what it writes is written once.

        A call whose commit was cut off is not made again before the chain has told whether it was carried out, even
        if the person gives up waiting and asks for the same later.
        """
        function, args, kwargs = call
        unsure = next((each for known, each in self._unsure if known == call), None)
        end = time.monotonic() + (0.0 if function in (self._poll, self._beat) else PATIENCE)
        trouble: ConnectionLost
        while True:
            try:
                if unsure is not None and self._in_words(self._came_through, unsure):
                    return unsure.answer
                unsure = None
                return self._in_words(function, *args, **kwargs)
            except Unsure as error:
                unsure, trouble = error, error
                self._unsure.append((call, error))
            except ConnectionLost as error:
                trouble = error
            if not self._get_back(end):
                raise trouble

    def _came_through(self, unsure: Unsure) -> bool:
        from dutydesk.services.core import came_through

        there = came_through(unsure)
        self._unsure = [(known, each) for known, each in self._unsure if each is not unsure]
        return there

    def _get_back(self, end: float) -> bool:
        """Try to open the connection anew, once at least and until `end`; returns whether it is there."""
        from dutydesk.storage import engine

        self._tell_line(False)
        tries = 0
        while not self._ending.is_set():
            try:
                self._in_words(engine.reconnect)
            except ConnectionLost:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._ending.wait(min(left, BACKOFF[min(tries, len(BACKOFF) - 1)]))
                tries += 1
            else:
                self._tell_line(True)
                return True
        return False

    def _tell_line(self, online: bool) -> None:
        """Let the loop know when the line broke and when it is back."""
        if self.online == online:
            return
        self.online = online
        self._tell(self.on_line, online)

    def _poll(self) -> Changes:
        from dutydesk.storage import opened
        from dutydesk.storage.feed import Feed

        opened.require()
        opened.require_writable()
        if self._feed is None:
            self._feed = Feed(self.since)
            return self._feed.since_last()
        return self._feed.poll()

    def _beat(self) -> None:
        if self.who is not None:
            from dutydesk.services import people

            people.beat(self.who)

    def _shut(self) -> None:
        if self._loop is None or self._lost is not None:
            return
        from dutydesk.storage import opened

        if self.who is not None:
            from dutydesk.services import people

            with contextlib.suppress(Exception):
                people.leave_console(self.who)
        opened.close()
