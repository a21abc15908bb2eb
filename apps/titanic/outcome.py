"""Outcomes, what really happened to passengers: how a client sends them, and what the app answers (lesson 20)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from titanic.in_parts import in_parts

EXAMPLE = "0b6d3c3ad20c4c2f9b4ad0c7f1f5e6a1"


class Outcome(BaseModel):
    """What really happened to a passenger."""

    model_config = ConfigDict(extra="forbid")

    prediction_id: Annotated[str, Field(min_length=1, max_length=100, description="As the prediction's answer told it")]
    survived: Annotated[Literal[0, 1], Field(description="1 if the passenger has survived, else 0")]


class Outcomes(RootModel[Annotated[list[Outcome], Field(max_length=130_000), in_parts(130_000)]]):
    """Many outcomes, in any order: the body is the list itself, without a name around it."""

    model_config = ConfigDict(json_schema_extra={"examples": [[{"prediction_id": EXAMPLE, "survived": 1}]]})


class OutcomeReport(BaseModel):
    """How many outcomes found their prediction; the ids without a prediction, and those that have had an outcome."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"matched": 0, "unknown": [EXAMPLE], "repeated": []}]})

    matched: int
    unknown: list[str]
    repeated: list[str]
