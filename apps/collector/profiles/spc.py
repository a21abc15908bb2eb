"""SPC: the mean of each feature, and how far from it the mean of a batch may be."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from collector.messages import Number, Text
from collector.profiles.config import Alerts, Config


class SpcFeature(BaseModel):
    """The mean, and the limits one, two and three standard deviations above (ucl) and below (lcl) it."""

    center: Number
    one_ucl: Number
    one_lcl: Number
    two_ucl: Number
    two_lcl: Number
    three_ucl: Number
    three_lcl: Number


class SpcRule(BaseModel):
    """Eight numbers, two for each zone: so many values in a row there, or so many on both sides in turns, are bad."""

    rule: Annotated[str, Field(pattern=r"^[0-9]{1,3}( [0-9]{1,3}){7}$")]
    zones_to_monitor: list[Literal["Zone1", "Zone2", "Zone3", "Zone4"]]


class SpcAlerts(Alerts):
    """Which features can raise an alert, and when."""

    rule: SpcRule
    features_to_monitor: list[Text]


class SpcConfig(Config):
    """The settings of an SPC profile."""

    alert_config: SpcAlerts


class SpcProfile(BaseModel):
    """An SpcDriftProfile."""

    features: dict[Text, SpcFeature]
    config: SpcConfig
