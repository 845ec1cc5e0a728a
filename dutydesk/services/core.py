"""What every use case shares: who acts, which roles may, one transaction, one audit entry a write."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from dutydesk.domain import clock
from dutydesk.domain.errors import Conflict, NotFound, Refused, Unsure
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_, Word
from dutydesk.storage import opened
from dutydesk.storage.engine import ERRORS, db, is_lost, trouble
from dutydesk.storage.models.base import Row
from dutydesk.storage.models.people import Person

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Row)

ANYONE = frozenset(Role)
ENGINEERS = frozenset({Role.ENGINEER, Role.SUPERVISOR})
SUPERVISORS = frozenset({Role.SUPERVISOR})


class Actor(NamedTuple):
    """The person who acts, and the console he sits at. `person_id` 0 is the program itself."""

    person_id: int
    login: str
    name: str
    role: Role
    host: str = ""
    terminal: str = ""
    console: str = ""
    name_en: str = ""
    posts: tuple[str, ...] = ()


SYSTEM = Actor(0, "system", "system", Role.SUPERVISOR)
"""The program itself: extends the shifts ahead, imports shipped data."""


class Rule(NamedTuple):
    """Who may call a service function, and whether it writes."""

    roles: frozenset[Role]
    writes: bool


RULES: dict[str, Rule] = {}
"""Every use case by its dotted name; the permission tests read it."""

_changes: set[tuple[str, int | None]] = set()
_newest: list[tuple[int, str]] = []
"""The newest audit entry that this process has written: sequence number and digest."""


def take_changes() -> frozenset[tuple[str, int | None]]:
    """Return, and forget, the (subject, id) pairs written since the last call on the desk thread."""
    taken = frozenset(_changes)
    _changes.clear()
    return taken


def _checked(who: Actor, rule: Rule) -> None:
    """Refuse a role that may not, and a person who has been disabled or changed since he signed in."""
    role = who.role
    if who.person_id:
        rows = list(Person.select(Person.role, Person.active).where(Person.id == who.person_id).tuples())
        if not rows or not rows[0][1]:
            raise Refused(N_("{login} may no longer use this desk."), login=who.login)
        role = Role(rows[0][0])
    if role not in rule.roles:
        raise Refused(N_("{role} may not do this; ask the supervisor."), role=role)


def _use_case(roles: Iterable[Role], writing: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    rule = Rule(frozenset(roles), writing)

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        RULES[f"{function.__module__}.{function.__name__}"] = rule

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            who = cast(Actor, args[0])
            try:
                if not writing:
                    _checked(who, rule)
                    return function(*args, **kwargs)
                return _in_transaction(who, rule, lambda: function(*args, **kwargs))
            except ERRORS as error:
                raise trouble(error) from error

        return call

    return wrap


def _in_transaction(who: Actor, rule: Rule, function: Callable[[], R]) -> R:
    """Call a use case in one transaction; nothing is kept when it raises.

    Raises Unsure when the connection broke in the commit itself.
    """
    before, entries = set(_changes), _newest.copy()
    finished: list[R] = []
    try:
        with opened.guarded():
            _checked(who, rule)
            finished.append(function())
        return finished[0]
    except BaseException as error:
        if finished and _has_written_since(entries) and isinstance(error, ERRORS) and is_lost(error):
            seq, digest = _newest[-1]
            sentence = N_("The connection to the database broke while this was being saved.")
            raise Unsure(sentence, seq=seq, digest=digest, answer=finished[0], changes=_changes - before) from error
        _changes.intersection_update(before)
        raise


def _has_written_since(entries: list[tuple[int, str]]) -> bool:
    """Whether an audit entry was written after `entries` was the newest; the same write made again is another one.

    Made again within the second after it did not come through, it leaves an entry of the same number and digest.
    """
    return bool(_newest) and not (entries and entries[-1] is _newest[-1])


def came_through(unsure: Unsure) -> bool:
    """Whether a write whose commit was cut off was carried out after all; asks the chain, on a connection that is back.

    The lock of the writers is taken for it: a commit that is still under way on the server has ended then. What was
    changed is kept for `take_changes` when it came through, and forgotten when it did not.
    """
    from dutydesk.storage import chain

    try:
        with db.atomic():
            there = chain.holds(unsure.seq, unsure.digest)
    except ERRORS as error:
        raise trouble(error) from error
    if not there:
        _changes.difference_update(unsure.changes)
    return there


def reads(roles: Iterable[Role] = ANYONE) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a use case that only reads; the first argument is the actor."""
    return _use_case(roles, False)


def writes(roles: Iterable[Role] = ENGINEERS) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a use case that writes: one transaction around it, nothing kept when it raises."""
    return _use_case(roles, True)


def signs(roles: Iterable[Role] = ENGINEERS) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a use case that is a signature: `(who, pin, …)`; the PIN is checked before its transaction opens.

    A wrong PIN is counted and recorded even though nothing else happens.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        inner = _use_case(roles, True)(function)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            from dutydesk.services import people

            who, pin = cast(Actor, args[0]), cast(str, args[1] if len(args) > 1 else kwargs["pin"])
            people.check_pin(who, pin)
            return inner(*args, **kwargs)

        return call

    return wrap


def unguarded(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a service function that must work before anybody is known, such as the sign-in itself."""
    RULES[f"{function.__module__}.{function.__name__}"] = Rule(ANYONE, False)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ERRORS as error:
            raise trouble(error) from error

    return call


def record(
    who: Actor,
    action: str,
    *rows: Row,
    values: dict[str, Any] | None = None,
    subject: str | None = None,
    subject_id: int | None = None,
) -> int:
    """Add the audit entry of a write and bind the content of `rows` (as stored now) to it.

    The subject is the part of `action` before the dot, its id that of the first row, unless they are given.
    `values` holds what changed, as plain JSON values; secrets never. Returns the entry's sequence number.
    """
    from dutydesk.storage import chain

    subject = subject or action.partition(".")[0]
    if subject_id is None and rows:
        subject_id = rows[0].get_id()
    writer = chain.Writer(who.login, who.host, who.terminal)
    entry = chain.append(writer, clock.now(), action, subject=subject, subject_id=subject_id, values=values, rows=rows)
    _newest[:] = [entry]
    _changes.add((subject, subject_id))
    return entry[0]


def create(table: type[M], **values: Any) -> M:
    """Insert a row and return it as it is stored, defaults filled; the caller records it."""
    return cast(M, table.create(**values))


def get(table: type[M], row_id: int, what: str) -> M:
    """Return a row by id, or raise NotFound; `what` is the N_ word for the thing."""
    row = table.get_or_none(table._meta.primary_key == row_id)  # type: ignore[attr-defined]
    if row is None:
        raise NotFound(N_("{what} {key} is not there."), what=Word(what), key=row_id)
    return cast(M, row)


def change(table: type[M], row_id: int, version: int | None, **values: Any) -> M:
    """Compare-and-set: change a row that still has `version` and return it as stored; the caller records it.

    With `version` None the present version is taken (for steps that do not edit text). Raises Conflict when
    somebody else changed the row first; its `theirs` holds what stands there now.
    """
    row: Any = table
    if version is None:
        version = get(table, row_id, table.__name__).version  # type: ignore[attr-defined]
    done = row.update(version=row.version + 1, **values).where((row.id == row_id) & (row.version == version)).execute()
    now = get(table, row_id, table.__name__)
    if not done:
        raise Conflict(
            N_("Somebody else changed this while you were writing."),
            theirs={name: now.__data__.get(name) for name in now.__data__},
        )
    return now
