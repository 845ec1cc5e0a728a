"""Telling somebody by Apprise: one message, one service, a time limit, and an honest outcome.

What matters afterwards is whether nobody can have got it, for only then is it sent again. Apprise says no more than
"failed", so its own diagnosis is read: no connection, or a refusal, is certain; everything else may have arrived.
"""

from __future__ import annotations

import logging
import re
import socket
from typing import Any
from urllib.parse import quote

from dutydesk.domain.channels import MAIL, Address, Outcome, Trouble
from dutydesk.domain.text import clean
from dutydesk.integrations.files import package

CONNECT_SECONDS = 8.0
ANSWER_SECONDS = 30.0
"""Seconds until a service counts as silent; mail servers think longest."""
_NOT_REACHED = re.compile(
    r"NewConnectionError|ConnectTimeout|NameResolutionError|getaddrinfo|Name or service not known|resolution"
    r"|Connection refused|No route to host|Network is unreachable|certificate verify failed|WRONG_VERSION_NUMBER"
)
_ANSWER = re.compile(r"\(\d{3}, b['\"]")
"""A reply of a mail server in an exception: it refused."""
_BROKE_OFF = re.compile(r"[\w ]*Exception: ")
"""How Apprise begins what it says of a connection; the message itself, which people wrote, stands in other lines."""


def needed() -> Any:
    """Return the package that delivers; raise Refused with how to install it when it is missing."""
    found = package("apprise", "notify")
    logger = logging.getLogger("apprise")
    logger.propagate = False  # its warnings name hosts, its debug lines tell why a try failed
    logger.setLevel(logging.DEBUG)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return found


def send(address: Address, title: str, body: str, *, mail: str = "", seconds: float = ANSWER_SECONDS) -> Outcome:
    """Send one message and say how it ended. `mail` is the URL of the desk's mail server, for plain mail addresses."""
    apprise = needed()
    if address.kind == MAIL and not mail:
        return Outcome(Trouble.NO_MAIL)
    service = _service(apprise, url_of(address, mail), seconds)
    if service is None:
        return Outcome(Trouble.ADDRESS)
    if not _mail_server_answers(service):
        return Outcome(Trouble.UNREACHABLE)
    hub = apprise.Apprise(asset=service.asset)
    hub.add(service)
    result = hub.notify(
        title=clean(title),
        body=clean(body, multiline=True),
        body_format=apprise.NotifyFormat.TEXT,
        timeout=seconds,
        log_level=logging.DEBUG,
    )
    return _outcome(apprise, result, several=len(service) > 1)


def url_of(address: Address, mail: str) -> str:
    """Return the URL that Apprise is given: a plain mail address goes to the desk's mail server."""
    if address.kind != MAIL:
        return address.text
    return f"{mail}{'&' if '?' in mail else '?'}to={quote(address.text, safe='@')}"


def _service(apprise: Any, url: str, seconds: float) -> Any:
    """Return the service of a URL, without what a URL may ask for beyond it: redirects, tries, silence about errors."""
    asset = apprise.AppriseAsset(storage_mode="memory", service_timeout=seconds, app_id="Duty Desk")
    asset.http_redirects = False
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return None
    service.retry, service.optional, service.redirects = 0, False, False
    service.socket_connect_timeout = CONNECT_SECONDS
    service.socket_read_timeout = 2 * seconds
    if hasattr(service, "smtp_host"):
        service.socket_connect_timeout = 2 * seconds  # smtplib takes it for every answer, not for the connection alone
    return service


def _mail_server_answers(service: Any) -> bool:
    """Whether a mail server takes a connection; other services are asked by sending, with a limit of their own."""
    host = getattr(service, "smtp_host", None)
    if not host:
        return True
    try:
        with socket.create_connection((host, service.port or 25), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _outcome(apprise: Any, result: Any, *, several: bool) -> Outcome:
    """Read how it ended; where one URL tells several people, one of them may have got it."""
    if result:
        return Outcome()
    status = apprise.AppriseResultStatus
    if result.status == status.TIMEOUT:
        return Outcome(Trouble.SILENT)
    broke = "\n".join(entry.message for entry in result.logs() if _BROKE_OFF.match(entry.message))
    if _NOT_REACHED.search(broke):
        return Outcome(Trouble.UNREACHABLE)
    if several or (broke and not _ANSWER.search(broke)):
        return Outcome(Trouble.SILENT)
    return Outcome(Trouble.REFUSED)
