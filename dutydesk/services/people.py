"""People at the desk: who may use it, how they prove it, what they like, which consoles are open."""

from __future__ import annotations

import json
import re
from math import ceil
from typing import Any, NamedTuple

from peewee import fn

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.people import Role, check_new_pin, wait_after
from dutydesk.domain.shift import Facts
from dutydesk.domain.sshkeys import fingerprint, public_key
from dutydesk.domain.text import clean, optional, required
from dutydesk.domain.words import N_, Label
from dutydesk.services import settings
from dutydesk.services.core import (
    ANYONE,
    SUPERVISORS,
    SYSTEM,
    Actor,
    change,
    create,
    reads,
    record,
    unguarded,
    writes,
)
from dutydesk.storage import engine, opened
from dutydesk.storage.models.people import Person, PinTry, Preference, Presence

LEASE = 180
"""Seconds without a sign of life after which a console counts as gone."""
NAME_LIMIT = 40
KEY_LIMIT = 8000
WRONG_LOGIN = N_("Login or PIN is wrong.")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class PersonView(NamedTuple):
    """A person as lists show him."""

    id: int
    login: str
    label: Label
    role: Role
    posts: tuple[str, ...]
    active: bool
    has_pin: bool
    os_user: str | None
    ssh_key: str | None
    version: int


def _view(row: Person) -> PersonView:
    return PersonView(
        id=row.id,
        login=row.login,
        label=Label(row.name, row.name_en),
        role=Role(row.role),
        posts=tuple(json.loads(row.posts)),
        active=row.active,
        has_pin=bool(row.pin_hash),
        os_user=row.os_user,
        ssh_key=row.ssh_key,
        version=row.version,
    )


def _actor(row: Person, host: str, terminal: str, console: str) -> Actor:
    return Actor(
        row.id, row.login, row.name, Role(row.role), host, terminal, console, row.name_en, tuple(json.loads(row.posts))
    )


def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@unguarded
def identify(login: str, *, host: str = "", terminal: str = "", console: str = "") -> Actor:
    """Return the actor for a login that the system vouches for (`--login`, a mapped account); no PIN is asked."""
    row = Person.get_or_none(Person.login == clean(login))
    if row is None:
        raise NotFound(N_("Nobody has the login {login}."), login=clean(login), field="login")
    if not row.active:
        raise Refused(N_("{login} may no longer use this desk."), login=row.login, field="login")
    return _actor(row, host, terminal, console)


@unguarded
def login_of(os_user: str) -> str | None:
    """Return the login that an operating-system account is mapped to, or None."""
    rows = list(Person.select(Person.login).where((Person.os_user == os_user) & Person.active).tuples())
    return rows[0][0] if rows else None


@unguarded
def enter(login: str, pin: str, *, host: str = "", terminal: str = "", console: str = "") -> Actor:
    """Return the actor for login and PIN as typed into the sign-in dialog.

    An unknown login is refused in the same words as a wrong PIN. Wrong PINs wait (DESIGN 3) and are recorded.
    """
    row = Person.get_or_none((Person.login == clean(login)) & Person.active)
    if row is None:
        raise Refused(WRONG_LOGIN, field="pin")
    who = _actor(row, host, terminal, console)
    check_pin(who, pin, wrong=WRONG_LOGIN)
    return who


@unguarded
def check_pin(who: Actor, pin: str, *, wrong: str = N_("The PIN is wrong.")) -> None:
    """Check the PIN of a signature; a wrong one is counted, recorded and slows the next try down."""
    row = Person.get_or_none(Person.id == who.person_id)
    if row is None or not row.active:
        raise Refused(N_("{login} may no longer use this desk."), login=who.login)
    if not row.pin_hash:
        raise Refused(
            N_("{login} has no PIN yet; `dutydesk people pin {login}` sets one."), login=who.login, field="pin"
        )
    _check_wait(row)
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(row.pin_hash, pin)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        raise _wrong_pin(who, wrong) from None
    if PinTry.select().where(PinTry.person == row.id).exists():
        PinTry.delete().where(PinTry.person == row.id).execute()


_waits: dict[tuple[str, int], tuple[int, float]] = {}
"""By desk and person: the wrong PINs in a row that this process has seen, and until when (steady seconds) they wait."""


