"""Addresses of databases and services, and whether a password stands in one.

An address is `postgresql://user:password@host/name`, with options behind `?`, or a list of words such as
`host=db password=…`.
"""

from __future__ import annotations

import re

_PLACES = (
    re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s:@/?#]*:(?!\d*(?:[/?#\s]|$))([^\s/?#]*|\S*)@"),
    re.compile(r"[?&](?:password|sslpassword|pass)=([^&#\s]*)", re.I),
    re.compile(r"(?<![?&\w])password\s*=\s*('(?:\\.|[^'])*'|[^\s&]+)", re.I),
)
"""Behind the user, where digits alone are a port; among the options; among words."""


def holds_password(address: str) -> bool:
    """Return whether an address has a password in it."""
    found = (place.search(address) for place in _PLACES)
    return any(each is not None and each[1] not in ("", "''") for each in found)
