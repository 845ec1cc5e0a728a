"""Full-text search that finds one Chinese character as well as a word.

Every Han character is a token of its own: the index holds the text with spaces around Han characters, and a query
becomes phrases of the same form. Raw user text never reaches the query language. SQLite searches with FTS5,
PostgreSQL with a tsvector of the same words.
"""

from __future__ import annotations

import re

from dutydesk.storage import dialect, engine
from dutydesk.storage.engine import db
from dutydesk.storage.models.desk import SearchDoc

_HAN = re.compile("([\u2e80-\u2fff\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_SUBJECT = "\ue002"
"""A private-use letter: part of a token for the index, never part of what people search for."""
_WORD = re.compile(r"\w+")


def spaced(text: str) -> str:
    """Return `text` with a space around each Han character."""
    return _HAN.sub(r" \1 ", text)


def body(subject: str, text: str) -> str:
    """Return what stands in the index for a record: its words, and a token that says what it is."""
    whole = f"{spaced(text)} {_token(subject)}"
    return dialect.vector(whole) if engine.on_postgres() else whole


def _token(subject: str) -> str:
    return _SUBJECT + subject


def index(subject: str, subject_id: int, text: str) -> None:
    """Make `text` the searchable text of a record, in place of what was there."""
    found = list(
        SearchDoc.select(SearchDoc.id)
        .where((SearchDoc.subject == subject) & (SearchDoc.subject_id == subject_id))
        .tuples()
    )
    if found:
        doc = found[0][0]
        db.execute_sql(f"delete from search_text where rowid = {db.param}", (doc,))
    else:
        doc = SearchDoc.insert(subject=subject, subject_id=subject_id).execute()
    db.execute_sql(f"insert into search_text(rowid, body) values ({db.param}, {db.param})", (doc, body(subject, text)))


def phrase(query: str) -> str:
    """Return the query as phrases that must all be there; a word may go on, a Chinese phrase is exact."""
    parts = []
    for piece in query.split():
        words = _WORD.findall(spaced(piece))
        if words:
            parts.append('"' + " ".join(words) + '"' + ("" if _HAN.search(words[-1]) else "*"))
    return " ".join(parts)


def find(query: str, subject: str, *, limit: int = 50, before: int | None = None) -> list[int]:
    """Return the ids of the records of `subject` that hold every part of `query`, the newest in the index first.

    `before` is the id after which to go on. An empty query, or one of punctuation only, finds nothing. The index is
    walked from its newest end and left when there are enough: a word that half of all records hold costs no more.
    """
    match = phrase(query)
    if not match:
        return []
    sql = (
        f"select d.subject_id from search_text t {_ACROSS[engine.on_postgres()]} "
        "where MATCH and t.rowid < "
        "coalesce((select id from search_doc where subject = ? and subject_id = ?), 9000000000000000000) "
        "order by t.rowid desc limit ?"
    )
    return matching(sql, f'"{_token(subject)}" {match}', subject, before, limit)


_ACROSS = {
    False: "cross join search_doc d on d.id = t.rowid",
    True: "join search_doc d on d.id = t.rowid",
}
"""How the index meets the records; SQLite's `cross join` keeps it in front."""


def matching(sql: str, match: str, *values: object) -> list[int]:
    """Return the first column of a question about `search_text t`: MATCH stands for the match, `?` for a value."""
    if engine.on_postgres():
        sql, match = sql.replace("MATCH", "t.body @@ ?::tsquery"), dialect.query(match)
    else:
        sql = sql.replace("MATCH", "search_text match ?")
    return [row[0] for row in db.execute_sql(sql.replace("?", db.param), (match, *values)).fetchall()]
