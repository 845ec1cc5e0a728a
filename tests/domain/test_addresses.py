"""Whether a password stands in an address: a file with one must be private."""

from __future__ import annotations

import pytest

from dutydesk.domain.addresses import holds_password


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://desk:s3cr3t@db:5432/desk",
        "postgresql://desk:s3cr3t/@:x@db/desk?from=a@b",
        "postgresql://desk:1234@db/desk",
        "postgresql:///desk?user=desk&password=s3cr3t&host=/run",
        "host=db user=desk password=s3cr3t dbname=desk",
        "host=db password='s3 \\'cr3t' dbname=desk",
        "mailtos://ops:s3cr3t@example.com?smtp=mail",
        "mailtos://mail.example.com?user=ops&pass=s3cr3t",
    ],
)
def test_a_password_is_seen_wherever_it_stands(address: str) -> None:
    assert holds_password(address)


@pytest.mark.parametrize(
    "address",
    [
        "/srv/desk.sqlite",
        "sqlite:////srv/desk.sqlite",
        "postgresql://desk@db/desk",
        "postgresql://desk:@db/desk",
        "postgresql://db:5432/desk?u=a@b",
        "postgresql:///desk?host=/run&password=",
        "mailto://127.0.0.1:2525?smtp=127.0.0.1&from=desk@example.com",
        "",
    ],
)
def test_where_none_is(address: str) -> None:
    assert not holds_password(address)
