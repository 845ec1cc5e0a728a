"""The desks that are measured: the demonstration, and big ones that are kept for a day."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.bulk import Size, make
from tests.terminal.harness import ROOT

KEPT = ROOT / "build" / "bench"
LOGIN = "eng-a"
KEPT_SECONDS = 86_400


def demo(folder: Path, days: int = 90) -> Path:
    """Make the demonstration desk in `folder`, as its command does."""
    path = folder / "demo.sqlite"
    if not path.exists():
        words = ["-m", "dutydesk", "demo", "--days", str(days), "--db", str(path), "--no-console"]
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return path


def big(name: str, size: Size) -> Path:
    """Return a desk of `size`; one that was made today with the same program is taken again."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{name}.sqlite"
    if path.exists() and not _is_fresh(path):
        for ending in ("", "-wal", "-shm", ".lock"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
    if not path.exists():
        print(f"making {path.name}: {size}", file=sys.stderr)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        make(part, size, tell=lambda said: print(said, file=sys.stderr))
        part.rename(path)
    return path


def _is_fresh(path: Path) -> bool:
    made = path.stat().st_ctime
    models = [*(ROOT / "dutydesk" / "storage" / "models").glob("*.py"), ROOT / "tests" / "bench" / "bulk.py"]
    return time.time() - made < KEPT_SECONDS and all(model.stat().st_mtime < made for model in models)
