"""Import peewee without the database drivers that this desk does not use.

peewee imports every driver it finds, which costs 100 ms and more at start when psycopg is installed. For a
SQLite desk they are hidden while peewee is imported.
"""

from __future__ import annotations

import sys

_DRIVERS = ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb")


def load_peewee(url: str) -> None:
    """Import peewee for `url`; call it before anything imports the models."""
    if "peewee" in sys.modules:
        return
    hidden = [] if url.startswith("postgres") else [name for name in _DRIVERS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import peewee  # noqa: F401
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
