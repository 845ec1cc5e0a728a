"""What is well and what is wrong with a desk's database, the disk it lies on, and the clock. Source: DESIGN 5."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from dutydesk.domain import clock
from dutydesk.domain.backups import show_size
from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_
from dutydesk.services import doctor_care, settings
from dutydesk.services.core import unguarded
from dutydesk.services.doctor_said import Finding, Said
from dutydesk.storage import engine, migrate
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.people import Person

LEAST_FREE = 200 * 10**6
"""Bytes free below which the disk is called nearly full."""
DAY = 24 * 3600
LOOKED_BACK = 500
"""Entries among which a clock that went back is looked for."""
CLOCK_SLACK = 120
"""Seconds that the clock of another console may be ahead."""


def _said(message: str, **values: object) -> Said:
    return Said(message, values)


@unguarded
def examine(target: str) -> list[Finding]:
    """Examine the desk at `target`; one that cannot be opened is a finding, not an error."""
    path = engine.sqlite_path(target)
    findings = list(_disk(path)) if path is not None else []
    try:
        engine.connect(target)
        findings.insert(0, Finding("desk", N_("Database"), True, _opened(target)))
    except DeskError as error:
        said = Said(error.sentence, error.values)
        return [Finding("desk", N_("Database"), False, said, _advice_unopened(path)), *findings]
    engine_checks = server_checks() if engine.on_postgres() else (_journal, _schema, doctor_care.guards, _pages)
    care = (doctor_care.copies, doctor_care.archives, doctor_care.notices)
    for check in (*engine_checks, _clock, _zone, _people, *care):
        findings.extend(_guarded(check))
    return findings


def _opened(target: str) -> Said:
    if engine.on_postgres():
        version = str(engine.db.execute_sql("show server_version").fetchall()[0][0])
        return _said(N_("PostgreSQL {version}, {path}"), version=version, path=engine.masked(target))
    return _said(N_("SQLite {version}, {path}"), version=_version(), path=target)


def server_checks() -> tuple[Callable[[], Iterator[Finding]], ...]:
    """Return what is looked at on a server."""
    from dutydesk.services import doctor_server

    return (doctor_server.link, doctor_server.safety, _schema, doctor_server.guards, doctor_server.news)


def _advice_unopened(path: Path | None) -> Said | None:
    if path is None or not path.is_file() or not path.stat().st_size:
        return None
    return _said(N_("If this is the desk's file, it is damaged: restore the newest backup with dutydesk restore FILE"))


def _version() -> str:
    return ".".join(map(str, engine.sqlite_version()))


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Return what a check found; a desk too damaged for it has been told of by the others."""
    try:
        return list(check())
    except (*engine.ERRORS, DeskError, LookupError, TypeError, ValueError):
        return []


def _disk(path: Path) -> Iterator[Finding]:
    folder = path.parent if path.parent.is_dir() else Path.home()
    free = shutil.disk_usage(folder).free
    size = path.stat().st_size if path.is_file() else 0
    enough = free >= max(LEAST_FREE, 2 * size)
    found = _said(N_("{free} free, the desk has {size}"), free=show_size(free), size=show_size(size))
    advice = _said(N_("Free some space: a full disk saves nothing, and a migration needs room for a copy."))
    yield Finding("disk", N_("Disk"), enough, found, None if enough else advice)
    if path.is_file():
        yield _permissions(path)


def _permissions(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    closed = not mode & 0o077
    found = _said(N_("{mode}, owner {owner}"), mode=f"{mode:04o}", owner=_owner(path))
    advice = _said(N_("Other accounts may open the file: chmod 600 {path}"), path=str(path))
    return Finding("permissions", N_("File permissions"), closed, found, None if closed else advice)


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (KeyError, OSError):
        return str(path.stat().st_uid) if hasattr(os, "getuid") else "?"


def _journal() -> Iterator[Finding]:
    mode = str(engine.db.execute_sql("pragma journal_mode").fetchall()[0][0])
    safe = ".".join(map(str, engine.SAFE_WAL))
    if mode == "wal":
        why = _said(N_("wal: safe with several processes from SQLite {safe} on"), safe=safe)
    else:
        why = _said(N_("{mode}: SQLite {version} is older than {safe}, its WAL may be damaged"), mode=mode)
        why = Said(why.message, {**why.values, "version": _version(), "safe": safe})
    yield Finding("journal", N_("Journal"), mode == engine.journal_mode(), why)


def _schema() -> Iterator[Finding]:
    have, want = migrate.current(), migrate.newest()
    try:
        migrate.require_current()
    except DeskError as error:
        yield Finding("schema", N_("Schema"), False, Said(error.sentence, error.values))
        return
    yield Finding("schema", N_("Schema"), have == want, _said(N_("number {have}"), have=have))


def _pages() -> Iterator[Finding]:
    wrong = str(engine.db.execute_sql("pragma quick_check(1)").fetchall()[0][0])
    if wrong == "ok":
        yield Finding("pages", N_("Pages"), True, _said(N_("every page can be read")))
        return
    advice = _said(N_("Restore the newest backup: dutydesk restore FILE"))
    yield Finding("pages", N_("Pages"), False, _said(N_("damaged: {detail}"), detail=" ".join(wrong.split())), advice)


def _clock() -> Iterator[Finding]:
    newest = AuditEntry.select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(1).scalar()
    if newest is None:
        return
    ahead = newest - clock.now()
    well = ahead <= CLOCK_SLACK
    found = _said(N_("newest entry {at}"), at={"at": newest})
    advice = _said(
        N_("The clock of this machine is {minutes} minutes behind the newest entry: check its time service."),
        minutes=max(1, ahead // 60),
    )
    back = _set_back()
    if well and back > CLOCK_SLACK:
        well = False
        advice = _said(
            N_("Within the last day a clock went back by {minutes} minutes; entries keep their order by number."),
            minutes=back // 60,
        )
    yield Finding("clock", N_("Clock"), well, found, None if well else advice)


def _set_back() -> int:
    """Return by how many seconds an entry of the last day is earlier than one written before it."""
    since = clock.now() - DAY
    newest = AuditEntry.select(AuditEntry.at).order_by(AuditEntry.seq.desc()).limit(LOOKED_BACK).tuples()
    times = [at for (at,) in reversed(list(newest))]
    return max(
        (highest - at for highest, at in zip(accumulate(times, max), times, strict=True) if at >= since), default=0
    )


def _zone() -> Iterator[Finding]:
    from dutydesk.domain.walltime import zone_named

    name = settings.all_settings()["zone"]
    try:
        zone_named(name)
        yield Finding("zone", N_("Time zone"), True, _said("{zone}", zone=name))
    except DeskError as error:
        advice = _said(N_("The time zone data is missing: install the package tzdata."))
        yield Finding("zone", N_("Time zone"), False, Said(error.sentence, error.values), advice)


def _people() -> Iterator[Finding]:
    rows: list[Any] = list(Person.select(Person.login, Person.pin_hash, Person.role).where(Person.active).tuples())
    without = [login for login, pin_hash, role in rows if not pin_hash and role != "reader"]
    found = _said(N_("{count} active"), count=len(rows))
    if without:
        found = _said(N_("{count} active, without a PIN: {logins}"), count=len(rows), logins=", ".join(without))
    advice = _said(N_("Nobody signs without a PIN: dutydesk people pin {login}"), login=(without or [""])[0])
    yield Finding("people", N_("People"), not without, found, advice if without else None)
