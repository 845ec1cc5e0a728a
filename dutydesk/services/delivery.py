"""Notices on their way out: each is told once at most through each channel, whoever else delivers, whatever breaks.

A deliverer claims a waiting delivery (compare-and-set, with a lease), says that it sends now, sends, and says how that
ended. A claim that was never begun goes to somebody else when its lease is over; one that was begun is never sent
again, because it may have arrived. Every try is in the chain: who was told, when, how. Source: REQUIREMENTS A9, C9.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from dutydesk.domain import clock
from dutydesk.domain.channels import LEASE, TOO_OLD, Address, Outcome, Status, Trouble, next_step
from dutydesk.domain.errors import NotFound, Refused
from dutydesk.domain.log import Said
from dutydesk.domain.words import N_, Label
from dutydesk.services import settings
from dutydesk.services.core import SUPERVISORS, Actor, reads, record, writes
from dutydesk.storage.models.delivery import Channel, Delivery
from dutydesk.storage.models.people import Person, Preference
from dutydesk.storage.models.roster import Notice

ENDED_BADLY = (Status.FAILED, Status.UNSURE)
LIMIT = 200


@dataclass(frozen=True)
class Job:
    """A delivery that is claimed: whom to tell what, in which language, where. The address is a secret."""

    id: int
    channel_id: int
    login: str
    lang: str
    said: Said
    at: int
    address: Address


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery as a list shows it; `next_at` is when a waiting one is tried, `ended_at` when it ended."""

    id: int
    at: int
    login: str
    name: Label
    kind: str
    status: Status
    trouble: Trouble
    tries: int
    next_at: int | None
    ended_at: int | None
    said: Said


# Deliver


@writes(SUPERVISORS)
def prepare(who: Actor) -> int:
    """Line up what people have not seen and clear up what other deliverers left; returns how many are due."""
    now = clock.now()
    _take_over(who, now)
    _line_up(now)
    _give_up(who, now)
    return Delivery.select().where(_due(now)).count()


def _due(now: int) -> Any:
    return (Delivery.status == Status.WAITING.value) & (Delivery.until_at <= now)


def _take_over(who: Actor, now: int) -> None:
    """End the leases that are over."""
    over = Delivery.until_at < now
    claimed = Delivery.status == Status.CLAIMED.value
    Delivery.update(status=Status.WAITING.value, claim="").where(claimed & over).execute()
    for row in list(Delivery.select().where((Delivery.status == Status.SENDING.value) & over)):
        _end(who, row, Outcome(Trouble.CRASHED), now)


def _line_up(now: int) -> None:
    """Add a delivery for each unseen notice and channel; a channel tells nothing older than itself."""
    fresh = Channel.removed_at.is_null() & Notice.seen_at.is_null()
    fresh &= (Notice.at >= Channel.made_at) & (Notice.at >= now - TOO_OLD) & Delivery.id.is_null()
    pairs = (
        Notice.select(Notice.id, Channel.id)
        .join(Channel, on=Notice.person == Channel.person)
        .switch(Notice)
        .join(Delivery, JOIN.LEFT_OUTER, on=(Delivery.notice == Notice.id) & (Delivery.channel == Channel.id))
        .where(fresh)
        .order_by(Notice.id, Channel.id)
    )
    for notice, channel in list(pairs.tuples()):
        new = {"notice": notice, "channel": channel, "status": Status.WAITING.value, "until_at": now}
        Delivery.insert(**new).on_conflict_ignore().execute()


def _give_up(who: Actor, now: int) -> None:
    """End what was seen in the console meanwhile, whose channel is gone, and what waited too long."""
    waiting = Delivery.status == Status.WAITING.value
    seen = Notice.select(Notice.id).where(Notice.seen_at.is_null(False))
    Delivery.update(status=Status.SEEN.value, ended_at=now).where(waiting & (Delivery.notice << seen)).execute()
    gone = Channel.select(Channel.id).where(Channel.removed_at.is_null(False))
    removed = {"status": Status.FAILED.value, "trouble": Trouble.REMOVED.value, "ended_at": now}
    Delivery.update(**removed).where(waiting & (Delivery.channel << gone)).execute()
    old = Notice.select(Notice.id).where(Notice.at < now - TOO_OLD)
    for row in list(Delivery.select().where(waiting & (Delivery.notice << old))):
        _end(who, row, Outcome(Trouble.OLD), now, status=Status.FAILED)


@writes(SUPERVISORS)
def claim(who: Actor, deliverer: str, without: Collection[int] = ()) -> Job | None:  # noqa: ARG001
    """Take the oldest delivery that is due, but none through the channels `without`; None when there is none.

    `deliverer` is a name that no other deliverer has.
    """
    now = clock.now()
    wanted = _due(now) & (Delivery.channel.not_in(list(without)) if without else (Delivery.id > 0))
    while True:
        rows = list(Delivery.select(Delivery.id).where(wanted).order_by(Delivery.id).limit(1).tuples())
        if not rows:
            return None
        mine = {"status": Status.CLAIMED.value, "claim": deliverer, "until_at": now + LEASE}
        if Delivery.update(**mine).where((Delivery.id == rows[0][0]) & _due(now)).execute():
            return _job(rows[0][0])


