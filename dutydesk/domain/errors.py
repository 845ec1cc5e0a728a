"""What can go wrong, as a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Set


class DeskError(Exception):
    """A refusal with one sentence; the sentence is translated where it is shown.

    `sentence` is a catalogue message with `{name}` places, filled from `values`.
    `field` names the form field that the sentence belongs to, when there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values
        self.field = field

    def __str__(self) -> str:
        return self.sentence.format(**{key: getattr(value, "label", value) for key, value in self.values.items()})


class Invalid(DeskError):
    """What was typed cannot be taken as it is."""


class Refused(DeskError):
    """The person, or the moment, does not allow it."""


class NotFound(DeskError):
    """What was named is not there."""


class Conflict(DeskError):
    """Somebody else changed the same record first; `theirs` holds what stands there now."""

    def __init__(self, sentence: str, *, theirs: dict[str, object] | None = None, **values: object) -> None:
        super().__init__(sentence, **values)  # type: ignore[arg-type]
        self.theirs = theirs or {}


class StorageTrouble(DeskError):
    """The database cannot be reached, read or written."""


class DeskReplaced(StorageTrouble):
    """The desk that was opened is not the one that stands there now: another file, or another history."""


class DeskOutgrown(StorageTrouble):
    """A newer program has changed the desk under this one; it may not write there."""


class ConnectionLost(StorageTrouble):
    """The connection to the database is gone; the same call may be made again once it is back."""


class Unsure(ConnectionLost):
    """The connection broke while a write was being committed: only the chain can tell whether it went through.

    `seq` and `digest` name the audit entry that it would have left, `answer` is what the use case returned, `changes`
    what it changed.
    """

    def __init__(
        self,
        sentence: str,
        *,
        seq: int,
        digest: str,
        answer: object,
        changes: Set[tuple[str, int | None]] = frozenset(),
    ) -> None:
        super().__init__(sentence)
        self.seq = seq
        self.digest = digest
        self.answer = answer
        self.changes = frozenset(changes)
