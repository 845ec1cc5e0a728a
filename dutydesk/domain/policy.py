"""A duty policy: shifts, rotations, rest, grace minutes; read from TOML into values. Source: DESIGN 6.

A policy is data that a department writes itself; every error names the table, the key and what was expected.

Who takes turns is an `order`. In it `"all"` stands for everybody at the desk in the desk's fixed order and
`"post:network"` for everybody who holds that post, so that a shipped policy fits any desk; logins work as well, and an
entry that is a list is people on together. An order may be a table by post (`order.network = "post:network"`): each
post then has its own turns, and `need` says how many of each post a shift wants.

Which days count is `days` (`"all"`, `"workdays"`, `"non-workdays"`, or weekdays and day kinds), narrowed by
`month_days` (-1 is the last of the month) and `months`; a shift takes the same keys. A rotation is in force from
`start` to `until`. Weekly turns begin on each of `week_starts`, monthly ones on each of `month_starts`. `[[temporary]]`
lists stand above the rotations; see `temporary`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from dutydesk.domain import walltime
from dutydesk.domain.attendance import AttendanceRule
from dutydesk.domain.calendar import WEEKDAY_KEYS, DayKind
from dutydesk.domain.errors import Invalid
from dutydesk.domain.priority import DEFAULT_CELLS, DEFAULT_MATRIX, Matrix, Priority, matrix
from dutydesk.domain.rules import (
    ANY_POST,
    EVERYBODY,
    MASKS,
    NIGHT_HOUR,
    POST,
    SLEEP,
    DayMask,
    Every,
    HandoverRule,
    Order,
    OverCap,
    Rest,
    RotationRule,
    ShiftKind,
)
from dutydesk.domain.tables import Expected, Table, Words, read_toml
from dutydesk.domain.temporary import TemporaryList, read_lists
from dutydesk.domain.words import N_

PRESETS = ("twelve-hour", "weekly-team", "split-cycle")
"""The policies that ship with the product, in `data/policies/`."""


@dataclass(frozen=True)
class Policy:
    """A whole policy, checked."""

    name: str
    title: Words
    zone: str
    calendar: str
    shifts: Mapping[str, ShiftKind]
    rotations: tuple[RotationRule, ...]
    posts: Mapping[str, Words]
    rest: Rest = field(default_factory=Rest)
    attendance: AttendanceRule = field(default_factory=AttendanceRule)
    handover: HandoverRule = field(default_factory=HandoverRule)
    matrix: Matrix = field(default_factory=lambda: DEFAULT_MATRIX)
    acknowledge: Mapping[Priority, int] = field(default_factory=dict)
    temporary: tuple[TemporaryList, ...] = ()
    swap_needs_approval: bool = True

    @property
    def tz(self) -> ZoneInfo:
        """Return the desk's zone."""
        return walltime.zone_named(self.zone)

    def starting(self, day: date) -> Policy:
        """Return the policy with the first turn of every rotation on `day`."""
        return replace(self, rotations=tuple(replace(rotation, start=day) for rotation in self.rotations))

    def in_zone(self, zone: str) -> Policy:
        """Return the policy for another time zone; raise Invalid when there is no such zone."""
        walltime.zone_named(zone)
        return replace(self, zone=zone)


KNOWN_POSTS = {
    "specialist": Words("Specialist", "专责"),
    "network": Words("Network administrator", "网络管理员"),
    "system": Words("System administrator", "系统管理员"),
}


def read_policy(text: str, source: str = "policy") -> Policy:
    """Read a policy from TOML; `source` names the file in errors. Raises Invalid with a sentence to act on."""
    table = read_toml(text, source)
    name = table.text("name")
    shifts = _shifts(table)
    posts = KNOWN_POSTS | _posts(table)
    rotations = tuple(
        _rotation(rotation, number, shifts, posts) for number, rotation in enumerate(table.tables("rotation"), start=1)
    )
    if not rotations:
        raise Invalid(N_("{where}: there is no [[rotation]] in it."), where=source)
    names = [rotation.name for rotation in rotations]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(N_("{where}: two rotations are named “{name}”."), where=source, name=twice[0])
    policy = Policy(
        name=name,
        title=table.words("title", name),
        zone=table.text("zone"),
        calendar=table.text("calendar", "weekdays"),
        shifts=shifts,
        rotations=rotations,
        posts=posts,
        rest=read_rest(table.table("rest")),
        attendance=_attendance(table.table("attendance")),
        handover=_handover(table.table("handover")),
        matrix=_matrix(table),
        acknowledge=_acknowledge(table.table("acknowledge")),
        temporary=read_lists(table.tables("temporary"), shifts, posts),
        swap_needs_approval=_swap_rule(table.table("roster")),
    )
    table.placed(lambda: walltime.zone_named(policy.zone))
    table.done()
    return policy


