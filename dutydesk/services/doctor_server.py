"""What is well and what is wrong with a PostgreSQL server as a desk's home. Source: DESIGN 2, 5."""

from __future__ import annotations

import time
from collections.abc import Iterator

from dutydesk.domain.words import N_
from dutydesk.services import doctor_care
from dutydesk.services.doctor import Finding, _said
from dutydesk.storage import engine, postgres
from dutydesk.storage.engine import db

SLOW_MS = 50
"""Milliseconds of a question and its answer from which working feels slow: a screen asks several times."""
CLOCK_SECONDS = 5
"""Seconds that the server's clock may differ."""
OLDEST = 140_000
"""The oldest server version with all that is used (`create or replace trigger`)."""


def _one(sql: str) -> str:
    return str(db.execute_sql(sql).fetchall()[0][0])


def link() -> Iterator[Finding]:
    """Yield how far away the server is, how old, and whether its clock agrees."""
    begin = time.monotonic()
    for _each in range(3):
        _one("select 1")
    took = (time.monotonic() - begin) * 1000 / 3
    advice = _said(N_("Every screen asks the server several times: bring the console nearer to it."))
    found = _said(N_("a question and its answer take {ms} ms"), ms=round(took, 1))
    yield Finding("link", N_("Line to the server"), took <= SLOW_MS, found, None if took <= SLOW_MS else advice)
    number = int(_one("show server_version_num"))
    if number < OLDEST:
        found = _said(N_("version {version}"), version=number // 10_000)
        yield Finding("version", N_("Server"), False, found, _said(N_("PostgreSQL 14 or newer is needed.")))
    away = float(_one("select extract(epoch from clock_timestamp())")) - time.time()
    if abs(away) > CLOCK_SECONDS:
        advice = _said(N_("Check the time service of both machines."))
        found = _said(N_("differs from the server's by {seconds} seconds"), seconds=round(away))
        yield Finding("server-clock", N_("Server clock"), False, found, advice)


def safety() -> Iterator[Finding]:
    """Yield whether a commit is on disk, and whether this is the server that may be written."""
    durable = _one("show fsync") == "on" and _one("show full_page_writes") == "on"
    found = _said(N_("a commit is on disk")) if durable else _said(N_("fsync or full_page_writes is off"))
    advice = _said(N_("A power cut may lose or damage the desk: switch both on at the server."))
    yield Finding("durable", N_("Durability"), durable, found, None if durable else advice)
    if _one("select pg_is_in_recovery()") == "True":
        found = _said(N_("this is a standby; it cannot be written"))
        yield Finding("standby", N_("Server"), False, found, _said(N_("Name the primary in the address.")))
    encoding = _one("show server_encoding")
    if encoding != "UTF8":
        found = _said("{encoding}", encoding=encoding)
        advice = _said(N_("Chinese needs a database made with encoding UTF8."))
        yield Finding("server-encoding", N_("Encoding of the database"), False, found, advice)


def guards() -> Iterator[Finding]:
    """Yield whether every append-only table still has its guards, switched on."""
    rows = db.execute_sql(
        "select c.relname, count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid "
        "where t.tgenabled = 'A' and t.tgname like c.relname || '_no_%%' and not t.tgisinternal "
        "and c.relnamespace = current_schema()::regnamespace group by c.relname"
    ).fetchall()
    yield doctor_care.guarded({name for name, count in rows if count >= 3})


def news() -> Iterator[Finding]:
    """Yield whether notifications arrive: behind a pooler that shares connections they do not."""
    db.listen()
    other = engine.open_apart(engine.url())
    try:
        other.execute_sql(f"notify {postgres.CHANNEL}")
    finally:
        other.close()
    end = time.monotonic() + 1
    heard = db.heard()
    while not heard and time.monotonic() < end:
        time.sleep(0.02)
        heard = db.heard()
    found = _said(N_("notifications arrive")) if heard else _said(N_("notifications do not arrive"))
    advice = _said(N_("Others' changes show after seconds only: connect without a pooler, or with one per session."))
    yield Finding("news", N_("Changes of others"), heard, found, None if heard else advice)
