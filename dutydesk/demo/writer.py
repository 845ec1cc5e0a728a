"""How the scenario writes into the desk: one interface, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from dutydesk.domain.backups import Copy
from dutydesk.domain.handover import Item, Written
from dutydesk.domain.incidents import Mode
from dutydesk.domain.log import LogKind
from dutydesk.domain.rounds import Found
from dutydesk.services.core import Actor
from dutydesk.services.incident_new import NewIncident


@dataclass(frozen=True)
class Given:
    """An answer on a round; what is not needed stays None."""

    item_id: int
    found: Found | None = None
    number: float | None = None
    text: str | None = None
    note: str | None = None
    copy: Copy | None = None


@dataclass(frozen=True)
class Prepared:
    """A handover that was signed by the outgoing: its id and its frozen lines with their ids."""

    id: int
    items: tuple[tuple[int, Item], ...]

    @property
    def to_answer(self) -> list[tuple[int, Item]]:
        """Return the lines that the receiver reads back."""
        return [(key, item) for key, item in self.items if item.answer_required]


Compose = Callable[[tuple[Item, ...]], Written]
"""What the outgoing engineer types, given the lines as they filled themselves."""


class Writer(Protocol):
    """The use cases that a past is made of; `other` is any other one."""

    def sign_in(self, who: Actor, shift_id: int) -> None: ...
    def sign_out(self, who: Actor, shift_id: int) -> None: ...
    def start_round(self, who: Actor, round_id: int) -> None: ...
    def answer(self, who: Actor, round_id: int, given: Given) -> int: ...
    def finish_round(self, who: Actor, round_id: int) -> None: ...
    def log(self, who: Actor, text: str, kind: LogKind) -> None: ...
    def open_incident(self, who: Actor, new: NewIncident) -> int: ...
    def acknowledge(self, who: Actor, incident_id: int) -> None: ...
    def start(self, who: Actor, incident_id: int, mode: Mode) -> None: ...
    def note(self, who: Actor, incident_id: int, text: str) -> None: ...
    def dispatch(self, who: Actor, incident_id: int, name: str, task: str) -> int: ...
    def arrived(self, who: Actor, incident_id: int, dispatch_id: int) -> None: ...
    def done(self, who: Actor, incident_id: int, dispatch_id: int, result: str) -> None: ...
    def resolve(self, who: Actor, incident_id: int, solution: str) -> None: ...
    def close(self, who: Actor, incident_id: int, answer: str) -> None: ...
    def prepare(self, who: Actor, compose: Compose) -> Prepared: ...
    def read_back(self, who: Actor, prepared: Prepared, item_id: int, words: str) -> None: ...
    def accept(self, who: Actor, prepared: Prepared) -> None: ...
    def other(self, use_case: Callable[..., Any], who: Actor, *args: Any, **kwargs: Any) -> Any: ...
    def settle(self) -> None: ...


def inner(use_case: Callable[..., Any]) -> Callable[..., Any]:
    """Return a use case without its guards: the scenario holds the transaction, and nobody types a PIN in the past."""
    plain: Callable[..., Any] = getattr(use_case, "__wrapped__")  # noqa: B009
    return plain
