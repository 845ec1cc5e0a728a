"""Limits of readings and the monitoring-plugins convention: ranges, states, performance data.

Source: DOMAIN 5; the Monitoring Plugins Development Guidelines (ranges, exit codes, perfdata).
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Named

Number = int | float
LARGEST_READING = 1e15
MOST_PERCENT = 200.0
"""The largest reading in percent that can be true: an overloaded UPS; 999 is a slip of the fingers."""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_PERCENT = re.compile(r"(\d\.?)\s?%+(?=:|\s*$)")
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_VALUE = re.compile(rf"({_NUMBER.pattern})([^\W\d_][^\s;,'=]*|[%°][^\s;,'=]*)?")


class Verdict(Named):
    """How a reading or a probe stands against its limits."""

    OK = "ok", N_("Ok")
    WARNING = "warning", N_("Warning")
    CRITICAL = "critical", N_("Critical")
    UNKNOWN = "unknown", N_("Unknown")

    @property
    def exit_code(self) -> int:
        """Return the monitoring-plugins exit code: 0 ok, 1 warning, 2 critical, 3 unknown."""
        return list(Verdict).index(self)

    @property
    def abnormal(self) -> bool:
        """Whether a note is forced and an incident is offered."""
        return self is not Verdict.OK


def verdict_of(text: str) -> Verdict:
    """Return the state written as a word or an exit code in any case: `Ok`, `CRITICAL`, `2`."""
    word = text.strip().lower()
    for verdict in Verdict:
        if word in (verdict.value, str(verdict.exit_code)):
            return verdict
    raise Invalid(N_("“{text}” is not a state. Write ok, warning, critical or unknown."), text=text)


def verdict_of_exit(code: int) -> Verdict:
    """Return the verdict of a plugin's exit code; anything outside 0–2 is unknown."""
    return list(Verdict)[code] if 0 <= code <= 2 else Verdict.UNKNOWN


@dataclass(frozen=True)
class Range:
    """A monitoring-plugins range: alerts outside `start`..`end`, or within them when `inside`.

    None leaves a side open.
    """

    start: Number | None
    end: Number | None
    inside: bool = False

    def __contains__(self, value: Number) -> bool:
        """Whether `value` lies between the two ends, ends included (whatever that means for the alert)."""
        return (self.start is None or value >= self.start) and (self.end is None or value <= self.end)

    def alerts(self, value: Number) -> bool:
        """Whether this value raises the alert."""
        return (value in self) == self.inside

    def __str__(self) -> str:
        """Write the range as it is written in a policy or a plugin: `10`, `10:`, `~:10`, `@10:20`."""
        at = "@" if self.inside else ""
        if self.start == 0 and self.end is not None:
            return f"{at}{show(self.end)}"
        start = "~" if self.start is None else show(self.start)
        return f"{at}{start}:{'' if self.end is None else show(self.end)}"

    def words(self) -> str:
        """Return what is normal, in signs any language reads: `20–25`, `≤ 80`, `≥ 96`, `< 10, > 20`."""
        start = None if self.start is None else show(self.start)
        end = None if self.end is None else show(self.end)
        if self.inside:
            return ", ".join(
                [*([f"< {start}"] if start is not None else []), *([f"> {end}"] if end is not None else [])]
            )
        if start is not None and start == end:
            return f"= {start}"
        if end is not None and (start is None or self.start == 0):
            return f"≤ {end}"
        if start is not None:
            return f"≥ {start}" if end is None else f"{start}–{end}"
        return ""

    def alert_words(self) -> str:
        """Return what raises the alert, in signs any language reads: `> 90`, `< 15, > 30`, `5–10`."""
        start = None if self.start is None else show(self.start)
        end = None if self.end is None else show(self.end)
        if self.inside:
            return Range(self.start, self.end).words()
        at_most = self.start == 0 and end is not None
        below = [] if start is None or at_most else [f"< {start}"]
        return ", ".join([*below, *([] if end is None else [f"> {end}"])])


def parse_range(text: str, *, field: str | None = None) -> Range:
    """Read `10`, `10:`, `~:10`, `10:20`, `@10:20`; raise Invalid with an example otherwise.

    A percent sign behind a number says what is measured and changes nothing: `1:12%` is `1:12`.
    """
    return _range(_PERCENT.sub(r"\1", text), text, field)


def _range(body: str, text: str, field: str | None = None) -> Range:
    """Read a range without percent signs; `text` is what was written."""
    body = body.strip()
    inside = body.startswith("@")
    body = body[1:] if inside else body
    low, colon, high = body.partition(":")
    try:
        if colon:
            start = None if low == "~" else _number(low) if low else 0
            end = _number(high) if high else None
        else:
            start, end = 0, _number(low)
    except ValueError:
        raise _bad_range(text, field) from None
    if (start is not None and end is not None and start > end) or body == ":":
        raise _bad_range(text, field)
    return Range(start, end, inside)


def _bad_range(text: str, field: str | None) -> Invalid:
    return Invalid(
        N_("“{text}” is not a range. Write 80 (at most), 20: (at least), 20:25 (between) or @20:25 (not between)."),
        field=field,
        text=text,
    )


