"""Make a desk: policy, calendar, people, rooms, checklists, backup jobs, things to count, and the first shifts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dutydesk.domain import clock
from dutydesk.domain.calendar import DayKind, WorkCalendar, read_calendar
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.people import Role
from dutydesk.domain.planned import Shortage
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.shift import USUAL_ACKNOWLEDGE, Facts
from dutydesk.domain.tables import Table, Words, read_toml
from dutydesk.domain.text import optional
from dutydesk.domain.walltime import local_day, zone_named
from dutydesk.domain.words import N_, Label
from dutydesk.services import people, settings
from dutydesk.services.core import SUPERVISORS, Actor, create, record, unguarded, writes
from dutydesk.storage import models, text_files
from dutydesk.storage.models.base import Row
from dutydesk.storage.shipped import data_path

LANGUAGES = ("zh", "en")
NAME_LIMIT = 60


@dataclass(frozen=True)
class NewPerson:
    """A person to add when a desk is made; without a PIN he sets one before he can sign."""

    login: str
    name: str
    role: Role = Role.ENGINEER
    name_en: str = ""
    posts: tuple[str, ...] = ()
    pin: str | None = None
    os_user: str | None = None


@dataclass(frozen=True)
class InitSpec:
    """What a new desk is made from.

    `policy` names a preset or a TOML file; an empty `zone` takes the policy's. `days` is how far ahead shifts are
    made, `start` the first day of them (today when None).
    """

    policy: str
    zone: str = ""
    lang: str = "zh"
    name: str = ""
    name_en: str = ""
    people: tuple[NewPerson, ...] = ()
    days: int = 35
    start: date | None = None
    imports: bool = True


@dataclass(frozen=True)
class InitResult:
    """What a new desk holds: counts by kind, for the sentence that ends `init`."""

    policy: str
    zone: str
    people: int
    shifts: int
    counts: dict[str, int] = field(default_factory=dict)
    shortage: tuple[Shortage, ...] = ()


def presets() -> list[str]:
    """Return the names of the policies that ship with the product."""
    return sorted(path.stem for path in data_path("policies").glob("*.toml"))


def policy_text(name: str) -> tuple[str, str]:
    """Return the TOML text of a policy and what it came from: a preset's name or a file's path."""
    path = data_path("policies", f"{name}.toml") if name in presets() else Path(name)
    try:
        return text_files.read_text(path), path.name
    except NotFound:
        raise NotFound(
            N_("There is no policy “{name}”; there are {presets}, or name a TOML file."),
            field="policy",
            name=name,
            presets=", ".join(presets()),
        ) from None


def read_people(text: str, source: str = "people.toml") -> tuple[NewPerson, ...]:
    """Read a list of people (`[[people]]` with login, name, name_en, role, posts, pin, os_user) in their order."""
    table = read_toml(text, source)
    found = tuple(_new_person(entry) for entry in table.tables("people"))
    table.done()
    if not found:
        raise Invalid(N_("{where}: there is nobody in it."), where=source)
    return found


def _new_person(entry: Table) -> NewPerson:
    person = NewPerson(
        login=entry.text("login"),
        name=entry.text("name"),
        role=Role(entry.choice("role", [role.value for role in Role], Role.ENGINEER.value)),
        name_en=entry.text("name_en", " ").strip(),
        posts=entry.texts("posts"),
        pin=entry.text("pin", " ").strip() or None,
        os_user=entry.text("os_user", " ").strip() or None,
    )
    entry.done()
    return person


def demo_people(pin: str | None = None) -> tuple[NewPerson, ...]:
    """Return the fictional staff that ships with the product, all with the same PIN."""
    from dataclasses import replace

    text = data_path("demo", "people.toml").read_text(encoding="utf-8")
    return tuple(replace(person, pin=pin or person.pin) for person in read_people(text))


@unguarded
def is_made() -> bool:
    """Return whether the open desk has been filled by `init`."""
    return bool(settings.all_settings()["policy"])


@writes(SUPERVISORS)
def init(who: Actor, spec: InitSpec) -> InitResult:
    """Fill an empty desk: settings, policy and calendar, people, the shipped machine room, shifts from today on."""
    if is_made():
        raise Refused(N_("This desk is in use already; `init` makes new ones only."))
    text, source = policy_text(spec.policy)
    policy = read_policy(text, source)
    zone = zone_named(spec.zone or policy.zone).key
    if spec.lang not in LANGUAGES:
        raise Invalid(N_("The language is zh or en, not {lang}."), field="lang", lang=spec.lang)
    start = spec.start or local_day(clock.now(), zone_named(zone))
    _settings(who, spec, policy, zone)
    _keep_policy(who, policy, text, start)
    keep_calendar(who, _shipped_calendar(policy.calendar))
    for person in spec.people:
        _add(who, person)
    counts = import_shipped(who) if spec.imports else {}
    from dutydesk.services import planning

    made = planning.extend(who, days=spec.days, start=spec.start)
    ahead = planning.plan(start, start + timedelta(days=spec.days))
    record(who, "desk.made", values={"policy": policy.name, "zone": zone, "people": len(spec.people)})
    return InitResult(policy.name, zone, len(spec.people), made, counts, ahead.shortage)


def _settings(who: Actor, spec: InitSpec, policy: Policy, zone: str) -> None:
    chosen = {"policy": policy.name, "zone": zone, "lang": spec.lang, "calendar": policy.calendar}
    chosen["policy_facts"] = facts_of(policy).to_json()
    for key, name in (("name", spec.name), ("name_en", spec.name_en)):
        if kept := optional(name, key, limit=NAME_LIMIT, multiline=False):
            chosen[key] = kept
    for key, value in chosen.items():
        settings.put(who, key, value)


def facts_of(policy: Policy) -> Facts:
    """Return what of a policy the desk needs every minute."""
    return Facts(
        titles={key: _label(shift.title) for key, shift in policy.shifts.items()},
        posts={key: _label(words) for key, words in policy.posts.items()},
        rules={listed.name: _label(listed.title) for listed in policy.temporary}
        | {rotation.name: _label(rotation.title) for rotation in policy.rotations},
        attendance=policy.attendance,
        acknowledge={**USUAL_ACKNOWLEDGE, **{each.value: minutes for each, minutes in policy.acknowledge.items()}},
        handover_prepare=policy.handover.prepare,
        place=_label(policy.handover.place),
    )


def _label(words: Words) -> Label:
    return Label(words.text("zh"), words.text("en"))


def _keep_policy(who: Actor, policy: Policy, text: str, start: date) -> None:
    row = create(models.Policy, name=policy.name, text=text, effective_from=start.isoformat(), made_at=clock.now())
    record(who, "policy.adopted", row, values={"name": policy.name, "from": start.isoformat()})


def _shipped_calendar(name: str) -> WorkCalendar:
    path = data_path("calendars", f"{name}.toml")
    if not path.is_file():
        raise NotFound(N_("There is no calendar “{name}” among the shipped ones."), field="calendar", name=name)
    return read_calendar(path.read_text(encoding="utf-8"), path.name)


@writes(SUPERVISORS)
def keep_calendar(who: Actor, calendar: WorkCalendar) -> int:
    """Store the special days of a calendar; days stored before for its years follow it. Returns how many there are."""
    table = models.CalendarDay
    wanted = {
        day.isoformat(): (kind.value, calendar.title(day, "zh"))
        for special in calendar.years.values()
        for day, kind in special.items()
    }
    years = {str(year) for year in calendar.years}
    rows: list[Row] = []
    for row in table.select().where(table.country == calendar.name):
        if row.day[:4] not in years:
            continue
        plain = DayKind.WEEKEND if date.fromisoformat(row.day).weekday() in calendar.weekend else DayKind.WORKDAY
        kind, name = wanted.pop(row.day, (plain.value, ""))
        if (row.kind, row.name) != (kind, name):
            table.update(kind=kind, name=name).where(table.id == row.id).execute()
            rows.append(table.get_by_id(row.id))
    rows.extend(
        create(table, country=calendar.name, day=day, kind=kind, name=name) for day, (kind, name) in wanted.items()
    )
    record(who, "calendar.imported", *rows, values={"name": calendar.name, "years": sorted(years)})
    return sum(len(special) for special in calendar.years.values())


def _add(who: Actor, person: NewPerson) -> None:
    people.add(
        who,
        person.login,
        person.name,
        person.role,
        name_en=person.name_en,
        posts=person.posts,
        pin=person.pin,
        os_user=person.os_user,
    )


@writes(SUPERVISORS)
def import_shipped(who: Actor) -> dict[str, int]:
    """Bring in the shipped machine room: rooms, equipment, checklists and plans, backup jobs, things to count, and
    the example of rates for duty pay."""
    from dutydesk.services import allowance, backups, handover, rounds

    things = {"things": handover.import_things(who)}
    found = {**rounds.import_shipped(who), **backups.import_shipped(who), **things}
    return {**found, **allowance.import_shipped(who)}
