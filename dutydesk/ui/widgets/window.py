"""The loaded part of a long list: pages from a source, glued together by key, far rows dropped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

KeyOf = Callable[[Any], Hashable]


@dataclass(frozen=True)
class Page:
    """Rows in the order of the list, and whether there are more beyond them in the direction asked for."""

    rows: Sequence[Any]
    more: bool


@dataclass(frozen=True)
class Span:
    """Rows on both sides of a key, and whether there are more at either end."""

    rows: Sequence[Any]
    more_before: bool
    more_after: bool


class PageSource(Protocol):
    """Where a list reads its rows: by key, in both directions, a page at a time."""

    async def after(self, key: Hashable | None, limit: int) -> Page:
        """Return at most `limit` rows after `key`, or the first ones for None."""
        ...

    async def before(self, key: Hashable | None, limit: int) -> Page:
        """Return at most `limit` rows before `key`, or the last ones for None, in the order of the list."""
        ...

    async def around(self, key: Hashable, limit: int) -> Span:
        """Return at most `limit` rows before `key` and about as many from it on; the key itself may be gone."""
        ...


class Paged:
    """A source over one function that reads the database.

    `fetch(key, limit, back)` returns at most `limit` rows in the order of the list: after `key`, or before it
    when `back`; None stands for the start, or the end when `back`.
    """

    def __init__(
        self, fetch: Callable[[Any, int, bool], Awaitable[Sequence[Any]]], key: KeyOf = attrgetter("key")
    ) -> None:
        self._fetch = fetch
        self._key = key

    async def after(self, key: Hashable | None, limit: int) -> Page:
        """Return the next rows; one more than asked is read, to know whether there are more."""
        rows = await self._fetch(key, limit + 1, False)
        return Page(rows[:limit], len(rows) > limit)

    async def before(self, key: Hashable | None, limit: int) -> Page:
        """Return the rows before `key`, in the order of the list."""
        rows = await self._fetch(key, limit + 1, True)
        return Page(rows[-limit:], len(rows) > limit)

    async def around(self, key: Hashable, limit: int) -> Span:
        """Return the rows before `key`, then those that follow the last of them: `key` itself if it is still there."""
        before = await self.before(key, limit)
        after = await self.after(self._key(before.rows[-1]) if before.rows else None, limit)
        return Span([*before.rows, *after.rows], before.more, after.more)


class Listed:
    """A source over rows that are in memory already, such as the items of one round."""

    def __init__(self, rows: Sequence[Any], key: KeyOf = attrgetter("key")) -> None:
        self._rows = rows
        self._place = {key(row): place for place, row in enumerate(rows)}

    async def after(self, key: Hashable | None, limit: int) -> Page:
        """Return the next rows."""
        start = 0 if key is None else self._place.get(key, -1) + 1
        return Page(self._rows[start : start + limit], start + limit < len(self._rows))

    async def before(self, key: Hashable | None, limit: int) -> Page:
        """Return the rows before `key`."""
        end = len(self._rows) if key is None else self._place.get(key, 0)
        start = max(0, end - limit)
        return Page(self._rows[start:end], start > 0)

    async def around(self, key: Hashable, limit: int) -> Span:
        """Return the rows on both sides of `key`; all of them when it is gone, to find its neighbours."""
        place = self._place.get(key)
        if place is None:
            return Span(self._rows, False, False)
        start = max(0, place - limit)
        return Span(self._rows[start : place + limit], start > 0, place + limit < len(self._rows))


class Line(NamedTuple):
    """One line of the list: row `row` itself, or with `text` the section title above or the note below it."""

    row: int
    text: Any = None
    title: bool = False


class Window:
    """The rows that are loaded, as lines on a screen.

    `section(row)` groups rows under a title line where it changes; `note(row)` adds a line, or a list of
    lines, under a row.
    Titles and notes are lines but never selected.
    """

    def __init__(
        self, key: KeyOf, section: Callable[[Any], str] | None = None, note: Callable[[Any], Any] | None = None
    ) -> None:
        self.key = key
        self._section = section
        self._note = note
        self.rows: list[Any] = []
        self.more_before = False
        self.more_after = False
        self.lines: list[Line] = []
        self.line_of: list[int] = []
        self.place: dict[Hashable, int] = {}

    def replace(self, rows: Sequence[Any], more_before: bool, more_after: bool) -> None:
        """Hold these rows instead of what was there."""
        self.rows = list(rows)
        self.more_before, self.more_after = more_before, more_after
        self._lay_out()

    def extend(self, page: Page, *, back: bool, keep: int) -> None:
        """Add a page at one end and drop rows at the other beyond `keep`; rows known already are skipped."""
        fresh = [row for row in page.rows if self.key(row) not in self.place]
        if back:
            self.more_before = page.more
            self.rows = fresh + self.rows
            self.more_after = self.more_after or len(self.rows) > keep
            del self.rows[keep:]
        else:
            self.more_after = page.more
            self.rows = self.rows + fresh
            self.more_before = self.more_before or len(self.rows) > keep
            del self.rows[: max(0, len(self.rows) - keep)]
        self._lay_out()

    def put(self, row: Any) -> bool:
        """Show `row` in the place of the one with its key; return False when it is not loaded."""
        place = self.place.get(self.key(row))
        if place is None:
            return False
        self.rows[place] = row
        self._lay_out()
        return True

    def _lay_out(self) -> None:
        self.place = {self.key(row): place for place, row in enumerate(self.rows)}
        if self._section is None and self._note is None:
            self.lines = [Line(place) for place in range(len(self.rows))]
            self.line_of = list(range(len(self.rows)))
            return
        self.lines, self.line_of = [], []
        title = None
        for place, row in enumerate(self.rows):
            section = self._section(row) if self._section else None
            if section and section != title and (place or not self.more_before):
                self.lines.append(Line(place, section, True))
            title = section
            self.line_of.append(len(self.lines))
            self.lines.append(Line(place))
            note = self._note(row) if self._note else None
            for line in note if isinstance(note, list) else [note]:
                if line:
                    self.lines.append(Line(place, line))