def _shifts(table: Table) -> dict[str, ShiftKind]:
    holder = table.table("shifts")
    shifts: dict[str, ShiftKind] = {}
    for key in holder.data:
        shift = holder.table(key, where=f"{table.where}, [shifts.{key}]")
        window = _window(shift, "from", "to", f"shifts.{key}")
        night = shift.yes("night", window.covers(NIGHT_HOUR))
        shifts[key] = ShiftKind(key, shift.words("title", key.capitalize()), window, night, _mask(shift))
        shift.done()
    if not shifts:
        raise Invalid(N_("{where}: there is no [shifts.NAME] in it."), where=table.where)
    return shifts


def _posts(table: Table) -> dict[str, Words]:
    holder = table.table("posts")
    return {key: holder.words(key, key) for key in holder.data}


def _rotation(table: Table, number: int, shifts: Mapping[str, ShiftKind], posts: Mapping[str, Words]) -> RotationRule:
    name = table.text("name", f"rotation-{number}")
    used = table.texts("shifts", tuple(shifts))
    for key in used:
        if key not in shifts:
            raise Invalid(N_("{where}: there is no shift “{name}”."), where=table.where, name=key)
    need = _need(table.table("need"), posts)
    orders = _orders(table, need)
    cap = table.optional_whole("cap_per_month", least=1)
    every = Every(table.choice("every", [every.value for every in Every], Every.SLOT.value))
    rule = RotationRule(
        name=name,
        title=table.words("title", name),
        shifts=used,
        orders=orders,
        start=table.day("start"),
        until=table.day("until") if table.has("until") else None,
        every=every,
        interval=table.whole("interval", 1, least=1),
        together=table.whole("together", 1, least=1),
        mask=_mask(table),
        turn_at=_time(table, "turn_at"),
        week_starts=_week_starts(table),
        month_starts=_numbers(table, "month_starts", 31) or (1,),
        cap_per_month=cap,
        over_cap=OverCap(table.choice("over_cap", [choice.value for choice in OverCap], OverCap.FLAG.value)),
        share_shifts=table.yes("share_shifts", False),
        need=need,
        priority=table.whole("priority", 0, least=-100),
    )
    table.done()
    if rule.until is not None and rule.until < rule.start:
        raise Invalid(N_("{where}: until is before start."), where=table.where)
    return rule


def _need(table: Table, posts: Mapping[str, Words]) -> dict[str, int]:
    for key in table.data:
        if key not in posts:
            raise Invalid(N_("{where}: there is no post “{name}”. Name it under [posts]."), where=table.where, name=key)
    return {key: table.whole(key, least=1) for key in table.data}


def _orders(table: Table, need: Mapping[str, int]) -> dict[str, Order]:
    value = table.raw("order")
    if not isinstance(value, dict):
        return {ANY_POST: _order(table, "order", value)}
    orders = {post: _order(table, f"order.{post}", entries) for post, entries in value.items()}
    if set(orders) != set(need):
        raise Invalid(
            N_("{where}: the posts in order and in need must be the same."),
            where=table.where,
        )
    return {post: orders[post] for post in need}


def _order(table: Table, key: str, value: object) -> Order:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise table.wrong(key, Expected.TEXTS)
    entries: list[tuple[str, ...]] = []
    for entry in value:
        group = [entry] if isinstance(entry, str) else entry
        if not isinstance(group, list) or not group or not all(isinstance(who, str) and who.strip() for who in group):
            raise table.wrong(key, Expected.TEXTS)
        if len(group) > 1 and any(who == EVERYBODY or who.startswith(POST) for who in group):
            raise Invalid(N_("{where}: {key}: people on together are named by login."), where=table.where, key=key)
        entries.append(tuple(who.strip() for who in group))
    named = [who for group in entries for who in group]
    if twice := sorted({who for who in named if named.count(who) > 1}):
        raise Invalid(N_("{where}: {key}: “{name}” stands there twice."), where=table.where, key=key, name=twice[0])
    return Order(tuple(entries))