def _check_wait(person: Person) -> None:
    rows = list(PinTry.select(PinTry.failures, PinTry.locked_until).where(PinTry.person == person.id).tuples())
    failures, until = rows[0] if rows else (0, 0)
    seen, ends = _waits.get((engine.url(), person.id), (-1, 0.0))
    if seen == failures:
        left = ceil(ends - clock.steady())
    else:
        left = _left(person, until - clock.now(), wait_after(failures))
    if left > 0:
        raise Refused(N_("Too many wrong PINs: wait {seconds} seconds."), seconds=left, field="pin")


def _left(person: Person, left: int, longest: int) -> int:
    """Return the seconds left of a wait; one that is longer than it can be began before the clock was set back, and
    begins again."""
    if left <= longest:
        return left
    with opened.guarded():
        PinTry.update(locked_until=clock.now() + longest).where(PinTry.person == person.id).execute()
    return longest


def _wrong_pin(who: Actor, sentence: str) -> Refused:
    with opened.guarded():
        PinTry.insert(person=who.person_id).on_conflict_ignore().execute()
        PinTry.update(failures=PinTry.failures + 1).where(PinTry.person == who.person_id).execute()
        failures: int = PinTry.select(PinTry.failures).where(PinTry.person == who.person_id).scalar()
        wait = wait_after(failures)
        PinTry.update(locked_until=clock.now() + wait).where(PinTry.person == who.person_id).execute()
        _waits[engine.url(), who.person_id] = (failures, clock.steady() + wait)
        record(who, "person.wrong_pin", subject_id=who.person_id, values={"failures": failures, "wait": wait})
    if wait:
        return Refused(
            N_("Wrong PIN, {failures} in a row: wait {seconds} seconds."), field="pin", failures=failures, seconds=wait
        )
    return Refused(sentence, field="pin")


@writes(SUPERVISORS)
def add(
    who: Actor,
    login: str,
    name: str,
    role: Role | str,
    *,
    name_en: str = "",
    posts: tuple[str, ...] = (),
    pin: str | None = None,
    os_user: str | None = None,
    ssh_key: str | None = None,
) -> PersonView:
    """Add a person at the end of the fixed order; the login is lower case letters, digits, dot, dash, underscore."""
    login = clean(login)
    if not _LOGIN.fullmatch(login):
        raise Invalid(
            N_("A login has lower-case letters, digits, dots and dashes: {login} does not fit."),
            field="login",
            login=login,
        )
    if Person.select().where(Person.login == login).exists():
        raise Invalid(N_("The login {login} is taken."), field="login", login=login)
    account = optional(os_user, "os_user", limit=NAME_LIMIT, multiline=False)
    if account and Person.select().where(Person.os_user == account).exists():
        raise Invalid(N_("The account {account} is mapped to somebody else already."), field="os_user", account=account)
    held = [_post(post) for post in posts]
    last = Person.select(fn.MAX(Person.ordinal)).scalar() or 0
    row = create(
        Person,
        login=login,
        name=required(name, "name", limit=NAME_LIMIT),
        name_en=optional(name_en, "name_en", limit=NAME_LIMIT, multiline=False),
        role=_role(role).value,
        posts=json.dumps(held, ensure_ascii=False),
        ordinal=last + 1,
        pin_hash=_hasher().hash(check_new_pin(pin)) if pin else "",
        os_user=account or None,
        ssh_key=_key(ssh_key),
        made_at=clock.now(),
    )
    record(who, "person.added", row, values={"login": login, "name": row.name, "role": row.role, "posts": held})
    return _view(row)


def _key(key: str | None) -> str | None:
    """Return a public key that is to be kept; nothing is no key."""
    text = optional(key, "ssh_key", limit=KEY_LIMIT, multiline=False)
    return public_key(text) if text else None


def _post(post: str) -> str:
    """Return a post that somebody holds: one of the policy's, or any where the policy has none."""
    post = required(post, "posts", limit=NAME_LIMIT)
    known = Facts.from_json(settings.all_settings().get("policy_facts", "")).posts
    if known and post not in known:
        raise Invalid(
            N_("There is no post “{post}” in the duty policy; there are: {posts}."),
            field="posts",
            post=post,
            posts=", ".join(known),
        )
    return post


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise Invalid(
            N_("The role {role} does not exist; there are: {roles}."),
            field="role",
            role=role,
            roles=", ".join(r.value for r in Role),
        ) from None


