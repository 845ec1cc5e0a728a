"""What happens on the desk thread before the first paint: open the desk, find out who is here and what he likes."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dutydesk.domain.errors import StorageTrouble
from dutydesk.domain.words import Label
from dutydesk.ui.topstate import OnDuty, TopState

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.shift import TopLine
    from dutydesk.services.shift_live import LiveShift

LOG_LINES = 30
"""Lines of the log that the live shift asks for."""


class Console(NamedTuple):
    """Where this console stands: host (the client's address under SSH), terminal, and a name of its own."""

    host: str
    terminal: str
    console: str

    @classmethod
    def here(cls) -> Console:
        """Return the console that this process runs on."""
        client = os.environ.get("SSH_CONNECTION", "").split()
        try:
            terminal = os.ttyname(0)
        except OSError:
            terminal = ""
        return cls(client[0] if client else socket.gethostname(), terminal, uuid.uuid4().hex)

    def as_words(self) -> dict[str, str]:
        """Return the keyword arguments of the identity functions."""
        return {"host": self.host, "terminal": self.terminal, "console": self.console}


class Arrival(NamedTuple):
    """The opened desk: its name and zone, the person if he is known, what he likes, and the first top line."""

    desk: Label
    zone: str
    lang: str
    who: Actor | None = None
    likes: Mapping[str, str] = {}
    top: TopState | None = None
    live: LiveShift | None = None
    """The live shift, asked for together with the top line; the first screen shows it."""
    seq: int = 0
    """The newest audit entry before anything was read: what others write from there on is news."""


def over_ssh() -> bool:
    """Return whether a line lies between this console and the person: what it need not carry is left out."""
    return bool(os.environ.get("SSH_CONNECTION"))


def account() -> str:
    """Return the operating-system user of this process, or an empty text."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def import_storage() -> None:
    """Import what `arrive` needs, before its thread begins: two threads that import at once take turns, and lose."""
    from dutydesk.storage.driver import load_peewee

    load_peewee()
    from dutydesk.services import notices, people, settings, shift  # noqa: F401
    from dutydesk.storage import engine, migrate  # noqa: F401


def arrive(target: str, *, login: str | None, console: Console) -> Arrival:
    """Open the desk at `target` and identify the person: by `login`, else by the operating-system user.

    Raises DeskError when the desk cannot be opened or nobody has `login`. Source: DESIGN 3.
    """
    from dutydesk.services import people, settings
    from dutydesk.storage import engine, migrate

    engine.connect(target)
    migrate.require_current()
    seq = engine.db.execute_sql("select coalesce(max(seq), 0) from audit_entry").fetchall()[0][0]
    known = settings.all_settings()
    login = login or people.login_of(account())
    who = people.identify(login, **console.as_words()) if login else None
    arrival = partial(Arrival, Label(known["name"], known["name_en"]), known["zone"], known["lang"], seq=seq)
    if who is None:
        return arrival()
    top, live = first_look(who)
    return arrival(who=who, likes=people.preferences(who), top=top, live=live)


def first_look(who: Actor) -> tuple[TopState, LiveShift | None]:
    """Return the top line and the live shift as they stand now.

    Where a damaged page is in the way, the console opens all the same: its first screen asks again and says so.
    """
    from dutydesk.services import notices, shift

    try:
        top, live = shift.arriving(who, log_lines=LOG_LINES)
    except StorageTrouble:
        return read_top(who), None
    return _state(top, notices.unseen(who)), live


def read_top(who: Actor) -> TopState:
    """Return the top line as it stands now."""
    from dutydesk.services import notices, shift

    return _state(shift.top(who), notices.unseen(who))


def _state(top: TopLine, unseen: int) -> TopState:
    return TopState(
        desk=top.desk,
        shift=top.shift,
        starts_at=top.starts_at,
        ends_at=top.ends_at,
        people=tuple(OnDuty(person.name, person.signed_in, person.missing_minutes) for person in top.people),
        p1=top.p1,
        p2=top.p2,
        overdue_rounds=top.overdue_rounds,
        signed_in=top.signed_in,
        handover_due=top.handover_due,
        notices=unseen,
    )
