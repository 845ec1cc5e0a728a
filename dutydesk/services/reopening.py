"""Open a desk again whose file was replaced under a running console. Source: DESIGN 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dutydesk.domain.errors import DeskError
from dutydesk.services import people
from dutydesk.services.core import Actor, unguarded
from dutydesk.storage import engine, migrate, opened


@dataclass(frozen=True)
class Reopened:
    """The desk that stands there now: who sits at it, whether it goes on where the old one was, where that is kept.

    `who` is None when the person of before is not one of its people.
    """

    who: Actor | None
    goes_on: bool
    kept: Path | None = None


@unguarded
def keep() -> Path | None:
    """Keep what the open connection still holds of the desk that was replaced, then let go of it."""
    kept = opened.keep_replaced()
    opened.let_go()
    return kept


@unguarded
def reopen(target: str, who: Actor | None, head: tuple[int, str]) -> Reopened:
    """Open what stands at `target` now, when it is a whole desk of this program's schema; raise DeskError otherwise.

    `head` is the newest entry that was seen before.
    """
    try:
        engine.connect(target)
        migrate.require_current()
        opened.require_whole()
        return Reopened(_again(who), opened.holds(head))
    except BaseException:
        engine.disconnect()
        raise


def _again(who: Actor | None) -> Actor | None:
    if who is None:
        return None
    try:
        return people.identify(who.login, host=who.host, terminal=who.terminal, console=who.console)
    except DeskError:
        return None
