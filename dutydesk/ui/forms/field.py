"""What every field of a form has.

A field moves between three shapes: `raw` (what the widget holds, plain text mostly), the *value* a service gets, and
the *kept* shape inside a draft (JSON). An untouched field gives back exactly the value it was opened with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, NamedTuple

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Label

Values = Mapping[str, Any]
"""Field name to value; None where nothing usable is typed yet. Callbacks of a form get this."""

LINE_CAP = 1_000
"""Characters a one-line field holds at most while it is edited; a longer paste is cut there."""


class Option(NamedTuple):
    """One thing to choose: what the service gets, what people read, and a muted remark."""

    value: Any
    label: str | Label
    note: str = ""


class Said(NamedTuple):
    """Words beside a field with a tone: "", "success", "warning" or "error"; the words say it without the colour."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Hint:
    """A line found while typing; `body` (text, or an async callable that asks for it) is what f4 opens to read."""

    text: str
    body: str | Callable[[], Awaitable[str]] | None = None


Spoken = str | Said | None
Options = Sequence[Option | tuple[Any, str | Label]]


@dataclass(frozen=True)
class Field:
    """What every field has. `label` and `help` are catalogue messages.

    `default` is a value or a callable that makes one when the form opens. `shown_when(values)` hides the field,
    `fold_when(values)` folds it away with the seldom used ones,
    `live(values)` returns words shown beside it, `watch(values)` is asked while the person types here and returns
    lines shown below, `check(value, values)` raises Invalid for what only the whole form can judge.
    """

    name: str
    label: str
    required: bool = _field(default=False, kw_only=True)
    help: str = _field(default="", kw_only=True)
    default: Any = _field(default=None, kw_only=True)
    shown_when: Callable[[Values], bool] | None = _field(default=None, kw_only=True)
    fold_when: Callable[[Values], bool] | None = _field(default=None, kw_only=True)
    live: Callable[[Values], Spoken] | None = _field(default=None, kw_only=True)
    watch: Callable[[Values], Awaitable[Sequence[str | Hint]]] | None = _field(default=None, kw_only=True)
    check: Callable[[Any, Values], None] | None = _field(default=None, kw_only=True)

    kept_in_drafts = True

    @property
    def blank(self) -> Any:
        """The raw shape of nothing typed."""
        return ""

    def raw(self, value: Any) -> Any:
        """Return how `value` looks in the widget."""
        return "" if value is None else str(value)

    def loaded(self, value: Any) -> Any:
        """Return `value` as the form holds it when it comes as a row stores it."""
        return value

    def same(self, one: Any, other: Any) -> bool:
        """Whether two raw shapes mean the same."""
        return bool(one == other)

    def parse(self, raw: Any) -> Any:
        """Return the value of `raw`; raise Invalid with a sentence when it is none."""
        raise NotImplementedError

    def is_empty(self, raw: Any) -> bool:
        """Return whether nothing is typed or chosen."""
        return not str(raw).strip()

    def read(self, raw: Any) -> Any:
        """Parse, with the rule for required fields; an empty optional field is None or empty text."""
        if self.is_empty(raw):
            if self.required:
                raise Invalid(self.missing, field=self.name)
            return self.nothing
        return self.parse(raw)

    @property
    def missing(self) -> str:
        """The sentence for a required field left empty."""
        return N_("This must not be empty.")

    @property
    def nothing(self) -> Any:
        """The value of an empty optional field."""
        return None

    def kept(self, raw: Any) -> Any:
        """Return the JSON shape for a draft."""
        return raw

    def restored(self, data: Any) -> Any:
        """Return the raw shape from a draft; anything odd becomes blank."""
        return data if isinstance(data, str) else self.blank
