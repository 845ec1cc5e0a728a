"""Reading incidents: pages of a list of any length, counts, what is due.

Every query follows an index that holds the few open incidents only, or walks the long one from a key: a ten-year
desk is as quick as a new one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from peewee import JOIN, Tuple

from dutydesk.domain.incidents import Kind, Source, Status, View, acknowledge_by
from dutydesk.domain.priority import Priority
from dutydesk.domain.text import clean
from dutydesk.domain.words import Label
from dutydesk.services.core import Actor, reads
from dutydesk.services.incident_rules import acknowledge_limits
from dutydesk.storage import search
from dutydesk.storage.models.incidents import TO_CLOSE, UNRESOLVED, Incident
from dutydesk.storage.models.people import Person

Key = tuple[Any, ...]
"""The place of a row in its list: priority, opening and id, or opening and id."""

FOUND = 500
"""Most incidents that a search shows."""
SIMILAR = 5
_CANDIDATES = 40
_TERMS = 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident as lists show it; instants are epoch seconds.

    `acknowledge_by` is until when it must be acknowledged, None when it is. `key` is its place in the list asked for.
    """

    id: int
    number: str
    kind: Kind
    source: Source
    priority: Priority
    title: str
    status: Status
    opened_at: int
    entered_at: int
    acknowledged_at: int | None
    resolved_at: int | None
    closed_at: int | None
    follow_up_at: int | None
    report_due_at: int | None
    reported_at: int | None
    location: str
    next_step: str
    owner_id: int | None
    owner: Label | None
    version: int
    acknowledge_by: int | None = None
    key: Key = ()

    @property
    def ended_at(self) -> int | None:
        """When its running time ended; None while it runs."""
        return self.resolved_at if self.resolved_at is not None else self.closed_at


_COLUMNS = (
    Incident.id,
    Incident.number,
    Incident.kind,
    Incident.source,
    Incident.priority,
    Incident.title,
    Incident.status,
    Incident.opened_at,
    Incident.entered_at,
    Incident.acknowledged_at,
    Incident.resolved_at,
    Incident.closed_at,
    Incident.follow_up_at,
    Incident.report_due_at,
    Incident.reported_at,
    Incident.location,
    Incident.next_step,
    Incident.owner,
    Incident.version,
    Person.name,
    Person.name_en,
)


def _query() -> Any:
    return Incident.select(*_COLUMNS).join(Person, JOIN.LEFT_OUTER, on=(Incident.owner == Person.id))


def _lines(query: Any, *, by_time: bool = False) -> list[IncidentLine]:
    limits = acknowledge_limits()
    return [_line(row, limits, by_time) for row in list(query.tuples())]


def _line(row: tuple[Any, ...], limits: Any, by_time: bool) -> IncidentLine:
    key, number, kind, source, rank, title, status, opened_at, entered_at, *ends = row[:12]
    follow_up_at, report_due_at, reported_at, location, next_step, owner_id, version, name, name_en = row[12:]
    acknowledged_at, resolved_at, closed_at = ends
    priority = Priority(rank)
    waiting = resolved_at is None and closed_at is None
    return IncidentLine(
        id=key,
        number=number,
        kind=Kind(kind),
        source=Source(source),
        priority=priority,
        title=title,
        status=Status(status),
        opened_at=opened_at,
        entered_at=entered_at,
        acknowledged_at=acknowledged_at,
        resolved_at=resolved_at,
        closed_at=closed_at,
        follow_up_at=follow_up_at,
        report_due_at=report_due_at,
        reported_at=reported_at,
        location=location,
        next_step=next_step,
        owner_id=owner_id,
        owner=Label(name, name_en) if name is not None else None,
        version=version,
        acknowledge_by=acknowledge_by(priority, entered_at, acknowledged_at, limits) if waiting else None,
        key=(opened_at, key) if by_time else (rank, opened_at, key),
    )


# Pages of a list


def _where(view: View, who: Actor) -> Any:
    """Return which rows a view shows; None for all of them."""
    return {
        View.OPEN: UNRESOLVED,
        View.MINE: UNRESOLVED & (Incident.owner == who.person_id),
        View.URGENT: UNRESOLVED & (Incident.priority <= Priority.P2.value),
        View.REQUESTS: UNRESOLVED & (Incident.kind == Kind.REQUEST.value),
        View.SECURITY: UNRESOLVED & (Incident.kind == Kind.SECURITY.value),
        View.RESOLVED: TO_CLOSE,
        View.ALL: None,
    }[view]


