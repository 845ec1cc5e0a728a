"""Where the files that ship with the product are: `data/` in a checkout, `dutydesk/data` when installed."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent.parent / "data"
_CHECKOUT = Path(__file__).parent.parent.parent / "data"


def data_path(*parts: str) -> Path:
    """Return the path of a shipped file or folder, such as `data_path("policies", "twelve-hour.toml")`."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
