"""What Alertmanager sends, and what the app says about an alert.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from titanic.in_parts import in_parts

Text = Annotated[str, Field(max_length=10_000)]
Labels = dict[Text, Text]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9999, 1, 1, tzinfo=UTC))]
EXAMPLE: dict[str, Any] = {
    "version": "4",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "AppDown", "job": "fastapi_app", "severity": "page"},
            "annotations": {"summary": "fastapi_app does not answer.", "what_to_do": "Start it again."},
            "startsAt": "2026-04-14T23:40:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "5ef77f1f8a3ecfdd",
        }
    ],
}


class Alert(BaseModel):
    """One alert in a message. Its labels say which alert it is; the fingerprint is made of them."""

    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Labels = {}
    startsAt: Moment
    endsAt: Annotated[
        AwareDatetime, Field(le=datetime(9999, 1, 1, tzinfo=UTC))
    ]  # of one that fires, Alertmanager writes the year 1
    fingerprint: Annotated[str, Field(pattern="^[0-9A-Za-z_-]{1,100}$")]  # it stands in an address, too


class Message(BaseModel):
    """A message of Alertmanager: the alerts of one group, firing and resolved. What else it has is not needed here."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    version: Literal["4"]
    alerts: Annotated[list[Alert], Field(max_length=10_000), in_parts(10_000)]


class KnownAlert(BaseModel):
    """An alert as the app has kept it. times_told: how many messages have spoken of it."""

    fingerprint: str
    labels: Labels
    annotations: Labels
    starts_at: datetime
    ended_at: datetime | None
    told_at: datetime
    times_told: int
    silenced_until: datetime | None
