"""The console of one desk: arriving, leaving, and what changes by itself.

Nothing is drawn twice at start: the desk is opened before the terminal is taken, and the first paint already knows
the person, the language, the colours and the top line.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.driver import Driver

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.locale import _, sentence, times
from dutydesk.ui import marks
from dutydesk.ui.anywhere import Anywhere
from dutydesk.ui.arrival import Console, arrive
from dutydesk.ui.desk import Changes, Desk
from dutydesk.ui.fetch import fetch_later
from dutydesk.ui.looks import no_chinese
from dutydesk.ui.screens.base import DeskScreen, RecordsChanged
from dutydesk.ui.theme import DEFAULT
from dutydesk.ui.widgets.frame import TopState

if TYPE_CHECKING:
    from dutydesk.services.reopening import Reopened

ARRIVAL_SECONDS = 0.4
"""How long the first paint waits for the desk; a slower one shows the frame first."""
WATCH_SECONDS = 0.25
"""When the console looks for news and gives its first sign of life: that write is not in front of the first paint."""
SETTLED_SECONDS = 2.0
"""When the start is over and memory is looked after again."""
GARBAGE = 2_000
"""Objects made by an open console before garbage is looked for; a start and a short command look far less often."""
TOLD_SUBJECTS = frozenset({"notice", "roster", "leave", "swap"})
TOP_SUBJECTS = frozenset({"shift", "attendance", "incident", "round", "handover", "person", "setting"}) | TOLD_SUBJECTS


class DeskApp(Anywhere):
    """The console of one desk.

    `target` is the database, `login` the person the command line vouches for, `lang` and `theme` what it asks for.
    """

    def __init__(
        self,
        target: str,
        login: str | None = None,
        lang: str | None = None,
        theme: str | None = None,
    ) -> None:
        super().__init__(Desk(target), lang, theme)
        self.console_here = Console.here()
        self._not_spoken = False
        self._begun = self.desk.begin(partial(arrive, login=login, console=self.console_here))
        self.take_theme_early(theme or DEFAULT)

    # --- arriving and leaving -------------------------------------------------------------------------------------

    async def on_load(self) -> None:
        """Wait for the desk, as long as it is quick, before anything is drawn."""
        self.desk.attach()
        self.desk.on_busy, self.desk.on_changes, self.desk.on_error = self._show_busy, self._changed, self._troubled
        self.desk.on_reopened, self.desk.on_jump = self._reopened, self._jumped
        self.desk.on_line = self._line
        self._arriving = asyncio.wrap_future(self._begun)
        await asyncio.wait({self._arriving}, timeout=ARRIVAL_SECONDS)
        if self._arriving.done():
            self._arrive()

    def _arrive(self) -> None:
        try:
            arrival = self._arriving.result()
        except DeskError as error:
            self.farewell = sentence(error)
            self.exit(return_code=2)
            return
        self.desk.who, self.desk.since = arrival.who, arrival.seq
        self.top, self.first_live = arrival.top or TopState(desk=arrival.desk), arrival.live
        times.use_zone(arrival.zone)
        lang = self.asked_lang or arrival.likes.get("lang") or arrival.lang
        self.speak(lang)
        self._not_spoken = lang != self.lang
        wanted = self.asked_theme or arrival.likes.get("theme")
        if wanted and not self._dom_ready:
            self.take_theme_early(wanted)
        elif wanted:
            self.take_likes(arrival.likes)

    async def on_mount(self) -> None:
        """Listen for signals, then do what the arrival leaves to do."""
        self._listen_for_signals()
        if self._exit:
            return
        if self._arriving.done():
            self._settle_in()
        else:
            self.run_worker(self._arrive_late())
        if self._not_spoken:
            self.call_after_refresh(self.say, no_chinese(), "warning")
        for trouble in self.key_troubles[:1]:
            self.call_after_refresh(self.say, trouble, "warning")
        self._wait_for_minute()
        self.set_timer(SETTLED_SECONDS, self._settled)

    def _settled(self) -> None:
        """The start is over: fetch what later screens need, then look after memory again."""
        if self.is_headless:
            _collect_again()
            return
        loop = asyncio.get_running_loop()

        def fetched() -> None:
            with contextlib.suppress(RuntimeError):  # the console has been left meanwhile
                loop.call_soon_threadsafe(_collect_again)

        fetch_later(fetched)

    async def _arrive_late(self) -> None:
        await asyncio.wait({self._arriving})
        self._arrive()
        if self._exit:
            return
        self._settle_in()
        if self.shown:
            self.shown.request_reload()

    def _settle_in(self) -> None:
        self.set_timer(WATCH_SECONDS, self.desk.watch)
        if self.who is None:
            self.keys_wait_for(self._work(self._sign_in_first()), opens=True)

    async def _sign_in_first(self) -> None:
        who = await self.sign_in_dialog()
        if who is None:
            await self.leave()
            return
        await self.welcome(who)

    def _listen_for_signals(self) -> None:
        """Leave cleanly on SIGTERM and SIGHUP; without this the terminal stays broken or the process spins."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._signalled, number)

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        if not headless:
            from dutydesk.ui.pasting import keep_pastes_whole
            from dutydesk.ui.terminal import Line, read_in

            keep_pastes_whole()
            read_in(marks.characters().typed)
            loop = asyncio.get_running_loop()

            def dropped() -> None:
                """Leave as after a hang-up, from the writing thread."""
                loop.call_soon_threadsafe(self._signalled, signal.SIGHUP)

            driver._file = Line(2, dropped, marks.characters().encoding)  # type: ignore[attr-defined]
            signal.signal(signal.SIGCONT, partial(self._continued, loop))
        return driver

    def _continued(self, loop: asyncio.AbstractEventLoop, _number: int, _frame: object) -> None:
        """Go on after a stop.

        Textual takes the terminal again with every SIGCONT; a line that is hung up sends one as well, and its threads
        for keys and output, begun a second time, would never end. So only after a suspension is it taken again.
        """
        driver: Any = self._driver
        if self.leaving or driver is None:
            return
        if driver._must_signal_resume:
            driver.resume_application_mode()
        else:
            loop.call_soon_threadsafe(self.redraw)

    def _signalled(self, number: int) -> None:
        if not self.leaving:
            self.run_worker(self.leave(128 + number), exit_on_error=False)

    async def on_unmount(self) -> None:
        """Close the desk when all that was asked is done."""
        await self.desk.close()

    # --- what changes by itself -----------------------------------------------------------------------------------

    def _show_busy(self, busy: bool) -> None:
        self.busy = busy
        if self.shown:
            self.shown.update_frame()

    def _line(self, online: bool) -> None:
        """Say that the connection to the database is gone, or that it is back; the top line shows it meanwhile."""
        if self.shown:
            self.shown.update_frame()
        if online:
            self.say(_("The connection to the database is back."), "done")
            for screen in self.every_screen():
                if isinstance(screen, DeskScreen):
                    screen.request_reload()
        else:
            self.say(_("No connection to the database. What you type is kept on this machine."), "error")

    def _changed(self, changes: Changes) -> None:
        subjects = {subject for subject, _key in changes}
        if subjects & TOP_SUBJECTS:
            self.run_worker(self.refresh_top(), group="top", exclusive=True)
        for screen in self.every_screen():
            if not isinstance(screen, DeskScreen) or screen.is_shown:
                screen.post_message(RecordsChanged(changes))
            elif subjects & screen.subjects:
                screen.request_reload()

    def _jumped(self, by: int) -> None:
        """The clock was set, or the machine slept: say so once, and show everything as it is now."""
        time = times.span(60 * round(abs(by) / 60))
        if by > 0:
            words = _("The clock jumped forward by {time}: it was set, or this machine slept.", time=time)
        else:
            words = _("The clock jumped back by {time}: check it; entries keep their order.", time=time)
        self.say(words, "warning")
        self.run_worker(self._show_minute(), group="top", exclusive=True)

    def _reopened(self, back: Reopened) -> None:
        """Another file stands where the desk was: say so, show what is in it, and ask who is here when it must be."""
        words = _("The desk's file was replaced while this console was open; this is the desk that stands there now.")
        if back.kept is not None:
            words = f"{words} {_('What was there is kept as {name}.', name=back.kept.name)}"
        self.say(words, "warning")
        self.run_worker(self._look_anew(back.who is None), exit_on_error=False)

    async def _look_anew(self, unknown: bool) -> None:
        if unknown:
            self.top = None
            await self._sign_in_first()
        else:
            await self.refresh_top()
        for screen in self.every_screen():
            if isinstance(screen, DeskScreen):
                screen.request_reload()

    def _wait_for_minute(self) -> None:
        self.set_timer(60 - clock.now() % 60 + 0.05, self._minute)

    async def _minute(self) -> None:
        self._wait_for_minute()
        await self._show_minute()

    async def _show_minute(self) -> None:
        await self.refresh_top()
        if self.shown:
            self.shown.update_frame()
            self.shown.on_minute()
        for screen in self.every_screen():
            if isinstance(screen, DeskScreen) and screen is not self.shown:
                screen.missed_minutes = True


def _collect_again() -> None:
    """Let the garbage collector run; what the start has made stays for good and is never looked through again."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()
