"""What the collector reads in a drift profile: what to expect of each feature or metric, and when to raise an alert.

The names are Scouter's (scouter-ml 0.25.0). A profile holds more; it is kept as it came, and given back as it came.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from collector.messages import Count, Number, Text

DriftType = Literal["Psi", "Spc", "Custom", "GenAI"]


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


class Config(BaseModel):
    """Whose profile it is."""

    space: Text
    name: Text


# PSI: the share of the rows that each bin of each feature had in the training data


class Bin(BaseModel):
    """One range of a number, or one category; proportion is from 0 to 1."""

    id: Count
    proportion: Annotated[float, Field(ge=0, le=1)]


class PsiFeature(BaseModel):
    """The bins of one feature."""

    bins: Annotated[list[Bin], Field(min_length=1)]


class Alpha(BaseModel):
    """The chance of a false alarm, in one check of one feature."""

    alpha: Annotated[float, Field(gt=0, lt=1)]


class Limit(BaseModel):
    """A limit that is the same for any number of rows."""

    threshold: Annotated[Number, Field(gt=0)]


class Threshold(BaseModel):
    """How the limit of a PSI is found: one of these three is there."""

    ChiSquare: Alpha | None = None
    Normal: Alpha | None = None
    Fixed: Limit | None = None

    @model_validator(mode="after")
    def is_one_of_the_three(self) -> Self:
        """ValueError if there is none, or more than one."""
        if [self.ChiSquare, self.Normal, self.Fixed].count(None) != 2:
            raise ValueError("a threshold is ChiSquare, Normal or Fixed")
        return self


class PsiAlerts(BaseModel):
    """Which features can raise an alert, and when."""

    threshold: Threshold
    features_to_monitor: list[Text]


class PsiConfig(Config):
    """The settings of a PSI profile."""

    alert_config: PsiAlerts


class PsiProfile(BaseModel):
    """A PsiDriftProfile."""

    features: Annotated[dict[Text, PsiFeature], Field(min_length=1)]
    config: PsiConfig

    @model_validator(mode="after")
    def has_what_it_monitors(self) -> Self:
        """ValueError if it is to raise alerts on a feature that it does not describe."""
        if unknown := set(self.config.alert_config.features_to_monitor) - set(self.features):
            raise ValueError(f"nothing is known about {unknown}")
        return self


# SPC: the mean of each feature, and how far from it the mean of a batch may be


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

    rule: Annotated[str, Field(pattern=r"^\d{1,3}( \d{1,3}){7}$")]
    zones_to_monitor: list[Literal["Zone1", "Zone2", "Zone3", "Zone4"]]


class SpcAlerts(BaseModel):
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


# Custom metrics, and the checks of what a language model answers


class CustomAlerts(BaseModel):
    """When each metric raises an alert."""

    alert_conditions: dict[Text, Condition] | None


class CustomConfig(Config):
    """The settings of a profile of custom metrics."""

    alert_config: CustomAlerts


class CustomProfile(BaseModel):
    """A CustomDriftProfile: each metric and its value in training."""

    metrics: dict[Text, Number]
    config: CustomConfig


class GenAIAlerts(BaseModel):
    """When the share of passed checks, from 0 to 1, raises an alert."""

    alert_condition: Condition | None


class GenAIConfig(Config):
    """The settings of a profile of checks."""

    alert_config: GenAIAlerts


class GenAIProfile(BaseModel):
    """A GenAIEvalProfile. Its checks are read by Scouter's own evaluator."""

    config: GenAIConfig


PROFILES: dict[DriftType, type[BaseModel]] = {
    "Psi": PsiProfile,
    "Spc": SpcProfile,
    "Custom": CustomProfile,
    "GenAI": GenAIProfile,
}
