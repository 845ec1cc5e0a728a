"""What holds for all tests: where their desks are kept, and PINs that cost no time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import templates


@pytest.fixture(scope="session", autouse=True)
def _desks_are_made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    base = tmp_path_factory.getbasetemp()
    templates.keep_in(base if worker_id == "master" else base.parent)


@pytest.fixture(scope="session", autouse=True)
def _quick_pins() -> Iterator[None]:
    """Hash PINs with the least that argon2 takes: a desk of the tests has six, and each signature checks one."""
    from argon2 import PasswordHasher

    from dutydesk.services import people

    def hasher() -> Any:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_hasher", hasher)
        yield
