"""The shift in front of you: how its people stand, what to call it, what of the policy the desk needs every minute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Facts:
    """What of the policy in force is needed all the time: titles of its shifts, minutes around them.

    It is kept beside the policy, so that drawing a screen never reads TOML.
    """

    titles: Mapping[str, Label] = field(default_factory=dict)
    posts: Mapping[str, Label] = field(default_factory=dict)
    late_grace: int = 5
    early_grace: int = 5
    sign_in_before: int = 60
    absent_after: int = 120
    handover_prepare: int = 30
    place: Label = field(default_factory=lambda: Label("值班室", "Duty room"))

    def title(self, kind: str) -> Label:
        """Return the name of a shift kind; the kind itself when the policy no longer knows it."""
        return self.titles.get(kind, Label(kind, kind))

    def post(self, key: str) -> Label:
        """Return the name of a post; the key itself for one the policy does not name."""
        return self.posts.get(key, Label(key, key))

    def to_json(self) -> str:
        """Return the facts as one JSON text."""
        plain = {name: getattr(self, name) for name in _MINUTES}
        plain["titles"] = {key: [label.zh, label.en] for key, label in self.titles.items()}
        plain["posts"] = {key: [label.zh, label.en] for key, label in self.posts.items()}
        plain["place"] = [self.place.zh, self.place.en]
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Read what `to_json` wrote; an empty text is the usual minutes without names."""
        if not text:
            return cls()
        plain = json.loads(text)
        return cls(
            titles={key: Label(*pair) for key, pair in plain.get("titles", {}).items()},
            posts={key: Label(*pair) for key, pair in plain.get("posts", {}).items()},
            place=Label(*plain.get("place", ["值班室", "Duty room"])),
            **{name: plain[name] for name in _MINUTES if name in plain},
        )


_MINUTES = ("late_grace", "early_grace", "sign_in_before", "absent_after", "handover_prepare")


def kind_word(kind: str) -> str:
    """Return the catalogue message for a shift kind of the shipped policies, else the kind itself."""
    return KIND_WORDS.get(kind, kind)


def state_of(last_sign: str | None, *, starts_at: int, ends_at: int, now: int, late_grace: int) -> DutyState:
    """Return how a planned person stands: `last_sign` is "in", "out" or None; grace in minutes."""
    if last_sign == "in":
        return DutyState.ON
    if last_sign == "out":
        return DutyState.LEFT
    if now >= ends_at:
        return DutyState.ABSENT
    return DutyState.MISSING if now > starts_at + late_grace * 60 else DutyState.EXPECTED
