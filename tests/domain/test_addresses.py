"""What of an address may be shown."""

from __future__ import annotations

import pytest

from dutydesk.domain.addresses import holds_password, masked, without_password

SECRET = "s3cr3t/@:x"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://desk:{SECRET}@db:5432/desk", "postgresql://desk:***@db:5432/desk"),
        (
            f"postgresql:///desk?user=desk&password={'s3cr3t'}&host=/run",
            "postgresql:///desk?user=desk&password=***&host=/run",
        ),
        ("host=db user=desk password=s3cr3t dbname=desk", "host=db user=desk password=*** dbname=desk"),
        ("host=db password='s3 \\'cr3t' dbname=desk", "host=db password=*** dbname=desk"),
        (
            f"cannot connect to postgresql://desk:{SECRET}@db/desk: timeout",
            "cannot connect to postgresql://desk:***@db/desk: timeout",
        ),
        ("postgresql://desk:s3cr3t@db/desk?from=a@b", "postgresql://desk:***@db/desk?from=a@b"),
        (f"mailto://ops:{SECRET}@example.com?smtp=mail", "mailto://ops:***@example.com?smtp=mail"),
    ],
)
def test_a_password_is_never_shown(address: str, shown: str) -> None:
    assert holds_password(address)
    assert masked(address) == shown
    assert "s3" not in masked(address)


@pytest.mark.parametrize(
    "address",
    [
        "/srv/desk.sqlite",
        "sqlite:////srv/desk.sqlite",
        "postgresql://desk@db/desk",
        "postgresql:///desk?host=/run",
        "",
        "mailto://127.0.0.1:2525?smtp=127.0.0.1&from=desk@example.com",
        "postgresql://db:5432/desk?u=a@b",
    ],
)
def test_what_holds_none_stays_as_it_is(address: str) -> None:
    assert not holds_password(address)
    assert masked(address) == address
    assert without_password(address) == address


@pytest.mark.parametrize(
    ("address", "left"),
    [
        (f"postgresql://desk:{SECRET}@db/desk?sslmode=require", "postgresql://desk@db/desk?sslmode=require"),
        ("postgresql:///desk?user=desk&password=x&host=/run", "postgresql:///desk?user=desk&host=/run"),
        ("postgresql:///desk?password=x", "postgresql:///desk"),
        ("host=db password='x y' dbname=desk", "host=db dbname=desk"),
    ],
)
def test_an_address_without_its_password_still_names_the_desk(address: str, left: str) -> None:
    assert without_password(address) == left
    assert not holds_password(left)
