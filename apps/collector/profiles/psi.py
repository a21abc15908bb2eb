"""PSI: the share of the rows that each bin of each feature had in the training data."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from collector.messages import Count, Number, Text
from collector.profiles.config import Alerts, Config


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


class PsiAlerts(Alerts):
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
