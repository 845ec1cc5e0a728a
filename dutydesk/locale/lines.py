"""Sentences that are kept as message and values, said in a reader's language: log lines, warnings, handover items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dutydesk.domain.log import Said
from dutydesk.locale import in_language, language, times


class _Line(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def message(self) -> str | None: ...
    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def event_at(self) -> int: ...


def line_text(line: _Line) -> str:
    """Return what a log line says, in the language spoken now: a person's words as they are, the program's translated.

    A line whose message this version does not know reads as it was written.
    """
    if not line.message:
        return line.text
    try:
        return render(line.message, line.values, base=line.event_at)
    except (KeyError, IndexError, ValueError):
        return line.text


def said(sentence: Said, *, base: int | None = None) -> str:
    """Return a kept sentence in the language spoken now."""
    return render(sentence.message, sentence.values, base=base)


def render(message: str, values: Mapping[str, Any], *, lang: str | None = None, base: int | None = None) -> str:
    """Return `message` in `lang` (the language spoken now by default), its places filled.

    A value may be a word of the catalogue (`{"word": …}`, with `"inside": true` in small letters), a name in two
    languages (`{"zh": …, "en": …}`), a day (`{"day": "2026-11-21"}`) or an instant (`{"at": epoch}`), which reads
    `14:20` on the day of the instant `base` and `11-21 22:10` on another.
    """
    lang = lang or language()
    spoken = {name: _spoken(value, lang, base) for name, value in values.items()}
    return in_language(lang, message, **spoken)


def _spoken(value: Any, lang: str, base: int | None) -> Any:
    if not isinstance(value, dict):
        return value
    if "word" in value:
        word = in_language(lang, value["word"])
        return word[:1].lower() + word[1:] if value.get("inside") else word
    if "day" in value:
        return times.day_of(value["day"], lang)
    if "at" in value:
        return _time(value["at"], base)
    zh, en = value.get("zh", ""), value.get("en", "")
    return (zh or en) if lang == "zh" else (en or zh)


def _time(at: int, base: int | None) -> str:
    moment = times.local(at)
    if base is None or moment.date() != times.local(base).date():
        return f"{moment:%m-%d %H:%M}"
    return f"{moment:%H:%M}"
