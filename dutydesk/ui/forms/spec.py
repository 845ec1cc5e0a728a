"""A form as data: what is asked, how it is read, what stands beside it. Nothing here knows the screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, NamedTuple, cast

from dutydesk.domain import text as texts
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Label, Named
from dutydesk.ui.forms.field import LINE_CAP, Field, Hint, Option, Options, Said, Spoken, Values

__all__ = [
    "LINE_CAP",
    "Area",
    "Check",
    "Choice",
    "Field",
    "FormSpec",
    "Hint",
    "Moment",
    "Number",
    "Option",
    "Options",
    "Pick",
    "Picked",
    "Pin",
    "Said",
    "Shown",
    "Spoken",
    "Text",
    "Values",
]


@dataclass(frozen=True)
class Text(Field):
    """One line of text; `limit` in characters, `placeholder` a catalogue message."""

    limit: int = _field(default=texts.TITLE_LENGTH, kw_only=True)
    placeholder: str = _field(default="", kw_only=True)

    multiline = False

    @property
    def nothing(self) -> str:
        return ""

    def parse(self, raw: str) -> str:
        cleaned = texts.clean(raw, multiline=self.multiline)
        if not cleaned and self.required:
            raise Invalid(self.missing, field=self.name)
        return texts.within(cleaned, self.name, limit=self.limit)


@dataclass(frozen=True)
class Area(Text):
    """Several lines of text; `lines` is the height it takes when empty."""

    limit: int = _field(default=texts.TEXT_LENGTH, kw_only=True)
    lines: int = _field(default=3, kw_only=True)

    multiline = True


@dataclass(frozen=True)
class Pin(Field):
    """A secret: masked, never in a draft, never copied."""

    kept_in_drafts = False

    def parse(self, raw: str) -> str:
        return raw


@dataclass(frozen=True)
class Choice(Field):
    """One of a few, on one line: a Named set, or (value, label) pairs whose labels are catalogue messages."""

    options: type[Named] | Options = ()

    def all(self) -> list[Option]:
        """Return the options in order."""
        if isinstance(self.options, type):
            return [Option(member, member.label) for member in self.options]
        return [option if isinstance(option, Option) else Option(*option) for option in self.options]

    @property
    def blank(self) -> None:
        return None

    def raw(self, value: Any) -> int | None:
        """Return the place of the option, None for none."""
        return next((place for place, option in enumerate(self.all()) if option.value == value), None)

    def loaded(self, value: Any) -> Any:
        """Return the member of a stored code; an empty code is none."""
        return _member(self.all(), value)

    def is_empty(self, raw: Any) -> bool:
        return raw is None

    def parse(self, raw: int) -> Any:
        return self.all()[raw].value

    @property
    def missing(self) -> str:
        return N_("Choose one.")

    def kept(self, raw: int | None) -> Any:
        value = None if raw is None else self.parse(raw)
        return value.value if isinstance(value, Named) else value

    def restored(self, data: Any) -> int | None:
        return None if data is None else self.raw(data)


@dataclass(frozen=True)
class Check(Field):
    """Yes or no; without a default nobody has answered yet, and `required` asks for an answer."""

    @property
    def blank(self) -> None:
        return None

    def raw(self, value: Any) -> int | None:
        return None if value is None else int(not value)

    def is_empty(self, raw: Any) -> bool:
        return raw is None

    def parse(self, raw: int) -> bool:
        return raw == 0

    @property
    def missing(self) -> str:
        return N_("Choose one.")

    def all(self) -> list[Option]:
        """Return yes and no."""
        return [Option(True, N_("Yes")), Option(False, N_("No"))]

    def kept(self, raw: int | None) -> bool | None:
        return None if raw is None else raw == 0

    def restored(self, data: Any) -> int | None:
        return self.raw(data) if isinstance(data, bool) else None


class Picked(NamedTuple):
    """The raw shape of a Pick: the option's value, if one was taken, and the text in the field."""

    value: Any = None
    text: str = ""


