"""The scenario written down through the services, one use case at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dutydesk.demo.writer import Compose, Given, Prepared, inner
from dutydesk.domain.incidents import Mode
from dutydesk.domain.log import LogKind
from dutydesk.services import attendance, handover, incidents, log, rounds
from dutydesk.services.core import Actor
from dutydesk.services.handover_views import HandoverView
from dutydesk.services.incident_new import NewIncident


class ByServices:
    """Calls the services."""

    def sign_in(self, who: Actor, shift_id: int) -> None:
        """Sign in to a shift that the person is planned on."""
        inner(attendance.sign_in)(who, "", shift_id=shift_id)

    def sign_out(self, who: Actor, shift_id: int) -> None:  # noqa: ARG002
        """Sign out of the shift one is on; its handover is sealed."""
        inner(attendance.sign_out)(who, "")

    def start_round(self, who: Actor, round_id: int) -> None:
        """Start a round."""
        inner(rounds.start)(who, round_id)

    def answer(self, who: Actor, round_id: int, given: Given) -> int:
        """Answer an item; returns the answer's id."""
        written = inner(rounds.answer)(
            who,
            round_id,
            given.item_id,
            given.found,
            number=given.number,
            text=given.text,
            note=given.note,
            copy=given.copy,
        )
        key: int = written.answer.id
        return key

    def finish_round(self, who: Actor, round_id: int) -> None:
        """Close a round."""
        inner(rounds.finish)(who, round_id)

    def log(self, who: Actor, text: str, kind: LogKind) -> None:
        """Write a line about now."""
        inner(log.write)(who, text, kind=kind)

    def open_incident(self, who: Actor, new: NewIncident) -> int:
        """Record an incident; returns its id."""
        key: int = inner(incidents.open_incident)(who, new).id
        return key

    def acknowledge(self, who: Actor, incident_id: int) -> None:
        """Say that somebody takes care."""
        inner(incidents.acknowledge)(who, incident_id)

    def start(self, who: Actor, incident_id: int, mode: Mode) -> None:
        """Begin to work on it."""
        inner(incidents.start)(who, incident_id, mode=mode)

    def note(self, who: Actor, incident_id: int, text: str) -> None:
        """Add a note."""
        inner(incidents.note)(who, incident_id, text)

    def dispatch(self, who: Actor, incident_id: int, name: str, task: str) -> int:
        """Send somebody from outside on site; returns the id of the dispatch."""
        view = inner(incidents.dispatch)(who, incident_id, Mode.ON_SITE, name=name, text=task)
        return max(sent.id for sent in view.dispatches)

    def arrived(self, who: Actor, incident_id: int, dispatch_id: int) -> None:
        """Record that he arrived."""
        inner(incidents.arrived)(who, incident_id, dispatch_id)

    def done(self, who: Actor, incident_id: int, dispatch_id: int, result: str) -> None:
        """Record that he is done."""
        inner(incidents.done)(who, incident_id, dispatch_id, result)

    def resolve(self, who: Actor, incident_id: int, solution: str) -> None:
        """Say what solved it."""
        inner(incidents.resolve)(who, incident_id, solution)

    def close(self, who: Actor, incident_id: int, answer: str) -> None:
        """Close it."""
        inner(incidents.close)(who, incident_id, answer)

    def prepare(self, who: Actor, compose: Compose) -> Prepared:
        """Sign the handover as the outgoing."""
        drawn = inner(handover.draft)(who)
        view: HandoverView = inner(handover.prepare)(who, "", compose(drawn.items))
        if view.line.id is None:
            raise AssertionError("a prepared handover is stored")
        return Prepared(view.line.id, tuple((frozen.id, frozen.item) for frozen in view.items))

    def read_back(self, who: Actor, prepared: Prepared, item_id: int, words: str) -> None:
        """Answer one line in the receiver's words."""
        inner(handover.read_back)(who, prepared.id, item_id, words)

    def accept(self, who: Actor, prepared: Prepared) -> None:
        """Accept and seal."""
        inner(handover.accept)(who, "", prepared.id)

    def other(self, use_case: Callable[..., Any], who: Actor, *args: Any, **kwargs: Any) -> Any:
        """Call any other use case."""
        return inner(use_case)(who, *args, **kwargs)

    def settle(self) -> None:
        """Nothing waits."""