@reads()
def page(
    who: Actor, view: View = View.OPEN, after: Key | None = None, limit: int = 200, *, back: bool = False
) -> list[IncidentLine]:
    """Return at most `limit` incidents of a view after the key of a row, or before it when `back`.

    What is open comes most urgent first and, within a priority, the longest waiting first; `ALL` comes newest first.
    Without a key the page is the first one, or the last when `back`; rows are always in the order of the list.
    """
    by_time = view is View.ALL
    place = (Incident.opened_at, Incident.id) if by_time else (Incident.priority, Incident.opened_at, Incident.id)
    query, where = _query(), _where(view, who)
    if where is not None:
        query = query.where(where)
    falling = by_time != back
    if after is not None:
        here, there = Tuple(*place), Tuple(*after)
        query = query.where(here < there if falling else here > there)
    query = query.order_by(*(column.desc() if falling else column for column in place)).limit(limit)
    rows = _lines(query, by_time=by_time)
    return rows[::-1] if back else rows


@reads()
def find(who: Actor, text: str, limit: int = FOUND) -> list[IncidentLine]:  # noqa: ARG001
    """Return the newest incidents whose number, title, details, solution or notes hold every word of `text`."""
    ids = search.find(clean(text), "incident", limit=limit)
    found = {line.id: line for line in _lines(_query().where(Incident.id.in_(ids)), by_time=True)} if ids else {}
    return [found[key] for key in ids if key in found]


@reads()
def counts_by_view(who: Actor) -> dict[View, int]:
    """Return how many incidents each view shows; `ALL` is left out, nobody needs that number at once."""
    return {view: Incident.select().where(_where(view, who)).count() for view in View if view is not View.ALL}


# What is open and due


@reads()
def open_lines(who: Actor, limit: int = 50) -> list[IncidentLine]:
    """Return what is open, most urgent first."""
    return page(who, View.OPEN, None, limit)


# What happened before


@dataclass(frozen=True)
class Similar:
    """An earlier incident with its solution."""

    id: int
    number: str
    title: str
    solution: str
    opened_at: int


@reads()
def similar(who: Actor, text: str, *, but: int | None = None) -> list[Similar]:  # noqa: ARG001
    """Return up to five solved incidents that are like `text`, best first; `but` leaves one out.

    Source: REQUIREMENTS A14.
    """
    terms = search_terms(text)
    if not terms:
        return []
    ids: dict[int, None] = {}
    for queries in ([" ".join(terms)], [f"{a} {b}" for a, b in pairwise(terms)], terms):
        if len(ids) < _CANDIDATES:
            for query in queries:
                ids.update(dict.fromkeys(search.find(query, "incident", limit=_CANDIDATES)))
    ids.pop(but or 0, None)
    rows = list(
        Incident.select(Incident.id, Incident.number, Incident.title, Incident.solution, Incident.opened_at)
        .where(Incident.id.in_(list(ids)) & (Incident.solution != "") & Incident.resolved_at.is_null(False))
        .tuples()
    )
    return _best([Similar(*row) for row in rows], terms)


def search_terms(text: str) -> list[str]:
    """Return what a title is compared by: words of two letters and more, and pairs of Chinese characters."""
    terms: dict[str, None] = {}
    before = ""
    for piece in search.spaced(clean(text).casefold()).split():
        if not _is_han(piece):
            terms.update(dict.fromkeys(word for word in _WORD.findall(piece) if len(word) > 1))
        elif before:
            terms[before + piece] = None
        before = piece if _is_han(piece) else ""
    return list(terms)[:_TERMS]


def _is_han(piece: str) -> bool:
    return len(piece) == 1 and search.spaced(piece) != piece


def _best(rows: Sequence[Similar], terms: Sequence[str]) -> list[Similar]:
    """Return the rows that share most with the terms; a term that fewer rows hold weighs more."""
    texts = {row.id: f"{row.title} {row.solution}".casefold() for row in rows}
    weight = {term: 1 / (1 + sum(term in text for text in texts.values())) for term in terms}
    least = min(2, len(terms))

    def score(row: Similar) -> tuple[float, int]:
        title, text = row.title.casefold(), texts[row.id]
        return sum(weight[term] * (2 if term in title else 1) for term in terms if term in text), row.opened_at

    near = [row for row in rows if sum(term in texts[row.id] for term in terms) >= least]
    return sorted(near, key=score, reverse=True)[:SIMILAR]
