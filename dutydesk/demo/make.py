"""Make a demonstration desk: a new file, its staff, and the past up to the present instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from dutydesk.demo import LOGIN, PIN
from dutydesk.demo.absences import Absences, first_morning
from dutydesk.demo.by_journal import ByJournal
from dutydesk.demo.by_services import ByServices
from dutydesk.demo.copies import Copies
from dutydesk.demo.duty import Duty
from dutydesk.demo.known import Known
from dutydesk.demo.office import Office
from dutydesk.demo.readings import Readings
from dutydesk.demo.scene import Scene
from dutydesk.demo.talk import Talk
from dutydesk.demo.troubles import Troubles
from dutydesk.demo.walks import Walks
from dutydesk.demo.world import CHUNK, DAY, HOUR, MINUTE, World
from dutydesk.domain import clock, rotation
from dutydesk.domain.calendar import read_calendar
from dutydesk.domain.errors import StorageTrouble
from dutydesk.domain.policy import read_policy
from dutydesk.domain.rules import Member
from dutydesk.domain.walltime import local, local_day, zone_named
from dutydesk.domain.words import N_
from dutydesk.services import core, rounds
from dutydesk.services import desk as desks
from dutydesk.services.core import SYSTEM
from dutydesk.services.desk import NewPerson
from dutydesk.storage import engine, migrate
from dutydesk.storage.engine import db
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift
from dutydesk.storage.shipped import data_path

POLICY = "twelve-hour"

LIVE = 8 * HOUR
"""The last hours before the present go through the services themselves."""

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Spec:
    """What a demonstration desk is made from. `live` is how many seconds before `now` the services write themselves."""

    days: int = 90
    seed: int = 1
    lang: str = "zh"
    live: int = LIVE


def fill(path: Path, spec: Spec, *, progress: Progress | None = None) -> None:
    """Make the desk at `path`, which must not exist, as it stands now (to the minute); it stays open.

    The same `spec` at the same minute gives the same rows. Raises StorageTrouble when the file is there already.
    """
    if path.exists():
        raise StorageTrouble(N_("{path} is there already; the demonstration never overwrites a file."), path=str(path))
    now = clock.now() // MINUTE * MINUTE
    engine.connect(str(path), create=True)
    migrate.migrate()
    with clock.frozen(now) as move:
        db.execute_sql("pragma synchronous = off")
        _live_through(now, spec, move, progress or _silent)
    core.take_changes()
    engine.connect(str(path))


def _silent(_done: float) -> None:
    """Tell nobody."""


def _live_through(now: int, spec: Spec, move: Callable[[int], None], progress: Progress) -> None:
    zone = zone_named(read_policy(*desks.policy_text(POLICY)).zone)
    first = local_day(now, zone) - timedelta(days=spec.days)
    staff = ordered_staff(first, now)
    begin = _morning(now, spec.days)
    move(begin)
    with db.atomic():
        _make_desk(staff, first, spec)
    with db.atomic():
        first_morning(World(Known(), ByServices(), move, begin=begin, now=now, seed=spec.seed))
    known = Known()
    world = World(known, ByJournal(known), move, begin=begin, now=now, seed=spec.seed)
    _plan(world)
    at = begin
    while at < now:
        switch = now - spec.live
        until = min(at + CHUNK, switch if at < switch else now)
        with db.atomic():
            if at >= switch:
                world.writer = ByServices()
            world.run(until)
        at = until
        progress((at - begin) / (now - begin))


def _morning(now: int, days: int) -> int:
    """Return 07:00 at the desk, `days` before the present day."""
    moment = local(now, zone_named("Asia/Shanghai"))
    return now - days * DAY - moment.hour * HOUR - moment.minute * MINUTE + 7 * HOUR


def _plan(world: World) -> None:
    troubles = Troubles(world)
    Duty(world)
    scene = Scene(world, troubles)
    Walks(world, Readings(world, scene.bypass_since), Copies(world), troubles)
    Talk(world, troubles)
    Office(world)
    Absences(world)


def _make_desk(staff: Sequence[NewPerson], first: date, spec: Spec) -> None:
    desks.init(
        SYSTEM,
        desks.InitSpec(POLICY, lang=spec.lang, people=tuple(staff), days=spec.days + 35, start=first),
    )
    for shift in list(DutyShift.select().order_by(DutyShift.starts_at)):
        rounds.make_rounds(shift, SYSTEM, past=True)
    from dutydesk.services.people import _hasher

    known_hash = _hasher().hash(PIN, salt=b"demonstration PIN")
    for row in list(Person.select().order_by(Person.id)):
        changed = core.change(Person, row.id, row.version, pin_hash=known_hash)
        core.record(SYSTEM, "person.pin_set", changed)


def ordered_staff(first: date, now: int) -> list[NewPerson]:
    """Return the fictional staff in an order that brings LOGIN's turn now; `first` is the day the desk is made."""
    extra = data_path("demo", "colleagues.toml").read_text(encoding="utf-8")
    staff = [replace(person, pin=None) for person in (*desks.demo_people(), *desks.read_people(extra))]
    for place in range(len(staff)):
        order = list(staff)
        at = next(index for index, person in enumerate(order) if person.login == LOGIN)
        order[at], order[place] = order[place], order[at]
        if LOGIN in _on_duty(order, first, now):
            return order
    return staff


def _on_duty(staff: Sequence[NewPerson], first: date, now: int) -> tuple[str, ...]:
    policy = read_policy(*desks.policy_text(POLICY))
    if first < min(rule.start for rule in policy.rotations):
        policy = policy.starting(first)
    shipped = data_path("calendars", f"{policy.calendar}.toml")
    calendar = read_calendar(shipped.read_text(encoding="utf-8"), shipped.name)
    members = [
        Member(person.login, person.posts, order, None, None)
        for order, person in enumerate(staff)
        if person.role.value == "engineer"
    ]
    today = local_day(now, policy.tz)
    slots = rotation.plan(policy, members, calendar, today - timedelta(days=1), today).on_duty(now)
    return slots[0].logins if slots else ()
