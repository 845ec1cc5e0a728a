"""Drafts kept on this machine while the database cannot be reached: a file a person and form, for his account alone.

They go back into the database with the first draft that it takes again. Source: REQUIREMENTS D4.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from dutydesk.services.drafts import Draft


def _folder() -> Path:
    from platformdirs import user_state_path

    return Path(user_state_path("dutydesk", appauthor=False)) / "drafts"


class Spare:
    """The spare copy of one person's draft of one form on one desk. Raises OSError when it cannot be written."""

    def __init__(self, target: str, login: str, form: str) -> None:
        self.form = form
        name = hashlib.sha256("\0".join((target, login, form)).encode()).hexdigest()[:32]
        self.path = _folder() / f"{name}.json"

    def keep(self, data: dict[str, Any], at: int) -> None:
        """Keep the draft as typed at an instant, in place of an older one; the file is whole at every moment."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.path.with_suffix(f".{os.getpid()}")
        with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"form": self.form, "at": at, "data": data}, file, ensure_ascii=False)
        part.replace(self.path)

    def find(self) -> Draft | None:
        """Return what is kept here, or None; a file that cannot be read is none."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            return Draft(self.form, dict(kept["data"]), int(kept["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def drop(self) -> None:
        """Forget it."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            return
