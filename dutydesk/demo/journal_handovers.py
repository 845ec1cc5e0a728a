"""Handovers for the journal: prepared, read back, accepted and sealed. See `by_journal`."""

from __future__ import annotations

from typing import Any

from dutydesk.demo.journal import Journal, Kept
from dutydesk.demo.journal_log import LogPages
from dutydesk.demo.known import Known
from dutydesk.demo.writer import Compose, Prepared
from dutydesk.domain import clock
from dutydesk.domain.handover import Item, Status, check_complete, worst
from dutydesk.domain.log import LogKind
from dutydesk.services import handover
from dutydesk.services.core import Actor
from dutydesk.storage import chain
from dutydesk.storage.models.handover import Handover, HandoverAnswer, HandoverItem, HandoverSheet
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.rounds import Round
from dutydesk.storage.models.shift import DutyShift


class HandoverPages(LogPages):
    """Handovers; what they hold is read from the records by the service itself."""

    known: Known
    journal: Journal
    _items: list[Kept]
    _answers: list[Kept]

    def prepare(self, who: Actor, compose: Compose) -> Prepared:
        """Sign the handover as the outgoing; one that was returned before goes through the service."""
        self.journal.flush()
        shift = self.duty
        if Handover.select().where(Handover.from_shift == shift.id).exists():
            return self._prepare_again(who, compose)
        drawn = handover._filled(DutyShift.get_by_id(shift.id))
        written = compose(tuple(drawn))
        items = handover._with_written(drawn, written)
        check_complete(items)
        row = self.journal.create(
            Handover,
            number=f"HO-{shift.day[2:].replace('-', '')}-{shift.kind}",
            from_shift=shift.id,
            to_shift=self.known.after(shift).id,
        )
        return self._freeze(who, row, items, written.state)

    def _prepare_again(self, who: Actor, compose: Compose) -> Prepared:
        from dutydesk.demo.by_services import ByServices

        self.journal.forget()
        prepared = ByServices().prepare(who, compose)
        self.journal.resume()
        self.cut_off = clock.now()
        self._items = [self.journal.get(HandoverItem, key) for key, _item in prepared.items]
        self._answers = []
        return prepared

    def _freeze(self, who: Actor, row: Kept, items: list[Item], state: Any) -> Prepared:
        now = clock.now()
        self.journal.change(
            row,
            status=Status.PREPARED.value,
            revision=row["revision"] + 1,
            state=(state or worst([item.colour for item in items])).value,
            cut_off=now,
            prepared_by=who.person_id,
            prepared_at=now,
        )
        frozen = [self._freeze_item(row, ordinal, item) for ordinal, item in enumerate(items)]
        kept = [kept for item in items if (kept := self._keep_step(item)) is not None]
        values = {"number": row["number"], "items": len(frozen)}
        self.journal.record(who, "handover.prepared", row, *frozen, *kept, values=values)
        self.add_line(who, LogKind.HANDOVER, "Handover {number} prepared.", {"number": row["number"]})
        self.cut_off, self._items, self._answers = now, frozen, []
        return Prepared(row.id, tuple((line.id, item) for line, item in zip(frozen, items, strict=True)))

    def _keep_step(self, item: Item) -> Kept | None:
        if item.subject == "incident" and item.subject_id is not None:
            incident = self.journal.get(Incident, item.subject_id)
            if item.next_step and incident["next_step"] != item.next_step:
                return self.journal.change(incident, next_step=item.next_step)
        if item.subject == "round" and item.values.get("missed") and item.subject_id is not None:
            missed = self.journal.get(Round, item.subject_id)
            if missed["reason"] != item.next_step:
                return self.journal.change(missed, status="missed", reason=item.next_step)
        return None

    def _freeze_item(self, row: Kept, ordinal: int, item: Item) -> Kept:
        return self.journal.create(
            HandoverItem,
            handover=row.id,
            revision=row["revision"],
            ordinal=ordinal,
            block=item.block.value,
            colour=item.colour.value,
            subject=item.subject,
            subject_id=item.subject_id,
            title=item.title,
            next_step=item.next_step,
            since=item.since,
            deadline=item.deadline,
            carried=item.carried,
            answer_required=item.answer_required,
            data=chain.canonical({"key": item.key, "message": item.message, "values": dict(item.values)}),
        )

    def read_back(self, who: Actor, prepared: Prepared, item_id: int, words: str) -> None:
        """Answer one line in the receiver's words."""
        row = self.journal.get(Handover, prepared.id)
        answer = self.journal.create(
            HandoverAnswer,
            handover=row.id,
            revision=row["revision"],
            item=item_id,
            person=who.person_id,
            at=clock.now(),
            words=words,
        )
        self._answers.append(answer)
        rows = [answer]
        answered = {each["item"] for each in self._answers}
        if row["status"] == Status.PREPARED.value and all(key in answered for key, _ in prepared.to_answer):
            rows.append(self.journal.change(row, status=Status.READ.value))
        values = {"item": item_id, "words": words}
        self.journal.record(who, "handover.read_back", *rows, subject_id=row.id, values=values)

    def accept(self, who: Actor, prepared: Prepared) -> None:
        """Accept and seal."""
        now, row = clock.now(), self.journal.get(Handover, prepared.id)
        self.journal.change(row, status=Status.SEALED.value, accepted_by=who.person_id, accepted_at=now, sealed_at=now)
        self.journal.record(who, "handover.accepted", row, values={"number": row["number"]})
        seq, head = self.journal.head
        content = chain.canonical(
            {
                "handover": row.data,
                "items": [item.data for item in self._items],
                "answers": [answer.data for answer in self._answers],
            }
        )
        sheet = self.journal.create(
            HandoverSheet,
            handover=row.id,
            sealed_at=now,
            content=content,
            digest=chain.digest(content),
            chain_head=head,
            chain_seq=seq,
        )
        values = {"digest": sheet["digest"], "chain_head": head}
        self.journal.record(who, "handover.sealed", sheet, subject_id=row.id, values=values)
        self.add_line(who, LogKind.HANDOVER, "Handover {number} accepted and sealed.", {"number": row["number"]})
        self.duty, self.cut_off = self.known.after(self.duty), None
