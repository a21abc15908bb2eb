"""What travels: the messages that Scouter's client sends.

The names are Scouter's (scouter-ml 0.25.0). A message may hold more fields; those that are not used here are ignored.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from titanic.in_parts import in_parts

MAX_BYTES = 10_000_000  # of a message, by whatever way it comes
MAX_DEPTH = 100  # of what a context holds: Python follows only so many brackets
Text = Annotated[str, Field(max_length=500)]
# Of larger ones, means and standard deviations can no longer be calculated.
Number = Annotated[float, Field(ge=-1e100, le=1e100, allow_inf_nan=False, strict=True)]
Count = Annotated[int, Field(ge=0, lt=2**31, strict=True)]  # strict: no text, no 5.0, no true
EntityId = Annotated[
    int, Field(ge=-(2**31), lt=2**31, strict=True)
]  # the client sends 0; Scouter's server insists on it
# With the first and the last days of the calendar, Python cannot calculate; no record is as old or as new as that.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]


def not_too_deep(context: dict[str, Any]) -> dict[str, Any]:
    """Give it back. ValueError: it has more than MAX_DEPTH brackets inside each other."""
    inside: list[Any] = [context]
    for _ in range(MAX_DEPTH):
        inside = [part for one in inside for part in (one.values() if isinstance(one, dict) else one)]
        inside = [part for part in inside if isinstance(part, dict | list)]
    if inside:
        raise ValueError(f"more than {MAX_DEPTH} brackets stand inside each other")
    return context


class PsiRecord(BaseModel):
    """How many rows of a batch had a value in this bin of this feature. uid: the profile's identifier."""

    uid: Text
    entity_id: EntityId
    feature: Text
    bin_id: Count
    bin_count: Count
    created_at: Moment


class SpcRecord(BaseModel):
    """The mean of this feature over a batch."""

    uid: Text
    entity_id: EntityId
    feature: Text
    value: Number
    created_at: Moment


class CustomRecord(BaseModel):
    """The mean of this metric over a batch."""

    uid: Text
    entity_id: EntityId
    metric: Text
    value: Number
    created_at: Moment


class EvalContent(BaseModel):
    """One use of a language model. context: its input, its response, and whatever else the checks look at."""

    entity_uid: Text  # the profile's identifier; here, uid is the record's own
    uid: Text
    context: Annotated[dict[str, Any], AfterValidator(not_too_deep)]
    created_at: Moment


class EvalRecord(BaseModel):
    """Records of this kind come in one more wrapping."""

    record: EvalContent


class Record(BaseModel):
    """On the wire, a record is an object with one key, its kind: {"Psi": {"uid": ..., "feature": "Age", ...}}."""

    model_config = ConfigDict(extra="forbid")

    Psi: PsiRecord | None = None
    Spc: SpcRecord | None = None
    Custom: CustomRecord | None = None
    GenAIEval: EvalRecord | None = None

    @model_validator(mode="after")
    def has_one_kind(self) -> Self:
        """ValueError if there are two kinds in one record, or none."""
        if len(self.model_fields_set) != 1 or getattr(self, self.kind) is None:
            raise ValueError("a record has exactly one kind: Psi, Spc, Custom or GenAIEval")
        return self

    @property
    def kind(self) -> str:
        """The name of the one key."""
        return next(iter(self.model_fields_set), "")

    @property
    def content(self) -> PsiRecord | SpcRecord | CustomRecord | EvalContent:
        """What is in the wrapping."""
        return self.GenAIEval.record if self.GenAIEval else getattr(self, self.kind)


class Message(BaseModel):
    """What one batch of a ScouterQueue becomes."""

    records: Annotated[list[Record], Field(min_length=1, max_length=100_000), in_parts(100_000)]
