"""Custom metrics, and the checks of what a language model answers: by when their mean is bad."""

from typing import Literal

from pydantic import BaseModel

from collector.messages import Number, Text
from collector.profiles.config import Alerts, Config


class Condition(BaseModel):
    """When a value is bad: below or above baseline_value, or outside of it, by more than delta."""

    baseline_value: Number
    alert_threshold: Literal["Below", "Above", "Outside"]
    delta: Number | None = None

    def is_met_by(self, value: float) -> bool:
        """True if this value is bad."""
        delta = self.delta or 0
        too_low, too_high = value < self.baseline_value - delta, value > self.baseline_value + delta
        return {"Below": too_low, "Above": too_high, "Outside": too_low or too_high}[self.alert_threshold]


class CustomAlerts(Alerts):
    """When each metric raises an alert."""

    alert_conditions: dict[Text, Condition] | None


class CustomConfig(Config):
    """The settings of a profile of custom metrics."""

    alert_config: CustomAlerts


class CustomProfile(BaseModel):
    """A CustomDriftProfile: each metric and its value in training."""

    metrics: dict[Text, Number]
    config: CustomConfig


class GenAIAlerts(Alerts):
    """When the share of passed checks, from 0 to 1, raises an alert."""

    alert_condition: Condition | None


class GenAIConfig(Config):
    """The settings of a profile of checks."""

    alert_config: GenAIAlerts


class GenAIProfile(BaseModel):
    """A GenAIEvalProfile. Its checks are read by Scouter's own evaluator."""

    config: GenAIConfig
