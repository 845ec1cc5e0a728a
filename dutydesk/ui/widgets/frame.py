"""The frame of every screen: top line, numbered screens, status line and footer, each one widget of one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual.geometry import Size
from textual.strip import Strip

from dutydesk.domain import clock
from dutydesk.domain.text import cut, width
from dutydesk.domain.words import Label
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.ui import marks
from dutydesk.ui.topstate import OnDuty, TopState
from dutydesk.ui.widgets.paint import LineWidget

__all__ = ["Footer", "FooterKey", "FrameLine", "Kind", "OnDuty", "ScreensLine", "StatusLine", "TopLine", "TopState"]

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.places import Place

Kind = Literal["plain", "done", "warning", "error"]
Part = tuple[str, str]
"""A piece of a line and its style."""

MUTED = "$text-muted"
SHORTEST = 4
"""Cells that the name of a screen keeps when all of them do not fit."""
WIDE = 100
"""Cells from which the top line also counts P1, P2 and overdue rounds in words."""


class FooterKey(NamedTuple):
    """A key of the footer as it is shown."""

    key: str
    title: str
    greyed: bool = False


def parts_width(parts: Iterable[Part]) -> int:
    """Return the cells that the parts take side by side."""
    return sum(width(text) for text, _style in parts)


def line(left: list[Part], right: list[Part], cells: int) -> list[Part]:
    """Return one line of `cells` cells: `left` cut at a character where it would meet `right`."""
    room = cells - parts_width(right)
    shown: list[Part] = []
    for text, style in left:
        space = room - parts_width(shown)
        if width(text) > space:
            shown.append((cut(text, max(0, space), mark=marks.CUT), style))
            break
        shown.append((text, style))
    gap = max(0, room - parts_width(shown))
    return [*shown, (" " * gap, ""), *right]


class FrameLine(LineWidget):
    """A line that draws itself again only when what it says has changed, and only what has changed of it."""

    DEFAULT_CSS = "FrameLine { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._said: object = None

    @property
    def desk_app(self) -> DeskApp:
        """Return the app as what it is."""
        return self.app  # type: ignore[return-value]

    def says(self) -> object:
        """Return all that the line depends on; compared before it is drawn again."""
        raise NotImplementedError

    def parts(self, cells: int) -> list[Part]:
        """Return the line in pieces, `cells` cells wide together."""
        raise NotImplementedError

    def update_line(self) -> None:
        """Draw the line again if it says something else now."""
        says = self.says()
        if says != self._said:
            self._said = says
            self.repaint()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Return the line, and nothing below it."""
        self._said = self.says()
        blank = Strip.blank(width, self.named())
        return [self.strip(self.parts(width), width), *[blank] * (height - 1)][:height]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take the whole width."""
        del viewport
        return container.width


class TopLine(FrameLine):
    """Desk, shift and its hours, time left, who is on and signed in, clock."""

    def says(self) -> object:
        """Return what the line depends on; the clock counts in minutes."""
        app = self.desk_app
        return app.top, clock.now() // 60, app.busy, app.desk.online, app.lang, app.who is None

    def parts(self, cells: int) -> list[Part]:
        """Return the desk and its shift at the left, the clock at the right."""
        app = self.desk_app
        now = clock.now()
        right: list[Part] = [(f" {times.hhmm(now)} ", "strong")]
        if not app.desk.online:
            right.insert(0, (f" {marks.LATE} {_('no connection')} ", "$error"))
        elif app.busy:
            right.insert(0, (f" {_('busy')}{marks.CUT} ", "$warning"))
        top = app.top
        name = (f" {pick(top.desk)}" if top else " Duty Desk", "strong")
        if top is None or app.who is None:
            return line([name], right, cells)
        return line([name, *self._shift(top, now, cells)], right, cells)

    def _shift(self, top: TopState, now: int, cells: int) -> list[Part]:
        if top.shift is None:
            return [("   ", ""), (_("No shift now"), "$warning")]
        hours = f"{pick(top.shift)} {times.hhmm(top.starts_at)}{marks.DASH}{times.hhmm(top.ends_at)}"
        left = top.ends_at - now
        parts: list[Part] = [("   ", ""), (hours, ""), ("   ", "")]
        if left > 0:
            style = "$warning" if left <= 3600 else MUTED
            parts.append((_("{time} left", time=times.duration(left)), style))
        else:
            parts.append((_("{time} over", time=times.duration(-left)), "$error"))
        parts.append(("  ", ""))
        parts.extend(self._people(top))
        if cells >= WIDE:
            parts.extend(self._counts(top))
        return parts

    def _people(self, top: TopState) -> Iterable[Part]:
        if not top.people:
            yield f"  {marks.LATE} {_('nobody planned')}", "$error"
        for person in top.people:
            if person.late:
                yield f"  {marks.LATE} {pick(person.name)} {_('{n} min', n=person.late)}", "$error"
                continue
            mark, style = (marks.ON, "") if person.signed_in else (marks.OFF, "$warning")
            yield f"  {mark} {pick(person.name)}", style

    def _counts(self, top: TopState) -> Iterable[Part]:
        if top.p1:
            yield f"    {marks.P1} P1 {top.p1}", "bold $error"
        if top.p2:
            yield f"   P2 {top.p2}", "$warning"
        if top.overdue_rounds:
            yield f"   {marks.LATE} {ngettext('{n} round late', '{n} rounds late', top.overdue_rounds)}", "$warning"


class ScreensLine(FrameLine):
    """The numbered screens, where you are, and a mark where something waits; at the right who acts here."""

    def says(self) -> object:
        """Return what the line depends on."""
        app = self.desk_app
        badges = tuple(self._badge(place) for place in app.places)
        return badges, app.who, app.lang, self._current()

    def _current(self) -> str:
        return getattr(self.screen, "place", "")

    def _badge(self, place: Place) -> Part | None:
        top = self.desk_app.top
        if top is None:
            return None
        if place.name == "rounds" and top.overdue_rounds:
            return f" {marks.LATE}{top.overdue_rounds}", "$warning"
        if place.name == "incidents" and top.p1 + top.p2:
            return f" {marks.P1}{top.p1 + top.p2}", "$error" if top.p1 else "$warning"
        if place.name == "handover" and top.handover_due:
            return f" {marks.LATE}", "$warning"
        if place.name == "roster" and top.notices:
            return f" {marks.ON}{top.notices}", "$accent"
        return None

    def parts(self, cells: int) -> list[Part]:
        """Return the screens, and the person where there is room."""
        left = self._places(cells, " ")
        if parts_width(left) > cells:
            left = self._places(cells, "")
        who = self.desk_app.who
        right: list[Part] = [(f" {pick(Label(who.name, who.name_en))} ", MUTED)] if who else []
        if parts_width(left) + parts_width(right) > cells:
            right = []
        return line(left, right, cells)

    def _places(self, cells: int, after: str) -> list[Part]:
        """Return the screens with `after` behind each; without it the longest names give way to what room there is."""
        places = self.desk_app.places
        titles = [_(place.title) for place in places]
        badges = [self._badge(place) for place in places]
        if not after:
            taken = sum(2 + width(place.key) for place in places)
            taken += parts_width(badge for badge in badges if badge)
            while taken + sum(map(width, titles)) > cells and max(map(width, titles)) > SHORTEST:
                longest = max(range(len(titles)), key=lambda at: width(titles[at]))
                titles[longest] = cut(titles[longest], width(titles[longest]) - 1, mark=marks.CUT)
        current = self._current()
        parts: list[Part] = []
        for place, title, badge in zip(places, titles, badges, strict=True):
            here = "bold $accent" if place.name == current else MUTED
            parts += [(" ", ""), (f"{place.key} {title}", here), *([badge] if badge else []), (after, "")]
        return parts


class StatusLine(FrameLine):
    """One line for what just happened, or why a key does nothing now; below it the screen's own hint."""

    STYLES: dict[str, str] = {"plain": "", "done": "$success", "warning": "$warning", "error": "bold $error"}

    def __init__(self) -> None:
        super().__init__()
        self._message: tuple[str, Kind] | None = None
        self._hint = ""

    @property
    def text(self) -> str:
        """Return what stands on the line."""
        return self._message[0] if self._message else self._hint

    def says(self) -> object:
        """Return what the line depends on."""
        return self._message, self._hint

    def show_message(self, text: str, kind: Kind = "plain") -> None:
        """Show a message in place of the hint until `clear`."""
        self._message = (text, kind)
        self.update_line()

    def show_hint(self, text: str) -> None:
        """Show `text`, muted, whenever there is no message."""
        self._hint = text
        self.update_line()

    def clear(self) -> None:
        """Forget the message."""
        self._message = None
        self.update_line()

    def parts(self, cells: int) -> list[Part]:
        """Return the message, else the hint."""
        text, kind = self._message or (self._hint, None)
        style = MUTED if kind is None else self.STYLES[kind]
        return line([(" ", ""), (text, style)], [], cells)


class Footer(FrameLine):
    """The keys that fit this moment; a greyed one says why when it is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[FooterKey, ...] = ()

    def says(self) -> object:
        """Return the keys that the screen wants to show now."""
        keys = getattr(self.screen, "footer_keys", None)
        self._keys = tuple(keys()) if keys else ()
        return self._keys

    def parts(self, cells: int) -> list[Part]:
        """Return the keys, each whole or not at all; the last one (help) always."""
        last = self._keys[-1:]
        shown: list[Part] = []
        for entry in self._keys[:-1]:
            parts = self._parts(entry)
            if parts_width(shown) + parts_width(parts) + sum(parts_width(self._parts(key)) for key in last) <= cells:
                shown.extend(parts)
        for entry in last:
            shown.extend(self._parts(entry))
        return line(shown, [], cells)

    @staticmethod
    def _parts(entry: FooterKey) -> list[Part]:
        muted = entry.greyed
        return [(f" {entry.key}", MUTED if muted else "bold $accent"), (f" {entry.title} ", MUTED if muted else "")]
