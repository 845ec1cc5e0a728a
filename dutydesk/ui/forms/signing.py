"""What a form asks for that is signed: a reason or remark where it is wanted, and the PIN."""

from __future__ import annotations

from dataclasses import dataclass

from dutydesk.domain.words import N_
from dutydesk.ui.forms.spec import Field, Pin, Text


@dataclass(frozen=True)
class Signing:
    """The fields of a signature. A text that nobody asks for is folded: in front, the PIN would be typed into it."""

    name: str
    label: str
    limit: int
    required: bool = True

    @property
    def _text(self) -> Field:
        return Text(self.name, self.label, required=self.required, limit=self.limit)

    @property
    def fields(self) -> list[Field]:
        """Return what stands in front."""
        pin = Pin("pin", N_("Your PIN"), required=True)
        return [self._text, pin] if self.required else [pin]

    @property
    def more(self) -> list[Field]:
        """Return what is folded."""
        return [] if self.required else [self._text]
