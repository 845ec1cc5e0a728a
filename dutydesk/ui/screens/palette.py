"""Go to anything by name: screens, the commands of this screen, and what the subjects can find (incidents …).

A subject joins in by naming an `async def find(app, words) -> list[Found]` in `PROVIDERS`; it is imported when the
palette is first opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from dutydesk.domain.errors import DeskError
from dutydesk.domain.text import cut, width
from dutydesk.locale import _
from dutydesk.ui import marks
from dutydesk.ui.commands import shown_key
from dutydesk.ui.forms.asking import Asking

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.base import DeskScreen

PROVIDERS: list[str] = [
    "dutydesk.ui.actions.incident_find:find",
    "dutydesk.ui.actions.measures:find",
    "dutydesk.ui.actions.leave:find",
    "dutydesk.ui.actions.allowance:find",
]
"""`module:function` of the subjects that find records."""
ROWS = 12
SEARCH_SECONDS = 0.15


@dataclass(frozen=True)
class Found:
    """Something one can go to: what it is called, what stands beside it (a key), and what going there does."""

    title: str
    hint: str
    go: Callable[[], Any]
    opens: bool = False
    also: str = ""
    reason: str = ""


Finder = Callable[["DeskApp", str], Awaitable[list[Found]]]


def finders() -> list[Finder]:
    """Import and return what the subjects search with."""
    found: list[Finder] = []
    for name in PROVIDERS:
        module, _colon, function = name.partition(":")
        found.append(getattr(import_module(module), function))
    return found


def near(app: DeskApp, screen: DeskScreen | None) -> list[Found]:
    """Return the screens and commands that can be reached from here."""
    found: list[Found] = []
    for command in app.anywhere:
        if command.id.startswith("go."):
            go = partial(app.run_command, command, screen)
            found.append(Found(_(command.title), shown_key(command.keys[0]), go, also=command.title))
    for command in screen.all_commands if screen else ():
        if command.hidden or command.id == "desk.palette" or screen is None:
            continue
        words = _named(screen.title_of(command), _(command.help) if command.help else "")
        reason = screen.why_not(command) or ""
        go = partial(app.run_command, command, screen)
        found.append(Found(words, screen.key_of(command), go, also=f"{command.title} {command.help}", reason=reason))
    return found


def _named(title: str, told: str) -> str:
    """Return the name of a command with what it does, once each."""
    if not told or told.casefold().startswith(title.casefold()):
        return told or title
    return _("{name}: {value}", name=title, value=told)


def matching(found: Iterable[Found], words: str) -> list[Found]:
    """Return what holds every word, in the language spoken or in English; those that begin with it first."""
    asked = words.casefold().split()
    if not asked:
        return list(found)

    def rank(each: Found) -> int | None:
        """Return 0 for a title that begins with the words, 1 for one that holds them, None for neither."""
        title, text = each.title.casefold(), f"{each.title} {each.also}".casefold()
        if not all(word in text for word in asked):
            return None
        return 0 if title.startswith(asked[0]) else 1

    ranked = [(place, each) for each in found if (place := rank(each)) is not None]
    return [each for _place, each in sorted(ranked, key=lambda pair: pair[0])]


class FoundList(Widget):
    """The lines below the question, with one marked."""

    DEFAULT_CSS = f"FoundList {{ height: {ROWS}; padding: 0 1; margin: 1 0 0 0; }}"

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self.at = 0

    def put(self, found: list[Found]) -> None:
        """Show other findings, the first one marked."""
        self.found, self.at = found, 0
        self.refresh()

    def move(self, by: int) -> None:
        """Move the mark."""
        self.at = min(max(0, self.at + by), max(0, len(self.found) - 1))
        self.refresh()

    @property
    def marked(self) -> Found | None:
        """Return the finding under the mark."""
        return self.found[self.at] if self.found else None

    def render(self) -> Content:
        """Draw the rows around the mark."""
        if not self.found:
            return Content.assemble((_("Nothing of that name."), "$text-muted"))
        cells = self.content_size.width
        first = max(0, min(self.at - ROWS // 2, len(self.found) - ROWS))
        parts: list[tuple[str, str]] = []
        for place, each in enumerate(self.found[first : first + ROWS], first):
            here = place == self.at
            title = cut(each.title, max(0, cells - 3 - width(each.hint)), mark=marks.CUT)
            hint = cut(each.reason, max(0, cells - 3 - width(title)), mark=marks.CUT) or each.hint
            gap = " " * max(1, cells - 2 - width(title) - width(hint))
            style = "$text-muted" if each.reason else "bold $accent" if here else ""
            parts.append((f"{marks.CURSOR if here else ' '} {title}", style))
            parts.append((f"{gap}{hint}\n", "$text-muted"))
        return Content.assemble(*parts)


class PaletteScreen(Asking[Found]):
    """One question, and what answers to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("up,shift+tab", "move(-1)", show=False),
        Binding("down,tab", "move(1)", show=False),
        Binding("pageup", f"move({-ROWS})", show=False),
        Binding("pagedown", f"move({ROWS})", show=False),
    ]

    def __init__(self, behind: DeskScreen | None) -> None:
        super().__init__()
        self.behind = behind
        self._near: list[Found] = []
        self._searching: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        """Draw the question above the findings."""
        with Vertical(id="ask-panel"):
            question = Input(classes="control")
            question.cursor_blink = False
            yield question
            yield FoundList()

    def on_mount(self) -> None:
        """Show everything near."""
        self.relabel()
        self.query_one(Input).focus()

    def relabel(self) -> None:
        """Say everything in the language spoken."""
        self.query_one("#ask-panel").border_title = Content(f" {_('Go to')} ")
        self._near = near(self.app, self.behind)
        self._show(self.query_one(Input).value)

    @on(Input.Changed)
    def _asked(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _taken(self) -> None:
        marked = self.query_one(FoundList).marked
        if marked is not None:
            self.finish(marked)

    def _show(self, words: str) -> None:
        self.query_one(FoundList).put(matching(self._near, words))
        if self._searching:
            self._searching.cancel()
        self._searching = asyncio.create_task(self._search(words)) if words.strip() and PROVIDERS else None

    async def _search(self, words: str) -> None:
        await asyncio.sleep(SEARCH_SECONDS)
        found: list[Found] = []
        try:
            for finder in finders():
                found.extend(await finder(self.app, words))
        except DeskError as error:
            self.app.refuse(error)
        except Exception as error:
            self.app.unexpected(error)
        if self.is_attached and self.query_one(Input).value == words and found:
            shown = self.query_one(FoundList)
            shown.found = [*shown.found, *found]
            shown.refresh()

    def action_move(self, by: int) -> None:
        """Move the mark."""
        self.query_one(FoundList).move(by)

    def action_leave(self) -> None:
        """Close."""
        self.finish(None)


async def open_palette(app: DeskApp) -> None:
    """Ask where to go, and go there."""
    found = await app.ask_screen(PaletteScreen(app.shown))
    if found is not None:
        app.do(found.go, opens=found.opens)
