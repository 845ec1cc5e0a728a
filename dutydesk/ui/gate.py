"""Keys keep the order in which they were typed.

Textual 8.2.8 runs a printable key in the focused widget at once, but a bound key (Backspace, Tab, Enter, a command)
only after it has bubbled to the app, so keys that arrive in one read overtake each other: `abcd`, two Backspaces and
`X` typed at once become `abc`. The gate lets one key through at a time and waits until everything it caused is done,
including a dialog that it opens.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.keys import key_to_character

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.screen import Screen

    _Base = App[int]
else:
    _Base = object

HOP_SECONDS = 5.0
"""How long one widget may take to answer before the next key goes on."""
ACTION_SECONDS = 0.4
"""How long keys wait for a command that is still working; a slow disk freezes no key for longer."""
OPENING_SECONDS = 3.0
"""How long keys wait for a command that opens something to type into."""
PASSES = 3
"""Rounds of waiting after a bound key: its action, the message it posts, what the screen makes of that."""


class KeyGate(_Base):
    """Mixin for the app: put it before `App`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting_keys: deque[events.Key | events.Paste] = deque()
        self._gatekeeper: asyncio.Task[None] | None = None
        self._at_work: dict[asyncio.Task[Any], tuple[Screen[Any], float]] = {}

    def keys_wait_for(self, work: Coroutine[Any, Any, Any], *, opens: bool = False) -> asyncio.Task[Any]:
        """Run `work` as a task that typed keys wait for, until it is done or has opened a screen of its own."""
        task = asyncio.create_task(work)
        self._at_work[task] = (self.screen, OPENING_SECONDS if opens else ACTION_SECONDS)
        task.add_done_callback(lambda done: self._at_work.pop(done, None))
        return task

    @property
    def front(self) -> Screen[Any] | None:
        """Return the screen in front; None while the console closes and there is no screen left."""
        stack = self._screen_stacks.get(self._current_mode)
        return stack[-1] if stack else None

    @property
    def keys_quiet(self) -> bool:
        """Return whether every key typed so far has been worked on, or has opened a dialog that waits for more."""
        at_work = any(self.front is screen for screen, _ in self._at_work.values())
        return not self._waiting_keys and (self._gatekeeper is None or self._gatekeeper.done()) and not at_work

    def takes_key(self, event: events.Key | events.Paste) -> bool:
        """Return whether a key goes to the screens now; a subclass may swallow it."""
        del event
        return True

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes; all else goes on at once."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._waiting_keys.append(event)
        if self._gatekeeper is None or self._gatekeeper.done():
            self._gatekeeper = asyncio.create_task(self._let_through())

    async def _let_through(self) -> None:
        while self._waiting_keys and not self._exit:
            await self._work_settled()
            front = self.front
            if front is None:
                return
            if not front._mounted_event.is_set():
                await self._shown(front)
            event = self._waiting_keys.popleft()
            if not self.takes_key(event):
                continue
            try:
                await self._deliver(event)
            except Exception as error:
                self._handle_exception(error)
                return

    async def _deliver(self, event: events.Key | events.Paste) -> None:
        self.app_focus = True
        screen, node = self.screen, self.focused or self.screen
        typed = isinstance(event, events.Paste) or node.check_consume_key(event.key, key_to_character(event.key))
        await super().on_event(event)
        if typed:
            await self._hop(node)
            return
        for _ in range(PASSES):
            for each in node.ancestors_with_self:
                if not await self._hop(each):
                    break
            if self.front is not screen:
                if self.front is not None:
                    await self._shown(self.front)
                return

    async def _hop(self, node: DOMNode) -> bool:
        """Wait until `node` has handled what is in its queue; False when it is gone or does not answer."""
        done = asyncio.Event()
        if not (node is self or node.is_attached) or not node.call_later(done.set):
            return False
        try:
            await asyncio.wait_for(done.wait(), HOP_SECONDS)
        except TimeoutError:
            return False
        return True

    async def _shown(self, screen: Screen[Any]) -> None:
        """Wait until a screen that has just come up can take keys."""
        try:
            await asyncio.wait_for(screen._mounted_event.wait(), OPENING_SECONDS)
        except TimeoutError:
            return
        await self._hop(screen)

    async def _work_settled(self) -> None:
        """Wait while a command works and shows nothing of its own yet, as long as it may take."""
        since = monotonic()
        while busy := [task for task, (screen, _) in self._at_work.items() if self.front is screen]:
            left = max(seconds for _, seconds in self._at_work.values()) - (monotonic() - since)
            if left <= 0:
                return
            await asyncio.wait(busy, timeout=min(left, 0.01))
        if self._at_work and self.front is not None:
            await self._shown(self.front)
