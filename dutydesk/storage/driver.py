"""Import peewee without the database drivers that it would import.

peewee imports every driver it finds, which costs 100 ms and more at start when psycopg is installed. They are hidden
while peewee is imported; `postgres` imports psycopg itself, for a desk that lies on a server.
"""

from __future__ import annotations

import sys

_DRIVERS = ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb")


def load_peewee() -> None:
    """Import peewee; call it before anything imports the models."""
    if "peewee" in sys.modules:
        return
    hidden = [name for name in _DRIVERS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import peewee  # noqa: F401
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
