"""Why a slot is as it is: the rotation and its turn, the change above it, who approved, who has signed in.

Source: DOMAIN 2.12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from peewee import JOIN

from dutydesk.domain.log import Said, moment_value, plain
from dutydesk.domain.overlay import ChangeKind, ChangeSource
from dutydesk.domain.planned import Flag, Reason
from dutydesk.domain.shift import Facts
from dutydesk.domain.words import N_, Label
from dutydesk.services.core import get
from dutydesk.services.roster_views import ChangeLine, WhyLine
from dutydesk.services.shift_views import AssignedView, facts, views
from dutydesk.storage.models.leave import Leave, Swap
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import RosterChange, RosterVersion
from dutydesk.storage.models.shift import DutyShift

_MADE = {
    ChangeSource.HAND: N_("Change {change} made by {name}, {at}."),
    ChangeSource.LEAVE: N_("Change {change} of leave {number}, approved by {name}, {at}."),
    ChangeSource.SWAP: N_("Change {change} of swap {number}, approved by {name}, {at}."),
}
_AGREED = N_("Change {change} of swap {number}, agreed by both, {at}.")


def why(shift_id: int) -> list[WhyLine]:
    """Return why each place of a stored slot is as it is."""
    shift = get(DutyShift, shift_id, N_("Shift"))
    known, labels = facts(), names()
    published = _published(shift)
    return [_line(place, known, labels, published) for place in views([shift], known)[0].assigned]


def names() -> dict[str, Label]:
    """Return everybody's name by login."""
    rows = Person.select(Person.login, Person.name, Person.name_en).tuples()
    return {login: Label(name, name_en) for login, name, name_en in rows}


def _line(place: AssignedView, known: Facts, names: Mapping[str, Label], published: Said | None) -> WhyLine:
    data = json.loads(place.why)
    said = sentences(place.why, place.flag, known, names)
    change_id = data.get("change")
    if change_id is not None:
        said += made_by(int(change_id))
    if published is not None:
        said.append(published)
    if place.signed_at is not None:
        said.append(Said(N_("Signed in {at}."), {"at": moment_value(place.signed_at)}))
    rule = known.rules.get(data.get("rule", ""), Label(str(data.get("rule", ""))))
    turn = int(data.get("turn", 0))
    return WhyLine(place.person_id, place.label, place.post, rule, turn, tuple(said), change_id)


def sentences(why_text: str, flag: str, known: Facts, names: Mapping[str, Label]) -> list[Said]:
    """Return the sentences of a stored explanation; of an empty place the reason. Logins and posts read as names."""
    data = json.loads(why_text)
    if "reason" in data:
        return [_empty(data, names)]
    if "extra" in flag.split():
        return [Said(N_("Signed in without being planned."))]
    said = [Said(str(message), _values(values, known, names)) for message, values in data.get("notes", ())]
    if not said and data.get("turn"):
        said.append(Said(N_("Turn {turn}."), {"turn": data["turn"]}))
    return said


def _empty(data: Mapping[str, Any], names: Mapping[str, Label]) -> Said:
    reason = Reason(data["reason"]) if data["reason"] in set(Reason) else Reason.NOBODY
    login = data.get("login", "")
    if login:
        values = {"name": names.get(login, Label(login, login)), "reason": reason}
        return Said(N_("Nobody is on: it is the turn of {name}, {reason}."), plain(values))
    return Said(N_("Nobody is on: {reason}."), plain({"reason": reason}))


def _values(values: Mapping[str, Any], known: Facts, names: Mapping[str, Label]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in values.items():
        if name == "reason" or not isinstance(value, str):
            told[name] = value
        elif value in names:
            told[name] = names[value]
        elif value in known.posts:
            told[name] = known.posts[value]
        elif value in known.rules:
            told[name] = known.rules[value]
        else:
            told[name] = {"word": value}
    return plain(told)


def made_by(change_id: int) -> list[Said]:
    """Return who made a change, when and why; of leave and swap who approved it."""
    rows = list(
        RosterChange.select(RosterChange, Person)
        .join(Person, JOIN.LEFT_OUTER, on=(RosterChange.made_by == Person.id))
        .where(RosterChange.id == change_id)
    )
    if not rows:
        return []
    row, source = rows[0], ChangeSource(rows[0].source)
    name = Label(row.made_by.name, row.made_by.name_en) if row.made_by_id else Label("—", "—")
    values: dict[str, object] = {"change": row.id, "name": name, "at": moment_value(row.made_at)}
    message = _MADE[source]
    if source is ChangeSource.HAND:
        return [Said(message, plain(values))]
    table: Any = Leave if source is ChangeSource.LEAVE else Swap
    found = table.get_or_none(table.id == row.source_id)
    if found is None:
        return []
    if found.decided_by_id is None:
        message = _AGREED if source is ChangeSource.SWAP else message
    else:
        values["name"] = Label(found.decided_by.name, found.decided_by.name_en)
    values["at"] = moment_value(found.decided_at or row.made_at)
    values["number"] = found.number
    return [Said(message, plain({key: value for key, value in values.items() if f"{{{key}}}" in message}))]


def _published(shift: DutyShift) -> Said | None:
    """Return by which publication the shift stands; None while nobody has published its day."""
    holds = (RosterVersion.from_day <= shift.day) & (RosterVersion.to_day >= shift.day)
    rows = list(
        RosterVersion.select(RosterVersion.number, RosterVersion.published_at, Person.name, Person.name_en)
        .join(Person, JOIN.LEFT_OUTER)
        .where(holds)
        .order_by(RosterVersion.number.desc())
        .limit(1)
        .tuples()
    )
    if not rows:
        return None
    number, at, name, name_en = rows[0]
    values = {"number": number, "name": Label(name or "—", name_en or ""), "at": moment_value(at)}
    return Said(N_("Published by {name}, {at}, version {number}."), plain(values))


def change_lines(first: date, last: date, *, withdrawn: bool = False) -> list[ChangeLine]:
    """Return the changes of some days as lists show them, in order of days."""
    query = RosterChange.select().where(RosterChange.day.between(first.isoformat(), last.isoformat()))
    if not withdrawn:
        query = query.where(RosterChange.withdrawn_at.is_null())
    rows = list(query.order_by(RosterChange.day, RosterChange.id))
    labels = {row[0]: Label(row[1], row[2]) for row in Person.select(Person.id, Person.name, Person.name_en).tuples()}
    return [
        ChangeLine(
            row.id,
            date.fromisoformat(row.day),
            row.shift_kind,
            ChangeKind(row.kind),
            labels.get(row.person_out_id),
            labels.get(row.person_in_id),
            row.post,
            row.from_at,
            row.to_at,
            ChangeSource(row.source),
            row.source_id,
            row.reason,
            labels.get(row.made_by_id),
            row.made_at,
            labels.get(row.withdrawn_by_id),
            row.withdrawn_at,
        )
        for row in rows
    ]


def flag_words(flags: tuple[str, ...]) -> list[Said]:
    """Return what flags of a place mean, as words of the catalogue."""
    known = {flag.value: flag.label for flag in Flag} | {"gone": N_("not at the desk"), "extra": N_("extra")}
    return [Said(known.get(flag, flag)) for flag in flags]
