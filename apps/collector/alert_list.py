"""The list of alerts: reading it page by page, and saying that somebody has seen to one."""

import json
import math
import sqlite3
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from collector.errors import NotFoundError
from collector.messages import Moment, Text

AlertId = Annotated[int, Field(ge=0, lt=2**63)]


class AlertsRequest(BaseModel):
    """Which alerts of a profile: all, the active ones, or those seen to (active: false), of a time; newest first."""

    uid: Text
    active: bool | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    cursor_id: AlertId | None = None
    direction: str | None = None
    start_datetime: Moment | None = None
    end_datetime: Moment | None = None


class AlertStatus(BaseModel):
    """An alert that somebody has seen to (active: false), or that is to be active again.

    As in Scouter's server, id alone says which one. space: the client sends it, and that server asks for it.
    """

    id: AlertId
    active: bool
    space: Text


def find(connection: sqlite3.Connection, request: AlertsRequest) -> dict[str, Any]:
    """One page of alerts, and the cursors with which the client asks for the pages beside it."""
    most = request.limit or 50
    back = request.direction == "previous" and request.cursor_id is not None
    cursor = request.cursor_id if request.cursor_id is not None else 2**63 - 1
    begin = request.start_datetime.timestamp() if request.start_datetime else 0
    end = request.end_datetime.timestamp() if request.end_datetime else math.inf
    rows = connection.execute(
        "SELECT id, created_at, entity_name, alert, active FROM alert"
        " WHERE uid = ? AND active = ifnull(?, active) AND created_at >= ? AND created_at < ?"
        + (" AND id > ? ORDER BY id LIMIT ?" if back else " AND id < ? ORDER BY id DESC LIMIT ?"),
        [request.uid, request.active, begin, end, cursor, most + 1],
    ).fetchall()
    more, rows = len(rows) > most, rows[:most]  # the one row more than asked for only tells that there are more
    items = [
        {
            "id": number,
            "created_at": datetime.fromtimestamp(created_at, UTC).isoformat(),
            "entity_name": entity_name,
            "alert": json.loads(alert),
            "active": bool(active),
        }
        for number, created_at, entity_name, alert, active in (reversed(rows) if back else rows)
    ]
    edges = [{"id": item["id"], "created_at": item["created_at"]} for item in items]
    has_next = back or more
    has_previous = more if back else request.cursor_id is not None
    return {
        "items": items,
        "has_next": has_next,
        "next_cursor": edges[-1] if has_next and edges else None,
        "has_previous": has_previous,
        "previous_cursor": edges[0] if has_previous and edges else None,
    }


def set_status(connection: sqlite3.Connection, status: AlertStatus) -> None:
    """Make an alert active or not. NotFoundError: there is none with this number."""
    if connection.execute("UPDATE alert SET active = ? WHERE id = ?", [status.active, status.id]).rowcount == 0:
        raise NotFoundError(f"There is no alert {status.id}.")
