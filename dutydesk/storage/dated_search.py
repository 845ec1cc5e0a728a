"""Full-text search that answers in the order of time, a page at a time, however many records match.

Each record is indexed with the spans of days that it lies in, coarse to fine, and with marks such as its kind. A
walk asks for one span after another and goes finer only where too much matches, so that no page sorts them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dutydesk.storage import search

DAY = 86_400
SPANS = (512, 32, 2)
"""Days in a span, coarse to fine; each divides the one before it."""
FEW = 300
"""Matches in one span that are read and sorted at once."""

_SPAN, _MARK = "\ue000", "\ue001"
"""Private-use letters: part of a token for the index, never part of what people search for."""


def _span(subject: str, level: int, number: int) -> str:
    return f"{_SPAN}{subject}{level}x{number}"


def _mark(subject: str, mark: str) -> str:
    return f"{_MARK}{subject}{mark}"


def index(subject: str, subject_id: int, text: str, *, at: int, marks: Iterable[str] = ()) -> None:
    """Make `text` searchable as something that happened at the instant `at`; `marks` are letters and digits only."""
    search.index(subject, subject_id, dated(subject, text, at=at, marks=marks))


def dated(subject: str, text: str, *, at: int, marks: Iterable[str] = ()) -> str:
    """Return `text` with the spans of days and the marks that it is found by."""
    spans = [_span(subject, level, at // DAY // days) for level, days in enumerate(SPANS)]
    return " ".join([text, *spans, *(_mark(subject, mark) for mark in marks)])


def drop(subject: str, subject_id: int) -> None:
    """Let a record be found no more."""
    search.index(subject, subject_id, "")


def walk(
    query: str, subject: str, *, first: int, last: int, newest_first: bool = True, marks: Iterable[str] = ()
) -> Iterator[list[int]]:
    """Yield the ids of the records between the instants `first` and `last` that match, one span of time after another.

    The spans come in the order of time (newest first by default); inside one the ids are in no order. A span may hold
    records a little outside the bounds. A query without a letter or digit finds nothing.
    """
    phrase = search.phrase(query)
    if not phrase or last < first:
        return
    match = " ".join([phrase, *(f'"{_mark(subject, mark)}"' for mark in marks)])
    days = (first // DAY, last // DAY)
    for number in _ordered(days[0] // SPANS[0], days[1] // SPANS[0], newest_first):
        yield from _descend(match, subject, 0, number, days, newest_first)


def _ordered(low: int, high: int, newest_first: bool) -> range:
    return range(high, low - 1, -1) if newest_first else range(low, high + 1)


def _descend(
    match: str, subject: str, level: int, number: int, days: tuple[int, int], newest_first: bool
) -> Iterator[list[int]]:
    finest = level == len(SPANS) - 1
    ids = _ids(f'{match} "{_span(subject, level, number)}"', None if finest else FEW + 1)
    if finest or len(ids) <= FEW:
        if ids:
            yield ids
        return
    size, finer = SPANS[level], SPANS[level + 1]
    low = max(days[0], number * size) // finer
    high = min(days[1], number * size + size - 1) // finer
    for child in _ordered(low, high, newest_first):
        yield from _descend(match, subject, level + 1, child, days, newest_first)


def _ids(match: str, limit: int | None) -> list[int]:
    sql = "select d.subject_id from search_text t join search_doc d on d.id = t.rowid where MATCH"
    if limit is None:
        return search.matching(sql, match)
    return search.matching(f"{sql} limit ?", match, limit)
