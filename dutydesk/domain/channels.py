"""How a person is told outside the console: the address of a channel, and what becomes of a delivery.

An address is a mail address, or a URL of Apprise. Only services that reach somebody over the network are taken: a
person's own address must not make the desk's account write files, run programs or talk to this machine.
Source: REQUIREMENTS A9, C9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dutydesk.domain.errors import Invalid
from dutydesk.domain.text import UNSAFE
from dutydesk.domain.words import N_, Named

LONGEST = 2000
MAIL = "mail"
"""The kind of a plain mail address: it goes out by the mail server of the config file."""
KINDS = frozenset(
    {"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms"}
    | {"wecombot", "dingtalk", "feishu", "lark", "bark", "barks", "pushplus", "schan", "wxpusher"}
    | {"ntfy", "ntfys", "gotify", "gotifys", "matrix", "matrixs", "mmost", "mmosts", "rocket", "rockets"}
    | {"slack", "tgram", "discord", "pover", "sinch", "twilio", "opsgenie", "pagerduty", "goalert"}
)
"""What may stand before `://`: mail, web hooks, the messengers in use in China and elsewhere, alarm services."""
_MAIL = re.compile(r"[^\s@/:<>,;\"()]+@[^\s@/:<>,;\"()]+\.[^\s@/:<>,;\"()]+")
_URL = re.compile(r"([a-z][a-z0-9]*)://[^\s/?#]\S*", re.I)
_FILES = re.compile(r"[?&](?:pgp\w*|keyfile|subfile|cert\w*|template|attach|image\w*|proxy)=", re.I)
"""Options that name a file of this machine, or a way around its network."""


@dataclass(frozen=True)
class Address:
    """Where somebody is told: `kind` may be shown, `text` is a secret."""

    kind: str
    text: str


def read_address(text: str) -> Address:
    """Read what was typed as an address. Raises Invalid without repeating it."""
    text = text.strip()
    if UNSAFE.search(text) or len(text) > LONGEST:
        raise _no_address()
    if _MAIL.fullmatch(text):
        return Address(MAIL, text)
    found = _URL.fullmatch(text)
    if found is None:
        raise _no_address()
    kind = found[1].lower()
    if kind not in KINDS:
        raise Invalid(
            N_("The desk tells nobody by {kind}://; there are: {kinds}."),
            field="address",
            kind=kind,
            kinds=", ".join(sorted(KINDS)),
        )
    if _FILES.search(text):
        raise Invalid(N_("An address must not name files or a proxy of the desk's machine."), field="address")
    return Address(kind, text)


def _no_address() -> Invalid:
    return Invalid(
        N_("This is no address: write a mail address, or a URL such as wecombot://KEY or jsons://host/path."),
        field="address",
    )


class Status(Named):
    """Where the delivery of one notice through one channel stands."""

    WAITING = "waiting", N_("waiting")
    CLAIMED = "claimed", N_("being prepared")
    SENDING = "sending", N_("being sent")
    SENT = "sent", N_("sent")
    FAILED = "failed", N_("not delivered")
    UNSURE = "unsure", N_("perhaps delivered")
    SEEN = "seen", N_("seen before")


class Trouble(Named):
    """Why a try did not end well; what the service answered is not kept, it may repeat the address."""

    NONE = "", ""
    UNREACHABLE = "unreachable", N_("the service cannot be reached")
    REFUSED = "refused", N_("the service refused")
    SILENT = "silent", N_("no answer came; it is not sent twice")
    CRASHED = "crashed", N_("the deliverer was stopped while sending; it is not sent twice")
    ADDRESS = "address", N_("the address is not understood")
    NO_MAIL = "no-mail", N_("the config file names no mail server")
    OLD = "old", N_("it waited too long")
    REMOVED = "removed", N_("the channel was taken away")


WAITS = (60, 300, 900, 3600, 4 * 3600)
"""Seconds until the next try after each that was refused or did not get through."""
TRIES = len(WAITS) + 1
LEASE = 300
"""Seconds that a deliverer has for one notice before another one takes it over."""
TOO_OLD = 3 * 86400
"""Seconds after which nobody is told any more what has been in the console since."""


@dataclass(frozen=True)
class Outcome:
    """How a try ended: sent, or a trouble; one that is `sure` left nothing at the other side."""

    trouble: Trouble = Trouble.NONE

    @property
    def sent(self) -> bool:
        """Whether the service took it."""
        return self.trouble is Trouble.NONE

    @property
    def sure(self) -> bool:
        """Whether it is certain that nobody got it, so that it may be tried again."""
        return self.trouble not in (Trouble.SILENT, Trouble.CRASHED)

    @property
    def final(self) -> bool:
        """Whether another try would end the same way."""
        return self.trouble is Trouble.ADDRESS


def next_step(outcome: Outcome, tries: int, now: int) -> tuple[Status, int | None]:
    """Return where a delivery stands after its try number `tries`, and when it is tried again."""
    if outcome.sent:
        return Status.SENT, None
    if not outcome.sure:
        return Status.UNSURE, None
    if outcome.final or tries >= TRIES:
        return Status.FAILED, None
    return Status.WAITING, now + WAITS[tries - 1]
