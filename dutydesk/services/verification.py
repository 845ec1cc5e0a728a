"""Where a check of the audit chain begins: an entry's number, a head printed on a sheet, or a day."""

from __future__ import annotations

from dutydesk.domain import spans
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.walltime import midnight
from dutydesk.domain.words import N_
from dutydesk.services import settings
from dutydesk.storage import chain
from dutydesk.storage.chain_check import Since, find

SHORTEST = 8
"""Digits of a head that are enough."""


def is_digest(text: str) -> bool:
    """Whether a text is a digest, or the beginning of one."""
    return SHORTEST <= len(text) <= 64 and all(character in "0123456789abcdef" for character in text.lower())


def beginning(text: str) -> int:
    """Return the number of the entry that a check begins with.

    `text` is the number of an entry, a digest or its beginning, or a day: its first entry. Raises Invalid when it is
    none of them, NotFound when there is no such entry.
    """
    text = text.strip()
    newest = chain.head()[0]
    if text.isascii() and text.isdigit() and (int(text) <= newest or not is_digest(text)):
        return _found(Since(seq=int(text)), text, newest)
    if is_digest(text):
        return _found(Since(digest=text.lower()), text, newest)
    try:
        start = midnight(spans.day(text), settings.desk_zone())
    except Invalid as error:
        raise Invalid(
            N_("“{text}” is neither the number of an entry, nor a head, nor a day such as 2026-11-01."),
            field="since",
            text=text[:70],
        ) from error
    return _found(Since(at=start), text, newest)


def require_after(head: str, first: int) -> None:
    """Raise Invalid when a head (its digits, or the first of them) belongs to an entry before `first`.

    It is in the chain then, but a check that begins later does not come past it.
    """
    seq = find(Since(digest=head))
    if seq is not None and seq < first:
        raise Invalid(
            N_("The head {head} belongs to entry {seq}, before entry {first}, where this check begins: begin earlier."),
            field="head",
            head=head,
            seq=seq,
            first=first,
        )


def _found(since: Since, text: str, newest: int) -> int:
    seq = None if since.seq is not None and since.seq > newest else find(since)
    if seq is not None:
        return seq
    if since.at is not None:
        sentence = N_("No entry was made on {text} or later; the newest is {newest}. Nothing was checked.")
    elif since.seq is not None:
        sentence = N_("There is no entry {text}; the newest is {newest}. Nothing was checked.")
    else:
        sentence = N_("The head {text} is not in this chain: history was cut off or replaced. Nothing was checked.")
    raise NotFound(sentence, field="since", text=text, newest=newest)