@dataclass(frozen=True)
class Pick(Field):
    """One of many: type to narrow, the list stands below.

    `options` is a list, or an async callable without arguments asked once when the form opens; both are narrowed here.
    `search` is an async callable asked with the typed text instead, for sets too large to load. Labels are shown as
    they are (members of a Named set in the language spoken). `free` takes typed text that is in no option as the value.
    `rows` are in sight at once; `mark_first` lets enter
    take the first one at once. An initial value may be an Option when its label cannot be looked up.
    """

    options: type[Named] | Options | Callable[[], Awaitable[Options]] = ()
    search: Callable[[str], Awaitable[Options]] | None = _field(default=None, kw_only=True)
    free: bool = _field(default=False, kw_only=True)
    rows: int = _field(default=6, kw_only=True)
    mark_first: bool = _field(default=False, kw_only=True)
    limit: int = _field(default=texts.TITLE_LENGTH, kw_only=True)
    placeholder: str = _field(default="", kw_only=True)

    @property
    def blank(self) -> Picked:
        return Picked()

    def raw(self, value: Any) -> Picked:
        """Return the pair; a label that the options know is looked up when it is shown."""
        from dutydesk.locale import pick

        if value is None:
            return Picked()
        if isinstance(value, Option):
            return Picked(value.value, pick(value.label) if isinstance(value.label, Label) else value.label)
        known = self.all()
        found = any(option.value == value for option in known)
        return Picked(value, str(value) if self.free and not found else "")

    def all(self, loaded: Options | None = None) -> list[Option]:
        """Return the options; `loaded` is what the callable gave."""
        options: Any = self.options if loaded is None else loaded
        if isinstance(options, type):
            return [Option(member, member.label) for member in cast("type[Named]", options)]
        if callable(options):
            return []
        return [option if isinstance(option, Option) else Option(*option) for option in options]

    def loaded(self, value: Any) -> Any:
        """Return the member of a stored code; an empty code is none."""
        return _member(self.all(), value)

    def same(self, one: Picked, other: Picked) -> bool:
        """Whether both are the same option, however it is labelled, or the same text."""
        taken = one.value is not None and other.value is not None
        return bool(one.value == other.value) if taken else one == other

    def is_empty(self, raw: Picked) -> bool:
        return raw.value is None and not raw.text.strip()

    def parse(self, raw: Picked) -> Any:
        if raw.value is not None:
            return raw.value
        cleaned = texts.within(texts.clean(raw.text), self.name, limit=self.limit)
        if not self.free:
            raise Invalid(N_("Nothing in the list is called “{text}”."), field=self.name, text=texts.cut(cleaned, 30))
        return cleaned

    @property
    def missing(self) -> str:
        return N_("Choose one from the list.")

    def kept(self, raw: Picked) -> list[Any]:
        return [raw.value.value if isinstance(raw.value, Named) else raw.value, raw.text]

    def restored(self, data: Any) -> Picked:
        if not (isinstance(data, list) and len(data) == 2 and isinstance(data[1], str)):
            return Picked()
        return Picked(_member(self.all(), data[0]), data[1])


def _member(options: Sequence[Option], value: Any) -> Any:
    """Return the value among `options` that equals `value`, a stored code for one; None for an empty code."""
    return next((option.value for option in options if option.value == value), value) if value != "" else None


