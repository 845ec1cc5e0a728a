"""How duty pay reads: amounts, how each came about, what else is to be said about it."""

from __future__ import annotations

from dutydesk.domain.allowance import PayLine, Remark
from dutydesk.domain.calendar import DayKind
from dutydesk.domain.rates import Event, RateRule, Rates, Share, Unit, show_amount
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times, word

_RATES = {Unit.SHIFT: N_("{rate} a shift"), Unit.HOUR: N_("{rate} an hour"), Unit.CALL: N_("{rate} a call")}


def money(amount: int, decimals: int) -> str:
    """Return minor units for people: `1,250.00`."""
    plain = show_amount(abs(amount), decimals)
    whole, point, part = plain.partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}{point}{part}"


def signed(amount: int, decimals: int) -> str:
    """Return a difference with its sign: `+50.00`."""
    return f"{'+' if amount > 0 else ''}{money(amount, decimals)}"


def hours(minutes: float) -> str:
    """Return minutes as hours with one decimal: `36.5`."""
    return f"{minutes / 60:,.1f}"


def what(line: PayLine, title: Label | None) -> str:
    """Return what is paid for: the kind of shift, or a call-out."""
    return word(Event.CALL_OUT) if line.event is Event.CALL_OUT else pick(title or Label(line.kind))


def span(line: PayLine) -> str:
    """Return from when until when: `20:00–08:00`."""
    begin = times.hhmm(line.starts_at)
    return begin if Remark.OPEN in line.remarks else f"{begin}–{times.hhmm(line.ends_at)}"


def rule(line: PayLine) -> str:
    """Return the name of the rule that made the amount."""
    if not line.rule:
        return word(Remark.NO_RATES if Remark.NO_RATES in line.remarks else Remark.NO_RULE)
    return pick(line.title)


def how(line: PayLine, decimals: int) -> str:
    """Return how an amount came about: `120.00 a shift × 690 of 720 min`."""
    if line.unit is None:
        return _("nothing is paid")
    rate = _(_RATES[line.unit], rate=money(line.rate, decimals))
    if Remark.ABSENT in line.remarks and not line.minutes:
        return _("{rate}, absent: nothing is paid", rate=rate)
    if Remark.OPEN in line.remarks:
        return _("{rate}, paid when it has an end", rate=rate)
    if line.unit is Unit.HOUR:
        return _("{rate} × {time}", rate=rate, time=times.duration(line.minutes * 60))
    if line.unit is Unit.SHIFT and line.minutes != line.of_minutes:
        return _("{rate} × {minutes} of {whole} min", rate=rate, minutes=line.minutes, whole=line.of_minutes)
    return rate


def remarks(line: PayLine) -> str:
    """Return what else is to be said about an amount."""
    shown = [remark for remark in line.remarks if remark not in (Remark.NO_RULE, Remark.NO_RATES)]
    return _(", ").join(word(remark) for remark in shown)


def rates_text(rates: Rates) -> str:
    """Return the rules of a table in the order in which they are asked, a line each with what it asks for below."""
    lines: list[str] = []
    for number, each in enumerate((*rates.once, *rates.rules), start=1):
        rate = _(_RATES[each.unit], rate=money(each.rate, rates.decimals))
        lines += [
            _("{n}. {title}: {rate}", n=number, title=pick(_label(each)), rate=rate),
            f"   {_(', ').join(_conditions(each))}",
            "",
        ]
    return "\n".join(lines)


def _label(each: RateRule) -> Label:
    return Label(each.title.text("zh"), each.title.text("en"))


def _conditions(each: RateRule) -> list[str]:
    """Return what a rule asks for, and how it pays."""
    said = [word(each.event)]
    said += [day.isoformat() for day in sorted(each.dates)]
    if not each.days.all_days:
        said += [_(times.WEEKDAYS[day]) for day in sorted(each.days.weekdays)]
        said += [word(kind) for kind in DayKind if kind in each.days.kinds]
    said += [*sorted(each.shifts), *sorted(each.posts)]
    if each.night is not None:
        said.append(_("at night") if each.night else _("not at night"))
    if each.on_site is not None:
        said.append(_("on site") if each.on_site else _("from afar"))
    said += [word(Remark.EXTRA)] if each.extra else []
    said += [word(each.share)] if each.share is Share.PLANNED else []
    said += [_("paid to the absent too")] if each.absent_paid else []
    if each.least_minutes:
        said.append(_("{time} at least", time=times.duration(each.least_minutes * 60)))
    return said
