"""Temporary schedules: lists by day, such as the duty list of a holiday, that stand above every rotation.

```toml
[[temporary]]
name = "spring-festival"
title = { en = "Spring Festival", zh = "春节值班表" }
[temporary.days]
2026-02-17 = { day = "login-a", night = ["login-b", "login-c"] }
2026-02-18 = { day = { network = "login-d", system = "login-e" } }
```
A list is about the hours of the shifts it names; there it hides every rotation, and what is hidden as a whole uses up
no turn. `[]` leaves the shift empty on purpose. Of two lists about the same hours the later one counts.
Source: DOMAIN 2.8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dutydesk.domain.errors import Invalid
from dutydesk.domain.tables import Expected, Table, Words
from dutydesk.domain.words import N_

Listed = tuple[tuple[str, str], ...]
"""The people on a listed shift as (login, post), the post "" where the list names none."""


@dataclass(frozen=True)
class TemporaryList:
    """One list; `days` holds for each day the shifts that it is about, with the people on them."""

    name: str
    title: Words
    days: Mapping[date, Mapping[str, Listed]]


def read_lists(tables: Sequence[Table], shifts: Collection[str], posts: Collection[str]) -> tuple[TemporaryList, ...]:
    """Read the `[[temporary]]` tables of a policy; errors name the table, the day and the shift."""
    lists = tuple(_read(table, number, shifts, posts) for number, table in enumerate(tables, start=1))
    names = [each.name for each in lists]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(N_("{where}: two lists are named “{name}”."), where=tables[0].where, name=twice[0])
    return lists


def _read(table: Table, number: int, shifts: Collection[str], posts: Collection[str]) -> TemporaryList:
    name = table.text("name", f"temporary-{number}")
    title = table.words("title", name)
    days = table.table("days")
    table.done()
    read: dict[date, dict[str, Listed]] = {}
    for key in days.data:
        day = days.table(key, where=f"{days.where}, {key}")
        read[days.as_day(key, key)] = {shift: _people(day, shift, shifts, posts) for shift in day.data}
    if not read:
        raise Invalid(N_("{where}: there is no day in it."), where=table.where)
    return TemporaryList(name, title, dict(sorted(read.items())))


def _people(day: Table, shift: str, shifts: Collection[str], posts: Collection[str]) -> Listed:
    if shift not in shifts:
        raise Invalid(N_("{where}: there is no shift “{name}”."), where=day.where, name=shift)
    value = day.raw(shift)
    by_post = value if isinstance(value, dict) else {"": value}
    people: list[tuple[str, str]] = []
    for post, logins in by_post.items():
        if post and post not in posts:
            raise Invalid(N_("{where}: there is no post “{name}”. Name it under [posts]."), where=day.where, name=post)
        named = [logins] if isinstance(logins, str) else logins
        if not isinstance(named, list) or not all(isinstance(login, str) and login.strip() for login in named):
            raise day.wrong(shift, Expected.TEXTS)
        people += [(login.strip(), post) for login in named]
    logins = [login for login, _ in people]
    if twice := sorted({login for login in logins if logins.count(login) > 1}):
        raise Invalid(N_("{where}: {key}: “{name}” stands there twice."), where=day.where, key=shift, name=twice[0])
    return tuple(people)
