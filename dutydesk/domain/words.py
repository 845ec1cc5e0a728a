"""Closed sets whose members carry the words people read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues without translating it here."""
    return sentence


class Named(StrEnum):
    """A closed set stored by its code; `label` is the English word, translated where it is shown.

    Members are written as `FAULT = "fault", N_("Fault")`.
    """

    label: str

    def __new__(cls, code: str, label: str = "") -> Named:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Label:
    """A name that the desk keeps in Chinese and, where it has one, in English."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.en or self.zh


class Word(str):
    """A catalogue message used as a value of a sentence: translated where the sentence is shown."""

    __slots__ = ()
