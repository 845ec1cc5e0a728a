"""The addresses at which people are told outside the console. They are secrets: nothing here gives one back.

Source: REQUIREMENTS A9, C9.
"""

from __future__ import annotations

from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain.channels import Address, Status, Trouble, read_address
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.people import Role
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_
from dutydesk.services.core import ANYONE, Actor, reads, record, writes
from dutydesk.storage.models.delivery import Channel, Delivery
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.roster import Notice

MOST = 5
"""Channels of one person at most."""
_TEST = N_("This is a test: you are told here what concerns you.")


@dataclass(frozen=True)
class ChannelView:
    """A channel as it may be shown: without its address."""

    kind: str
    made_at: int


@reads()
def of(who: Actor, login: str) -> list[ChannelView]:
    """Return somebody's channels: his own, or as supervisor anybody's."""
    person = _person(who, login)
    rows = Channel.select(Channel.kind, Channel.made_at).where(_open(person.id)).order_by(Channel.id)
    return [ChannelView(kind, made_at) for kind, made_at in rows.tuples()]


@writes(ANYONE)
def set_addresses(who: Actor, login: str, addresses: tuple[str, ...]) -> list[ChannelView]:
    """Set where somebody is told: one's own channels, or as supervisor anybody's; none with no address.

    A channel that stays keeps what waits for it; of one that goes, the address is wiped. The chain keeps who set
    which kinds, never an address.
    """
    person = _person(who, login)
    wanted = list(dict.fromkeys(read_address(text) for text in addresses))
    if len(wanted) > MOST:
        raise Invalid(N_("One person has {most} channels at most."), field="address", most=MOST)
    there = {row.address: row for row in Channel.select().where(_open(person.id))}
    now = clock.now()
    for text, row in there.items():
        if text not in {address.text for address in wanted}:
            _take_away(row.id, now)
    for address in wanted:
        if address.text not in there:
            _add(person.id, address, now)
    kinds = [address.kind for address in wanted]
    record(who, "channel.set", subject_id=person.id, values={"login": person.login, "kinds": kinds})
    return of(who, login)


def _add(person_id: int, address: Address, now: int) -> None:
    Channel.create(person=person_id, kind=address.kind, address=address.text, made_at=now)


def _take_away(channel_id: int, now: int) -> None:
    Channel.update(removed_at=now, address="").where(Channel.id == channel_id).execute()
    waiting = (Delivery.channel == channel_id) & (Delivery.status == Status.WAITING.value)
    ended = {"status": Status.FAILED.value, "trouble": Trouble.REMOVED.value, "ended_at": now}
    Delivery.update(**ended).where(waiting).execute()


@writes(ANYONE)
def test(who: Actor, login: str) -> int:
    """Tell somebody that this is a test, so that his channels are tried; returns how many he has."""
    person = _person(who, login)
    count: int = Channel.select().where(_open(person.id)).count()
    if not count:
        raise NotFound(N_("{login} has no channel; `dutydesk people channel {login} ADDRESS` sets one."), login=login)
    Notice.create(person=person.id, at=clock.now(), message=_TEST, message_values="{}")
    record(who, "channel.test", subject_id=person.id, values={"login": person.login})
    return count


def _open(person_id: int) -> object:
    return (Channel.person == person_id) & Channel.removed_at.is_null()


def _person(who: Actor, login: str) -> Person:
    row = Person.get_or_none(Person.login == clean(login))
    if row is None:
        raise NotFound(N_("Nobody has the login {login}."), login=clean(login), field="login")
    if row.id != who.person_id and who.role is not Role.SUPERVISOR:
        raise Refused(N_("Only the supervisor looks after somebody else's channels."))
    return row
