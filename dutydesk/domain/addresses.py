"""Addresses of databases and services: what of them may be shown. A password never is.

An address is `postgresql://user:password@host/name`, with options behind `?`, or a list of words such as
`host=db password=…`; whatever else a text says stays as it is.
"""

from __future__ import annotations

import re

HIDDEN = "***"
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s:@/?#]*):(?!\d*(?:[/?#\s]|$))([^\s/?#]*|\S*)@")
"""Scheme and user, then a password up to the last `@` of the place, or of the text where it was not encoded. Digits
alone behind the colon are a port."""
_OPTION = re.compile(r"([?&](?:password|sslpassword|pass)=)([^&#\s]*)", re.I)
_WORD = re.compile(r"(?<![?&\w])(password\s*=\s*)('(?:\\.|[^'])*'|[^\s&]+)", re.I)


def masked(text: str) -> str:
    """Return a text with every password in an address hidden: `postgresql://desk:***@db/desk`."""
    text = _USERINFO.sub(rf"\1:{HIDDEN}@", text)
    text = _OPTION.sub(rf"\1{HIDDEN}", text)
    return _WORD.sub(rf"\1{HIDDEN}", text)


def holds_password(address: str) -> bool:
    """Return whether an address has a password in it."""
    found = (_USERINFO.search(address), _OPTION.search(address), _WORD.search(address))
    return any(each is not None and each[2] not in ("", "''") for each in found)


def without_password(address: str) -> str:
    """Return an address as it may stand in a file that others read; the password comes from elsewhere."""
    address = _USERINFO.sub(r"\1@", address)
    head, mark, options = address.partition("?")
    kept = [each for each in options.split("&") if each and not _OPTION.match(f"?{each}")]
    address = head + (mark if kept else "") + "&".join(kept)
    return re.sub(r"\s{2,}", " ", _WORD.sub("", address)).strip()