def _job(delivery_id: int) -> Job:
    row: Any = Delivery.get_by_id(delivery_id)
    notice, channel = row.notice, row.channel
    liked = Preference.select(Preference.value).where(
        (Preference.person == notice.person_id) & (Preference.key == "lang")
    )
    return Job(
        row.id,
        channel.id,
        notice.person.login,
        liked.scalar() or settings.all_settings()["lang"],
        Said(notice.message, json.loads(notice.message_values)),
        notice.at,
        Address(channel.kind, channel.address),
    )


@writes(SUPERVISORS)
def begin(who: Actor, job: Job, deliverer: str) -> bool:  # noqa: ARG001
    """Say that a claimed delivery is sent now; False when the claim is somebody else's by now, or the channel is gone.

    From here on it is never sent again unless it certainly did not arrive.
    """
    now = clock.now()
    mine = (Delivery.id == job.id) & (Delivery.claim == deliverer) & (Delivery.status == Status.CLAIMED.value)
    there = Channel.select(Channel.id).where(Channel.removed_at.is_null())
    sending = {"status": Status.SENDING.value, "tries": Delivery.tries + 1, "until_at": now + LEASE}
    return bool(Delivery.update(**sending).where(mine & (Delivery.channel << there)).execute())


@writes(SUPERVISORS)
def finish(who: Actor, job: Job, deliverer: str, outcome: Outcome) -> Status:
    """Keep how a try ended and record it; returns where the delivery stands."""
    row: Any = Delivery.get_by_id(job.id)
    if row.claim != deliverer or row.status not in (Status.SENDING.value, Status.UNSURE.value):
        return Status(row.status)
    return _end(who, row, outcome, clock.now())


def _end(who: Actor, row: Any, outcome: Outcome, now: int, *, status: Status | None = None) -> Status:
    """Move a delivery on after a try, or as `status` says, and record who was told, how, and with what result."""
    following, due = (status, None) if status else next_step(outcome, row.tries, now)
    changed: dict[str, Any] = {"status": following.value, "trouble": outcome.trouble.value}
    changed["until_at"] = due if due is not None else now
    changed["ended_at"] = None if due is not None else now
    as_read = (Delivery.id == row.id) & (Delivery.status == row.status) & (Delivery.claim == row.claim)
    if not Delivery.update(**changed).where(as_read).execute():
        return Status(Delivery.get_by_id(row.id).status)  # another deliverer ended it at this very moment
    told = {"person": row.notice.person.login, "notice": row.notice_id, "how": row.channel.kind}
    ended = {"result": following.value, "trouble": outcome.trouble.value, "tries": row.tries}
    record(who, "delivery.tried", subject_id=row.id, values=told | ended)
    return following


# Look after it


@reads()
def deliveries(who: Actor, *, troubled: bool = False) -> list[DeliveryLine]:
    """Return the newest deliveries: one's own, a supervisor everybody's.

    With `troubled` only those that gave trouble.
    """
    query = Delivery.select(Delivery, Notice, Channel, Person).join(Notice).join(Person).switch(Delivery).join(Channel)
    if who.role not in SUPERVISORS:
        query = query.where(Notice.person == who.person_id)
    if troubled:
        query = query.where((Delivery.trouble != "") & (Delivery.status != Status.SENT.value))
    return list(_lines(query.order_by(Delivery.id.desc()).limit(LIMIT)))


def _lines(query: Any) -> Iterator[DeliveryLine]:
    for row in query:
        status, notice = Status(row.status), row.notice
        yield DeliveryLine(
            id=row.id,
            at=notice.at,
            login=notice.person.login,
            name=Label(notice.person.name, notice.person.name_en),
            kind=row.channel.kind,
            status=status,
            trouble=Trouble(row.trouble),
            tries=row.tries,
            next_at=row.until_at if status is Status.WAITING else None,
            ended_at=row.ended_at,
            said=Said(notice.message, json.loads(notice.message_values)),
        )


@writes(SUPERVISORS)
def again(who: Actor, delivery_id: int) -> None:
    """Let a delivery that failed, or of which nobody knows, be tried anew: the supervisor's decision."""
    row = Delivery.get_or_none(Delivery.id == delivery_id)
    if row is None:
        raise NotFound(N_("There is no delivery {number}."), number=delivery_id)
    ended = Delivery.status << [status.value for status in ENDED_BADLY]
    there = Channel.select(Channel.id).where(Channel.removed_at.is_null())
    new = {"status": Status.WAITING.value, "tries": 0, "until_at": clock.now(), "ended_at": None, "claim": ""}
    if not Delivery.update(**new).where((Delivery.id == row.id) & ended & (Delivery.channel << there)).execute():
        raise Refused(N_("Delivery {number} is not one that failed."), number=delivery_id)
    record(who, "delivery.again", subject_id=row.id, values={"was": row.status})
