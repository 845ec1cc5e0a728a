"""What one open form holds: typed text, opened values, errors, the draft's shape, and the meeting of two edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dutydesk.domain.errors import DeskError, Invalid
from dutydesk.ui.forms.spec import Area, Field, FormSpec, Option, Text

_VERSION = "@version"


@dataclass(frozen=True)
class Contest:
    """One field two people changed: the raw text of each."""

    field: Field
    theirs: Any
    mine: Any


@dataclass
class FormState:
    """The content of a form, free of widgets.

    `initial` opens the form; keys in it that are no field travel along unchanged into what is saved (a row's id, its
    version) and take the other person's value after a Conflict. No other key of a Conflict joins them.
    """

    spec: FormSpec
    initial: Mapping[str, Any] = field(default_factory=dict)
    raws: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, DeskError] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fields = {each.name: each for each in self.spec.every}
        self.along = {name: value for name, value in self.initial.items() if name not in self.fields}
        self.opened: dict[str, Any] = {}
        self._opened_raws: dict[str, Any] = {}
        for each in self.spec.every:
            self._open(each, self._first_value(each))
        self.raws = dict(self._opened_raws)

    def _first_value(self, each: Field) -> Any:
        if each.name in self.initial:
            return self.initial[each.name]
        return each.default() if callable(each.default) else each.default

    def _open(self, each: Field, value: Any) -> None:
        self.opened[each.name] = value
        self._opened_raws[each.name] = each.raw(value) if value is not None else each.blank

    def type(self, name: str, raw: Any) -> bool:
        """Take what a widget holds now; return whether that changed anything."""
        if self.raws[name] == raw:
            return False
        self.raws[name] = raw
        self.touched.add(name)
        return True

    def changed(self, name: str) -> bool:
        """Return whether the field differs from what it was opened with."""
        return not self.fields[name].same(self.raws[name], self._opened_raws[name])

    @property
    def dirty(self) -> bool:
        """Whether anything worth a draft differs from what the form was opened with."""
        return any(self.changed(each.name) for each in self.spec.every if each.kept_in_drafts)

    def value(self, each: Field) -> Any:
        """Return the field's value; raise Invalid with its sentence."""
        raw = self.raws[each.name]
        if not each.is_empty(raw) and not self.changed(each.name):
            opened = self.opened[each.name]
            return opened.value if isinstance(opened, Option) else opened
        return each.read(raw)

    def peek(self) -> dict[str, Any]:
        """Return all values as far as they can be read; None where they cannot."""
        values = dict(self.along)
        for each in self.spec.every:
            try:
                values[each.name] = self.value(each)
            except Invalid:
                values[each.name] = None
        return values

    def visible(self, each: Field, values: Mapping[str, Any] | None = None) -> bool:
        """Return whether the field applies now."""
        return each.shown_when is None or bool(each.shown_when(self.peek() if values is None else values))

    def folds(self, each: Field, values: Mapping[str, Any] | None = None) -> bool:
        """Return whether the field is a seldom used one now."""
        if each.fold_when is None:
            return each in self.spec.more
        return each.fold_when(self.peek() if values is None else values)

    def examine(self, name: str, *, leaving: bool = False) -> DeskError | None:
        """Check one field and remember what is wrong with it; `leaving` lets an untouched empty field be."""
        each = self.fields[name]
        self.errors.pop(name, None)
        if leaving and each.is_empty(self.raws[name]):
            return None
        try:
            value = self.value(each)
            if each.check is not None:
                each.check(value, self.peek())
        except Invalid as error:
            self.errors[name] = error
        return self.errors.get(name)

    def collect(self) -> dict[str, Any] | None:
        """Return what is to be saved, or None with `errors` filled. Fields that do not apply are None."""
        self.errors.clear()
        values = self.peek()
        for each in self.spec.every:
            if self.visible(each, values):
                self.examine(each.name)
            else:
                values[each.name] = None
        return None if self.errors else values

    # -- drafts ------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """Return the draft: the changed fields in their kept shape, never a secret, and the version they stand on."""
        data = {
            each.name: each.kept(self.raws[each.name])
            for each in self.spec.every
            if each.kept_in_drafts and self.changed(each.name)
        }
        return {**data, _VERSION: self.along["version"]} if data and "version" in self.along else data

    def overtaken(self, data: Mapping[str, Any]) -> bool:
        """Return whether the record was changed since this draft was made."""
        return _VERSION in data and data[_VERSION] != self.initial.get("version")

    def restore(self, data: Mapping[str, Any]) -> bool:
        """Put a draft in; text typed since the form opened is set after the draft's. Return whether anything came."""
        came = False
        for each in self.spec.every:
            if not each.kept_in_drafts or each.name not in data:
                continue
            raw = each.restored(data[each.name])
            if each.name in self.touched:
                if not isinstance(each, Text):
                    continue
                raw = f"{raw}{chr(10) if isinstance(each, Area) else ' '}{self.raws[each.name]}".strip()
            came = came or raw != self._opened_raws[each.name]
            self.raws[each.name] = raw
        if came and self.overtaken(data):
            # Saved on the version it was typed on, so that both texts are shown and nothing is overwritten silently.
            self.along["version"] = data[_VERSION]
        return came

    def reset(self) -> None:
        """Go back to what the form was opened with."""
        self.raws = dict(self._opened_raws)
        self.along = {name: value for name, value in self.initial.items() if name not in self.fields}
        self.errors.clear()
        self.touched.clear()

    # -- two people, one record --------------------------------------------------------------------------------

    def contests(self, theirs: Mapping[str, Any]) -> list[Contest]:
        """Return the fields that both changed to different things."""
        found = []
        for each in self.spec.every:
            if each.name in theirs and self.changed(each.name):
                value = each.loaded(theirs[each.name])
                raw = each.raw(value) if value is not None else each.blank
                if not each.same(raw, self.raws[each.name]):
                    found.append(Contest(each, raw, self.raws[each.name]))
        return found

    def merge(self, theirs: Mapping[str, Any]) -> None:
        """Stand on their version: fields not changed here take theirs, the changed ones stay as typed."""
        for each in self.spec.every:
            if each.name in theirs:
                mine = self.raws[each.name] if self.changed(each.name) else None
                kept = self.changed(each.name)
                self._open(each, each.loaded(theirs[each.name]))
                self.raws[each.name] = mine if kept else self._opened_raws[each.name]
        self.along.update({name: value for name, value in theirs.items() if name in self.along})
