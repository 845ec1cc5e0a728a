"""Reading a TOML file of the desk with errors that name the file, the line or the key, and what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_, Named

T = TypeVar("T")


class Expected(Named):
    """What a key must hold."""

    TEXT = "text", N_("a text in quotation marks")
    WHOLE = "whole", N_("a whole number")
    YES_NO = "yes-no", N_("true or false")
    DATE = "date", N_("a date such as 2026-01-01")
    LIST = "list", N_("a list in square brackets")
    TABLE = "table", N_("a table")
    TEXTS = "texts", N_("a text or a list of texts")
    WORDS = "words", N_('a text, or one for each language such as { en = "Day", zh = "白班" }')


_QUOTED = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'')
_BETWEEN_NAMES = re.compile(r"[,=\[\]{}]")
_LONG_NUMBER = re.compile(r"[0-9_]{400}")
MOST_PARTS = 60
"""Parts that a dotted name may have, and tables that may lie in one another, before it is called too deep."""


def read_toml(text: str, source: str) -> Table:
    """Return the whole file as a table; raise Invalid with the line where it is not TOML."""
    return Table(toml(text, source), source)


def toml(text: str, source: str) -> dict[str, Any]:
    """Return what a TOML text holds; raise Invalid with the line where it is none.

    What the standard library's reader takes minutes or a crash for is refused before: names of many thousand parts,
    numbers of many thousand digits.
    """
    import tomllib

    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_PARTS and (wrong := _too_much(_QUOTED.sub("", line))):
            raise Invalid(wrong, file=source, line=number)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Invalid(_TOO_DEEP, file=source, line=_deepest(text)) from None
    except ValueError as error:  # TOMLDecodeError is one
        found = re.search(r"line (\d+)", str(error))
        line_at = int(found[1]) if found else text.count("\n") + 1
        raise Invalid(_NOT_TOML, file=source, line=line_at) from None


_NOT_TOML = N_("{file}, line {line}: this is not TOML.")
_TOO_DEEP = N_("{file}, line {line}: this is nested too deeply.")


def _too_much(line: str) -> str | None:
    if line.count(".") > MOST_PARTS and max(name.count(".") for name in _BETWEEN_NAMES.split(line)) > MOST_PARTS:
        return _TOO_DEEP
    return _NOT_TOML if _LONG_NUMBER.search(line) else None


def _deepest(text: str) -> int:
    """Return the line in which the brackets lie deepest in one another."""
    depth, most, at = 0, 0, 1
    for number, line in enumerate(text.split("\n"), 1):
        depth += line.count("[") + line.count("{")
        if depth > most:
            most, at = depth, number
        depth -= line.count("]") + line.count("}")
    return at


class Table:
    """One table of a file; `where` names it for the errors, and `done` refuses keys that nobody asked for."""

    def __init__(self, data: dict[str, Any], where: str) -> None:
        self.data = data
        self.where = where
        self.asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self.asked.add(key)
        return key in self.data

    def raw(self, key: str) -> Any:
        """Return the value as TOML gave it; raise Invalid when it is missing."""
        if not self.has(key):
            raise Invalid(N_("{where}: {key} is missing."), where=self.where, key=key)
        return self.data[key]

    def wrong(self, key: str, expected: Expected) -> Invalid:
        """Return the error for a value of the wrong kind."""
        return Invalid(N_("{where}: {key} must be {expected}."), where=self.where, key=key, expected=expected)

    def placed(self, read: Callable[[], T]) -> T:
        """Return what `read` returns; what it refuses is said with this table's place in front."""
        try:
            return read()
        except DeskError as error:
            raise Invalid(N_("{where}: {problem}"), where=self.where, problem=error, field=error.field) from None

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, str) or not clean(value):
            raise self.wrong(key, Expected.TEXT)
        return clean(value)

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number that is at least `least`."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, Expected.WHOLE)
        if value < least:
            raise Invalid(N_("{where}: {key} must be at least {least}."), where=self.where, key=key, least=least)
        return value

    def optional_whole(self, key: str, *, least: int = 0) -> int | None:
        """Return a whole number, or None when the key is not there."""
        return self.whole(key, least=least) if self.has(key) else None

    def yes(self, key: str, default: bool) -> bool:
        """Return true or false."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self.wrong(key, Expected.YES_NO)
        return value

    def day(self, key: str) -> date:
        """Return a date."""
        return self.as_day(key, self.raw(key))

    def as_day(self, key: str, value: object) -> date:
        """Return `value` of `key` as a date, written as TOML date or as text."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value) if isinstance(value, str) else _refuse()
        except ValueError:
            raise self.wrong(key, Expected.DATE) from None

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """Return one of the allowed words."""
        value = self.text(key, default)
        allowed = list(choices)
        if value not in allowed:
            raise Invalid(
                N_("{where}: {key} is “{value}” and must be one of {choices}."),
                where=self.where,
                key=key,
                value=value,
                choices=", ".join(allowed),
            )
        return value

    def items(self, key: str) -> list[Any]:
        """Return a list; a missing key is an empty one."""
        if not self.has(key):
            return []
        value = self.raw(key)
        if not isinstance(value, list):
            raise self.wrong(key, Expected.LIST)
        return value

    def texts(self, key: str, default: Iterable[str] = ()) -> tuple[str, ...]:
        """Return one text or a list of texts as a tuple."""
        if not self.has(key):
            return tuple(default)
        value = self.raw(key)
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) and clean(item) for item in value):
            raise self.wrong(key, Expected.TEXTS)
        return tuple(clean(item) for item in value)

    def words(self, key: str, default: str) -> Words:
        """Return a text in several languages; a plain text stands for all of them."""
        if not self.has(key):
            return Words(default, default)
        value = self.raw(key)
        if isinstance(value, str) and clean(value):
            return Words(clean(value), clean(value))
        if isinstance(value, dict) and value and all(isinstance(item, str) for item in value.values()):
            said = {language: clean(item) for language, item in value.items()}
            english = said.get("en") or next(iter(said.values()))
            return Words(english, said.get("zh") or english)
        raise self.wrong(key, Expected.WORDS)

    def table(self, key: str, *, where: str = "") -> Table:
        """Return a table below this one; a missing key is an empty one."""
        value = self.raw(key) if self.has(key) else {}
        return self.as_table(key, value, where or f"{self.where}, [{key}]")

    def as_table(self, key: str, value: object, where: str) -> Table:
        """Return `value` of `key` as a table named `where` in errors."""
        if not isinstance(value, dict):
            raise self.wrong(key, Expected.TABLE)
        return Table(value, where)

    def tables(self, key: str) -> list[Table]:
        """Return the tables of `[[key]]`, numbered from 1 in errors."""
        return [
            self.as_table(key, value, f"{self.where}, [[{key}]] {number}")
            for number, value in enumerate(self.items(key), start=1)
        ]

    def done(self) -> None:
        """Refuse the first key that nothing asked for: a typing error must not be lost silently."""
        for key in self.data:
            if key not in self.asked:
                raise Invalid(
                    N_("{where}: there is no key {key}. Known are {known}."),
                    where=self.where,
                    key=key,
                    known=", ".join(sorted(self.asked)),
                )


class Words(tuple[str, str]):
    """A text of a data file in English and Chinese."""

    def __new__(cls, english: str, chinese: str) -> Words:
        return super().__new__(cls, (english, chinese))

    def __getnewargs__(self) -> tuple[str, str]:
        return (self[0], self[1])

    def text(self, lang: str) -> str:
        """Return the text in `lang`: "zh" or English."""
        return self[1] if lang == "zh" else self[0]


def _refuse() -> date:
    raise ValueError
