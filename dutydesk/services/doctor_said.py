"""What a check of the doctor says: words of the catalogue, spoken where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Said:
    """A catalogue message with the values of its places."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, what was found, whether it is well, and what to do when it is not."""

    key: str
    title: str
    well: bool
    found: Said
    advice: Said | None = None
