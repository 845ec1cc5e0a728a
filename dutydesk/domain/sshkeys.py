"""Public SSH keys: what may stand in `authorized_keys`, and how a line of it is written.

A line there is options, type, key and comment. Whatever is kept as somebody's key must never become a line or an option
of its own. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shlex
from collections.abc import Sequence

from dutydesk.domain.errors import Invalid
from dutydesk.domain.text import UNSAFE, clean
from dutydesk.domain.words import N_

KINDS = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
OPTIONS = "restrict,pty"
NO_KEY = N_("This is no public SSH key: one line of type, key and perhaps a comment, as in id_ed25519.pub.")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def public_key(text: str, *, field: str = "ssh_key") -> str:
    """Return a public key in one line, `type key comment`; raise Invalid for anything else."""
    line = clean(text)
    if "PRIVATE KEY-----" in line:
        raise Invalid(
            N_("This is the private key, which nobody else may have; give the file that ends in .pub."), field=field
        )
    kind, _blank, rest = line.partition(" ")
    encoded, _blank, comment = rest.strip().partition(" ")
    if kind not in KINDS or not _BASE64.fullmatch(encoded) or not _holds(encoded, kind):
        raise Invalid(NO_KEY, field=field)
    return " ".join(part for part in (kind, encoded, comment.strip()) if part)


def _holds(encoded: str, kind: str) -> bool:
    """Return whether a key is whole: pieces with their lengths, of which the first one names the type."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    pieces: list[bytes] = []
    at = 0
    while at + 4 <= len(blob):
        size = int.from_bytes(blob[at : at + 4], "big")
        pieces.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    return at == len(blob) and len(pieces) > 1 and pieces[0] == kind.encode()


def fingerprint(key: str) -> str:
    """Return the fingerprint of a public key as `ssh-keygen -l` prints it."""
    blob = base64.b64decode(key.split(" ")[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def line(command: Sequence[str], key: str) -> str:
    """Return the line of `authorized_keys` that lets a key run one command, on a terminal, and nothing else.

    Raises Invalid when a word of the command or the key would end the line or the option.
    """
    words = shlex.join(command)
    if UNSAFE.search(words) or "\n" in words or "\t" in words:
        raise Invalid(N_("{command} cannot stand in authorized_keys."), command=clean(words), field="command")
    quoted = words.replace('"', '\\"')
    return f'{OPTIONS},command="{quoted}" {public_key(key)}'
