"""What a reading or a key press needs must not cost an import."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["walltime", "limits", "priority", "moments", "attendance", "calendar", "policy"])
def test_rules_import_neither_arrow_nor_tomllib_nor_the_rest_of_the_house(module: str) -> None:
    code = (
        f"import sys, dutydesk.domain.{module}\n"
        "print([name for name in sys.modules if name.partition('.')[0] in"
        " ('arrow', 'tomllib', 'peewee', 'textual') or name.startswith(('dutydesk.storage', 'dutydesk.services'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