@dataclass(frozen=True)
class Number(Field):
    """A reading or count with its `unit`; `judge(value or None)` returns the words beside it while it is typed.

    `low` and `high` are what can be true at all, not the limits of a verdict; `whole` refuses a fraction.
    """

    unit: str = _field(default="", kw_only=True)
    judge: Callable[[float | None], Spoken] | None = _field(default=None, kw_only=True)
    low: float | None = _field(default=None, kw_only=True)
    high: float | None = _field(default=None, kw_only=True)
    whole: bool = _field(default=False, kw_only=True)

    def raw(self, value: Any) -> str:
        if value is None:
            return ""
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    def parse(self, raw: str) -> float | int:
        shown = texts.cut(texts.clean(raw), 20)
        plain = _plain_digits(raw)
        if not _NUMBER(plain):
            raise Invalid(N_("“{text}” is not a number."), field=self.name, text=shown)
        value = float(plain)
        if self.whole and value != int(value):
            raise Invalid(N_("Only whole numbers, not “{text}”."), field=self.name, text=shown)
        self._within(value)
        return int(value) if self.whole else value

    def _within(self, value: float) -> None:
        if self.low is not None and value < self.low:
            raise Invalid(N_("{low} at least."), field=self.name, low=self.raw(float(self.low)))
        if self.high is not None and value > self.high:
            raise Invalid(N_("{high} at most."), field=self.name, high=self.raw(float(self.high)))


@dataclass(frozen=True)
class Moment(Field):
    """An instant typed as people write it (`14:20`, `-20`, `yesterday 22:10`); the value is epoch seconds, UTC.

    It is about something that happened, within a year, or with `ahead` about something planned; the other side of now
    is refused unless `strict` is False.
    """

    ahead: bool = _field(default=False, kw_only=True)
    strict: bool = _field(default=True, kw_only=True)

    def raw(self, value: int | None) -> str:
        from dutydesk.locale import times

        return "" if value is None else times.stamp(value)

    def understand(self, raw: str) -> int:
        """Return the instant that `raw` means now in the desk's zone; raise Invalid otherwise."""
        from dutydesk.domain import clock, moments
        from dutydesk.locale import times

        short = texts.cut(texts.clean(raw), 40)
        return moments.moment(short, now=clock.now(), zone=times.zone(), ahead=self.ahead, field=self.name)

    def parse(self, raw: str) -> int:
        from dutydesk.domain import clock
        from dutydesk.domain.log import check_recent

        at, now = self.understand(raw), clock.now()
        if self.strict and not self.ahead and at >= now + 60:
            raise Invalid(N_("That is still to come."), field=self.name)
        if self.strict and not self.ahead:
            check_recent(at, now, self.name)
        if self.strict and self.ahead and at < now - 60:
            raise Invalid(N_("That has already passed."), field=self.name)
        return at

    def kept(self, raw: str) -> Any:
        """Keep the instant itself: `14:20` read tomorrow would be another one."""
        try:
            return "" if self.is_empty(raw) else self.understand(raw)
        except Invalid:
            return raw

    def restored(self, data: Any) -> str:
        if isinstance(data, int) and not isinstance(data, bool):
            return self.raw(data)
        return data if isinstance(data, str) else ""


@dataclass(frozen=True)
class Shown(Field):
    """Not asked but shown: `live(values)` as a line of its own, such as the priority that follows from two choices."""

    kept_in_drafts = False

    def is_empty(self, raw: Any) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True)
class FormSpec:
    """A whole form; its words are catalogue messages, filled from `words`.

    `key` names its draft, None keeps none. `more` is folded under one line. `save_label` is the word beside f10,
    `hint` stands under the title. `focus` names the field to begin in, instead of the first required one left empty.
    """

    key: str | None
    title: str
    fields: Sequence[Field]
    more: Sequence[Field] = ()
    hint: str = ""
    save_label: str = N_("Save")
    words: Mapping[str, object] = _field(default_factory=dict)
    focus: str = ""

    def __post_init__(self) -> None:
        names = [each.name for each in self.every]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"fields named twice in form {self.key!r}: {', '.join(sorted(twice))}")

    @property
    def every(self) -> list[Field]:
        """All fields, the folded ones too, in order."""
        return [*self.fields, *self.more]


def _NUMBER(text: str) -> bool:
    body = text[1:] if text[:1] in "+-" else text
    return bool(body) and len(body) <= 18 and body.count(".") <= 1 and body.replace(".", "").isdecimal()


def _plain_digits(text: str) -> str:
    """Return full-width digits and a decimal comma as a plain number."""
    return unicodedata.normalize("NFKC", texts.clean(text)).replace(",", ".").replace("−", "-").replace("。", ".")
