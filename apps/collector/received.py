"""How much of a profile has come: the app asks before it shuts its queue down. Scouter's own server does not say."""

import sqlite3

COUNT = """
SELECT ifnull(MAX(number), 0) FROM (
    SELECT SUM(bin_count) AS number FROM bin_count WHERE uid = ?1 AND created_at >= ?2 GROUP BY feature
    UNION ALL SELECT COUNT(*) FROM value WHERE uid = ?1 AND created_at >= ?2 GROUP BY name
)
"""


def count(connection: sqlite3.Connection, uid: str, since: float) -> int:
    """How many rows (of PSI) or values (else) that were made since then, in seconds since 1970, are stored."""
    number: int = connection.execute(COUNT, [uid, since]).fetchone()[0]
    return number