def _number(text: str) -> Number:
    """Return an int where it is written as one, else a float; ValueError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    value: Number = float(text) if re.search("[.eE]", text) else int(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(text)
    return value


def show(value: Number) -> str:
    """Return a number without a needless `.0`."""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < LARGEST_READING else repr(value)


@dataclass(frozen=True)
class Limits:
    """Warning and critical ranges of a reading; None means there is no such limit. Source: DOMAIN 5."""

    warning: Range | None = None
    critical: Range | None = None

    def judge(self, value: Number) -> Verdict:
        """Grade a reading: critical wins over warning, neither is ok."""
        if self.critical and self.critical.alerts(value):
            return Verdict.CRITICAL
        if self.warning and self.warning.alerts(value):
            return Verdict.WARNING
        return Verdict.OK

    def words(self) -> str:
        """Return what is normal, as the field beside the reading shows it; empty without limits."""
        range_ = self.warning or self.critical
        return range_.words() if range_ else ""

    def __bool__(self) -> bool:
        return self.warning is not None or self.critical is not None


def parse_limits(warning: str | None, critical: str | None) -> Limits:
    """Read both ranges as text; empty or None means no limit."""
    return Limits(
        parse_range(warning, field="warning") if warning else None,
        parse_range(critical, field="critical") if critical else None,
    )


def reading(text: str, *, unit: str = "", field: str | None = None) -> float:
    """Return the number a person typed: `22.4`, `２２．４`, `-3`, also with its `unit` behind it.

    A decimal comma is refused with the right way to write it, since `1,234` could mean two things.
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("。", ".").strip()
    behind = unicodedata.normalize("NFKC", unit).strip()
    if behind and plain.lower().endswith(behind.lower()):
        plain = plain[: -len(behind)].rstrip()
    if "," in plain and _PLAIN.fullmatch(plain.replace(",", ".", 1)):
        raise Invalid(
            N_("Write the decimals with a point: {example}."), field=field, example=plain.replace(",", ".", 1)
        )
    if not _PLAIN.fullmatch(plain):
        raise Invalid(N_("“{text}” is not a number. Write it as 22.4 or -3."), field=field, text=text.strip())
    value = float(plain)
    if abs(value) > LARGEST_READING:
        raise Invalid(N_("This number is too large."), field=field)
    if behind == "%" and not 0 <= value <= MOST_PERCENT:
        raise Invalid(N_("A reading in percent lies between 0 and {most}."), field=field, most=int(MOST_PERCENT))
    return value


@dataclass(frozen=True)
class Metric:
    """One value of performance data; `value` is None when the plugin could not determine it (`U`)."""

    label: str
    value: Number | None
    unit: str = ""
    warning: Range | None = None
    critical: Range | None = None
    minimum: Number | None = None
    maximum: Number | None = None


@dataclass(frozen=True)
class Perfdata:
    """What a plugin wrote behind the bar: values that could be read, and the pieces that could not, as they were."""

    metrics: tuple[Metric, ...] = ()
    malformed: tuple[str, ...] = ()

    def value(self, label: str) -> Number | None:
        """Return the value under `label`, None when there is none."""
        return next((metric.value for metric in self.metrics if metric.label == label), None)


def parse_perfdata(text: str) -> Perfdata:
    """Read `'label'=value[UOM];warn;crit;min;max ...`; malformed pieces are kept raw and never guessed.

    A label `a::b` (check_multi) lends its prefix `a` to the plain labels that follow.
    """
    metrics: list[Metric] = []
    malformed: list[str] = []
    prefix = ""
    for piece in _pieces(text):
        metric = _metric(piece)
        if metric is None:
            malformed.append(piece)
            continue
        if "::" in metric.label:
            prefix = metric.label.rpartition("::")[0]
        elif prefix:
            metric = Metric(f"{prefix}::{metric.label}", *list(metric.__dict__.values())[1:])
        metrics.append(metric)
    return Perfdata(tuple(metrics), tuple(malformed))


def _pieces(text: str) -> list[str]:
    """Split at white space outside of quotes; `''` inside quotes is one quote."""
    pieces: list[str] = []
    piece, quoted = "", False
    for char in text:
        if char == "'":
            quoted = not quoted
        if char.isspace() and not quoted:
            pieces.append(piece)
            piece = ""
        else:
            piece += char
    pieces.append(piece)
    return [piece for piece in pieces if piece]


def _metric(piece: str) -> Metric | None:
    if piece.startswith("'"):
        found = re.match(r"'((?:[^']|'')+)'=", piece)
        if not found:
            return None
        label, rest = found[1].replace("''", "'"), piece[found.end() :]
    else:
        label, equals, rest = piece.rpartition("=") if piece.count("=") == 1 else ("", "", "")
        if not equals:
            return None
    fields = rest.split(";")
    if not label or (len(fields) > 5 and any(fields[5:])):
        return None
    value, *others = [*fields, "", "", "", ""][:5]
    found_value = _VALUE.fullmatch(value)
    if not found_value and value != "U":
        return None
    try:
        ranges = [_range(part, part) if part else None for part in others[:2]]
        ends = [_number(part) if part else None for part in others[2:]]
        number = _number(found_value[1]) if found_value else None
    except (ValueError, Invalid):
        return None
    return Metric(label, number, (found_value[2] or "") if found_value else "", ranges[0], ranges[1], ends[0], ends[1])
