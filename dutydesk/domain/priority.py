"""Priority from impact and urgency; the matrix is data. Source: DOMAIN 6."""

from __future__ import annotations

from collections.abc import Mapping

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Named


class Impact(Named):
    """How much stands still."""

    HIGH = "H", N_("High: many people or a key system")
    MEDIUM = "M", N_("Medium: a department or a service")
    LOW = "L", N_("Low: one person or one device")


class Urgency(Named):
    """How soon it must be dealt with."""

    HIGH = "H", N_("High: work has stopped")
    MEDIUM = "M", N_("Medium: work is slowed down")
    LOW = "L", N_("Low: it can wait")


class Priority(Named):
    """The order in which incidents are dealt with; P1 first."""

    P1 = "P1", N_("P1 critical")
    P2 = "P2", N_("P2 high")
    P3 = "P3", N_("P3 medium")
    P4 = "P4", N_("P4 low")

    @property
    def rank(self) -> int:
        """Return 1 for P1 up to 4 for P4, for sorting."""
        return int(self.value[1])

    @property
    def urgent(self) -> bool:
        """Whether it belongs into the top line: P1 and P2."""
        return self.rank <= 2


Matrix = Mapping[tuple[Impact, Urgency], Priority]

DEFAULT_CELLS = {
    "HH": "P1",
    "HM": "P2",
    "MH": "P2",
    "HL": "P3",
    "MM": "P3",
    "LH": "P3",
    "ML": "P4",
    "LM": "P4",
    "LL": "P4",
}
"""Impact letter then urgency letter: priority."""


def matrix(cells: Mapping[str, str]) -> Matrix:
    """Return a priority matrix from `{"HH": "P1", ...}`: impact letter, then urgency letter.

    All nine cells must be there, and more impact or urgency never means less priority; raises Invalid naming the cell.
    """
    read: dict[tuple[Impact, Urgency], Priority] = {}
    for impact in Impact:
        for urgency in Urgency:
            key = impact.value + urgency.value
            try:
                read[impact, urgency] = Priority(cells[key])
            except (KeyError, ValueError):
                raise Invalid(
                    N_("Priority matrix: cell {cell} must be P1, P2, P3 or P4."), field="priority", cell=key
                ) from None
    if extra := sorted(set(cells) - set(DEFAULT_CELLS)):
        raise Invalid(
            N_("Priority matrix: there is no cell {cell}; write impact and urgency as in HM."),
            field="priority",
            cell=extra[0],
        )
    _check_order(read)
    return read


def _check_order(read: Mapping[tuple[Impact, Urgency], Priority]) -> None:
    impacts, urgencies = list(Impact), list(Urgency)
    for i, impact in enumerate(impacts):
        for u, urgency in enumerate(urgencies):
            here = read[impact, urgency].rank
            lower = [read[impacts[i + 1], urgency]] if i < 2 else []
            lower += [read[impact, urgencies[u + 1]]] if u < 2 else []
            if any(cell.rank < here for cell in lower):
                raise Invalid(
                    N_("Priority matrix: cell {cell} is less urgent than a cell of lower impact or urgency."),
                    field="priority",
                    cell=impact.value + urgency.value,
                )


DEFAULT_MATRIX: Matrix = matrix(DEFAULT_CELLS)


def priority(impact: Impact, urgency: Urgency, cells: Matrix = DEFAULT_MATRIX) -> Priority:
    """Return the priority of an incident by the matrix."""
    return cells[impact, urgency]
