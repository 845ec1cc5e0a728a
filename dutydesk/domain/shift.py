"""The shift in front of you: how its people stand, what to call it, what of the policy the desk needs every minute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from dutydesk.domain.attendance import Arrival, Attendance, AttendanceRule
from dutydesk.domain.words import N_, Label, Named

KIND_WORDS = {"day": N_("Day"), "night": N_("Night"), "duty": N_("Duty")}
"""Words for the shift kinds of the shipped policies; a policy's own kinds carry their title."""


class DutyState(Named):
    """How a person stands to a shift. Source: SCREENS."""

    ON = "on", N_("signed in")
    EXPECTED = "expected", N_("expected")
    MISSING = "missing", N_("missing")
    LEFT = "left", N_("signed out")
    ABSENT = "absent", N_("absent")
    EMPTY = "empty", N_("nobody planned")


USUAL_ACKNOWLEDGE = {"P1": 5, "P2": 15}
"""Minutes by priority until an incident must be acknowledged, where the policy says nothing."""
USUAL_MINUTES = AttendanceRule()
DUTY_ROOM = Label("值班室", "Duty room")


class Facts(NamedTuple):
    """What of the policy in force is needed all the time: names of shifts, posts and rotations, minutes around them.

    It is kept beside the policy, so that drawing a screen never reads TOML.
    """

    titles: Mapping[str, Label] = {}
    posts: Mapping[str, Label] = {}
    rules: Mapping[str, Label] = {}
    attendance: AttendanceRule = USUAL_MINUTES
    acknowledge: Mapping[str, int] = USUAL_ACKNOWLEDGE
    handover_prepare: int = 30
    place: Label = DUTY_ROOM

    def title(self, kind: str) -> Label:
        """Return the name of a shift kind; the kind itself when the policy no longer knows it."""
        return self.titles.get(kind) or self.titles.get(kind.partition(".")[0]) or Label(kind, kind)

    def post(self, key: str) -> Label:
        """Return the name of a post; the key itself for one the policy does not name."""
        return self.posts.get(key, Label(key, key))

    def to_json(self) -> str:
        """Return the facts as one JSON text."""
        plain = {
            "titles": _pairs(self.titles),
            "posts": _pairs(self.posts),
            "rules": _pairs(self.rules),
            "attendance": self.attendance._asdict(),
            "acknowledge": dict(self.acknowledge),
            "handover_prepare": self.handover_prepare,
            "place": [self.place.zh, self.place.en],
        }
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Read what `to_json` wrote; an empty text is the usual minutes without names."""
        if not text:
            return cls()
        plain = json.loads(text)
        return cls(
            titles=_labels(plain.get("titles", {})),
            posts=_labels(plain.get("posts", {})),
            rules=_labels(plain.get("rules", {})),
            attendance=AttendanceRule(**plain.get("attendance", {})),
            acknowledge=plain.get("acknowledge", USUAL_ACKNOWLEDGE),
            handover_prepare=plain.get("handover_prepare", 30),
            place=Label(*plain["place"]) if "place" in plain else DUTY_ROOM,
        )


def _pairs(labels: Mapping[str, Label]) -> dict[str, list[str]]:
    return {key: [label.zh, label.en] for key, label in labels.items()}


def _labels(pairs: Mapping[str, list[str]]) -> dict[str, Label]:
    return {key: Label(*pair) for key, pair in pairs.items()}


_WITHOUT = {
    Arrival.EXPECTED: DutyState.EXPECTED,
    Arrival.MISSING: DutyState.MISSING,
    Arrival.ABSENT: DutyState.ABSENT,
}


def state_of(judged: Attendance, last_sign: str | None) -> DutyState:
    """Return how a planned person stands: what the rules say, and the newest signature ("in", "out" or None)."""
    if last_sign is None:
        return _WITHOUT[judged.arrival]
    return DutyState.ON if last_sign == "in" else DutyState.LEFT


def minutes_over(starts_at: int, ends_at: int, now: int) -> int:
    """Return for how many minutes somebody who is not here has been missing."""
    return max(0, min(now, ends_at) - starts_at) // 60


def kind_word(kind: str) -> str:
    """Return the catalogue message for a shift kind of the shipped policies, else the kind itself."""
    return KIND_WORDS.get(kind, kind)