def _mask(table: Table) -> DayMask:
    words = table.texts("days", (EVERYBODY,))
    month_days, months = frozenset(_numbers(table, "month_days", 31)), frozenset(_numbers(table, "months", 12))
    if len(words) == 1 and words[0] in MASKS:
        return replace(MASKS[words[0]], month_days=month_days, months=months)
    kinds = {kind.value: kind for kind in DayKind}
    for word in words:
        if word not in WEEKDAY_KEYS and word not in kinds:
            raise _no_choice(table, "days", word, (*MASKS, *WEEKDAY_KEYS, *kinds))
    return DayMask(
        weekdays=frozenset(WEEKDAY_KEYS.index(word) for word in words if word in WEEKDAY_KEYS),
        kinds=frozenset(kinds[word] for word in words if word in kinds),
        month_days=month_days,
        months=months,
    )


def _numbers(table: Table, key: str, most: int) -> tuple[int, ...]:
    """Return numbers from 1 to `most`; days of the month may count from the end, below 0."""
    if not table.has(key):
        return ()
    least = -most if key == "month_days" else 1
    value = table.raw(key)
    numbers = value if isinstance(value, list) else [value]
    if not numbers or not all(type(number) is int and number and least <= number <= most for number in numbers):
        raise Invalid(
            N_("{where}: {key} must be whole numbers from {least} to {most}."),
            where=table.where,
            key=key,
            least=least,
            most=most,
        )
    return tuple(sorted(numbers))


def _week_starts(table: Table) -> tuple[int, ...]:
    words = table.texts("week_starts", ("mon",))
    for word in words:
        if word not in WEEKDAY_KEYS:
            raise _no_choice(table, "week_starts", word, WEEKDAY_KEYS)
    return tuple(sorted({WEEKDAY_KEYS.index(word) for word in words})) or (0,)


def _no_choice(table: Table, key: str, word: str, choices: Iterable[str]) -> Invalid:
    return Invalid(
        N_("{where}: {key} is “{value}” and must be one of {choices}."),
        where=table.where,
        key=key,
        value=word,
        choices=", ".join(choices),
    )


def _time(table: Table, key: str) -> int:
    text = table.text(key, "00:00")
    return table.placed(lambda: walltime.parse_time(text, field=key, last="23:59"))


def _window(table: Table, start: str, end: str, field: str) -> walltime.Window:
    begin, finish = table.text(start), table.text(end)
    return table.placed(lambda: walltime.window(begin, finish, field=field))


def _sleep(table: Table) -> walltime.Window:
    if not table.has("sleep_from") and not table.has("sleep_to"):
        return SLEEP
    return _window(table, "sleep_from", "sleep_to", "sleep")


def read_rest(table: Table) -> Rest:
    """Read the fatigue limits of a `[rest]` table."""
    rest = Rest(
        hours_between=table.optional_whole("hours_between"),
        hours_a_shift=table.optional_whole("hours_a_shift", least=1),
        nights_in_a_row=table.optional_whole("nights_in_a_row", least=1),
        days_in_a_row=table.optional_whole("days_in_a_row", least=1),
        full_nights_after_run=table.optional_whole("full_nights_after_run", least=1),
        run_of_nights=table.whole("run_of_nights", Rest.run_of_nights, least=1),
        sleep=_sleep(table),
    )
    table.done()
    return rest


def _attendance(table: Table) -> AttendanceRule:
    usual = AttendanceRule()
    rule = AttendanceRule(
        late_grace=table.whole("late_grace_minutes", usual.late_grace),
        early_grace=table.whole("early_grace_minutes", usual.early_grace),
        sign_in_before=table.whole("sign_in_before_minutes", usual.sign_in_before),
        absent_after=table.whole("absent_after_minutes", usual.absent_after, least=1),
    )
    table.done()
    return rule


def _handover(table: Table) -> HandoverRule:
    usual = HandoverRule()
    rule = HandoverRule(
        prepare=table.whole("prepare_minutes", usual.prepare),
        accept_within=table.whole("accept_within_minutes", usual.accept_within),
        place=table.words("place", usual.place.text("en")) if table.has("place") else usual.place,
    )
    table.done()
    return rule


def _swap_rule(table: Table) -> bool:
    needed = table.yes("swap_needs_approval", True)
    table.done()
    return needed


def _matrix(table: Table) -> Matrix:
    if not table.has("priority"):
        return DEFAULT_MATRIX
    cells = table.table("priority")
    return matrix(DEFAULT_CELLS | {key: cells.text(key) for key in cells.data})


def _acknowledge(table: Table) -> dict[Priority, int]:
    minutes = {priority: table.whole(priority.value, least=1) for priority in Priority if table.has(priority.value)}
    table.done()
    return minutes
