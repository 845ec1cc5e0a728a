"""Lines that the program wrote, kept as message and values, spoken in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dutydesk.domain.words import Label
from dutydesk.locale import _, pick, times


def said(message: str, values: Mapping[str, Any]) -> str:
    """Translate a kept message; a value may be `{"zh", "en"}`, `{"word": message}` or `{"at": epoch seconds}`."""
    return _(message).format(**{key: _value(value) for key, value in values.items()})


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "word" in value:
            return _(value["word"])
        if "at" in value:
            return times.stamp(value["at"])
        if "day" in value:
            return times.day_of(value["day"])
        return pick(Label(value.get("zh", ""), value.get("en", "")))
    return value


def bilingual(label: Label) -> dict[str, str]:
    """Return a label as a value that `said` speaks in either language."""
    return {"zh": label.zh, "en": label.en}