@reads()
def everyone(who: Actor, *, active_only: bool = True) -> list[PersonView]:  # noqa: ARG001
    """Return the people in their fixed order."""
    query = Person.select().order_by(Person.ordinal, Person.id)
    return [_view(row) for row in (query.where(Person.active) if active_only else query)]


@writes(ANYONE)
def set_pin(who: Actor, login: str, pin: str) -> None:
    """Set a PIN: one's own, or as supervisor anybody's."""
    row = Person.get_or_none(Person.login == clean(login))
    if row is None:
        raise NotFound(N_("Nobody has the login {login}."), login=clean(login), field="login")
    if row.id != who.person_id and who.role is not Role.SUPERVISOR:
        raise Refused(N_("Only the supervisor sets somebody else's PIN."))
    row = change(Person, row.id, row.version, pin_hash=_hasher().hash(check_new_pin(pin)))
    PinTry.delete().where(PinTry.person == row.id).execute()
    record(who, "person.pin_set", row)


@writes(SUPERVISORS)
def set_key(who: Actor, login: str, ssh_key: str | None) -> PersonView:
    """Give somebody a public SSH key in place of the one before, or take it away; only the public half is kept."""
    row = Person.get_or_none(Person.login == clean(login))
    if row is None:
        raise NotFound(N_("Nobody has the login {login}."), login=clean(login), field="login")
    key = _key(ssh_key)
    if key != row.ssh_key:
        row = change(Person, row.id, row.version, ssh_key=key)
        action = "person.key_set" if key else "person.key_removed"
        record(who, action, row, values={"login": row.login, "key": fingerprint(key) if key else ""})
    return _view(row)


@writes(SUPERVISORS)
def disable(who: Actor, login: str) -> PersonView:
    """Take a person off the desk: nothing of his records goes, he cannot sign in or be planned any more."""
    row = Person.get_or_none(Person.login == clean(login))
    if row is None:
        raise NotFound(N_("Nobody has the login {login}."), login=clean(login), field="login")
    if row.id == who.person_id:
        raise Refused(N_("You cannot disable yourself."))
    row = change(Person, row.id, row.version, active=False)
    record(who, "person.disabled", row, values={"login": row.login})
    return _view(row)


@reads()
def preferences(who: Actor) -> dict[str, str]:
    """Return what the person likes: `lang`, `theme`, `seen_seq`, …"""
    rows = Preference.select(Preference.key, Preference.value).where(Preference.person == who.person_id)
    return dict(rows.tuples())


@writes(ANYONE)
def prefer(who: Actor, key: str, value: str) -> None:
    """Remember a preference of the person; not part of the record."""
    if not who.person_id:
        return
    Preference.insert(person=who.person_id, key=key, value=value).on_conflict(
        conflict_target=[Preference.person, Preference.key], update={Preference.value: value}
    ).execute()


@writes(ANYONE)
def beat(who: Actor) -> None:
    """Renew the presence lease of the actor's console."""
    now = clock.now()
    Presence.insert(
        console=who.console,
        person=who.person_id or None,
        host=who.host,
        terminal=who.terminal,
        opened_at=now,
        beat_at=now,
    ).on_conflict(
        conflict_target=[Presence.console], update={Presence.beat_at: now, Presence.person: who.person_id or None}
    ).execute()
    day = 24 * 3600
    Presence.delete().where((Presence.beat_at < now - day) | (Presence.beat_at > now + day)).execute()


@writes(ANYONE)
def leave_console(who: Actor) -> None:
    """Give the presence lease back when the console closes."""
    Presence.delete().where(Presence.console == who.console).execute()


@reads()
def present(who: Actor) -> list[str]:  # noqa: ARG001
    """Return the logins with a living console now."""
    return living()


def living() -> list[str]:
    """Return the logins with a living console; a beat of long after now is of before the clock was set back."""
    now = clock.now()
    alive = Presence.beat_at.between(now - LEASE, now + LEASE)
    rows = Presence.select(Person.login).join(Person).where(alive).distinct().tuples()
    return sorted(row[0] for row in rows)


def system_actor(host: str = "", terminal: str = "") -> Actor:
    """Return the program itself as actor, at this host and terminal."""
    return Actor(SYSTEM.person_id, SYSTEM.login, SYSTEM.name, SYSTEM.role, host, terminal)
