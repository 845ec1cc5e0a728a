"""What people are called where there is little room: shorter and shorter, and never two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from dutydesk.domain.text import width
from dutydesk.domain.words import Label
from dutydesk.locale import pick

LEVELS = 3
"""In full; without what all have in common; the shortest beginning that tells them apart."""


class Names:
    """The names of the people of a desk at three lengths, in the language spoken when it is made."""

    def __init__(self, people: Mapping[int, Label]) -> None:
        full = {person: pick(label) for person, label in people.items()}
        apart = _without_common_words(full)
        self._levels = (full, apart, _beginnings(apart))

    def name(self, person_id: int, level: int) -> str:
        """Return the name of a person at a level: 0 in full, higher is shorter."""
        return self._levels[level].get(person_id, "")


def _unique(names: Iterable[str]) -> bool:
    return max(Counter(names).values(), default=1) == 1


def _without_common_words(full: dict[int, str]) -> dict[int, str]:
    """Leave out a first word that all have (`Eng. A`), or all but the first where that is enough (`Anna Smith`)."""
    parts = {person: name.split() for person, name in full.items()}
    if any(len(words) < 2 for words in parts.values()):
        return full
    common = len({words[0] for words in parts.values()}) == 1 and len(parts) > 1
    shorter = {person: " ".join(words[1:]) if common else words[0] for person, words in parts.items()}
    return shorter if _unique(shorter.values()) else full


def _beginnings(names: dict[int, str]) -> dict[int, str]:
    """Return the shortest beginning of each name that no other name has, one wide character or two narrow ones."""
    found: dict[int, str] = {}
    for person, name in names.items():
        others = [other for key, other in names.items() if key != person and other != name]
        end = 1 if name and width(name[0]) == 2 else 2
        while end < len(name) and any(other.startswith(name[:end]) for other in others):
            end += 1
        found[person] = name[:end].strip()
    return found if len(set(found.values())) == len(set(names.values())) else names
