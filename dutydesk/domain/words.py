"""Closed sets whose members carry the words people read."""

from __future__ import annotations

from enum import Enum


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues without translating it here."""
    return sentence


class Named(str, Enum):
    """A closed set stored by its code; `label` is the English word, translated where it is shown.

    Members are written as `FAULT = "fault", N_("Fault")`.
    """

    label: str

    def __new__(cls, code: str, label: str) -> Named:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    def __str__(self) -> str:
        return self.value
