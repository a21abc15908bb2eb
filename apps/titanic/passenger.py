"""What a passenger is, and what is refused (lesson 06), one at a time or many (lesson 07)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from titanic.in_parts import in_parts

EXAMPLES: list[dict[str, Any]] = [
    {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"},
    {"Pclass": 3, "Sex": "male", "Age": 22.0, "SibSp": 1, "Parch": 0, "Fare": 7.25, "Embarked": "S"},
    {"Pclass": 2, "Sex": "female", "Age": 30.0, "SibSp": 1, "Parch": 1, "Fare": 26.0, "Embarked": "Q"},
]


class Passenger(BaseModel):
    """One passenger of the Titanic, as the model needs it."""

    # An unknown field is most often a misspelt one; a number that is none, or has no end, is a fault of the sender.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [EXAMPLES[0]]})

    Pclass: Annotated[Literal[1, 2, 3], Field(description="Passenger class (1 = 1st, 2 = 2nd, 3 = 3rd)")]
    Sex: Annotated[Literal["male", "female"], Field(description="Sex of the passenger")]
    Age: Annotated[float, Field(gt=0, lt=100, description="Age in years, between 0 and 100")]
    SibSp: Annotated[int, Field(ge=0, le=20, description="Number of siblings and spouses aboard")]
    Parch: Annotated[int, Field(ge=0, le=20, description="Number of parents and children aboard")]
    Fare: Annotated[float, Field(ge=0, le=10_000, description="Fare paid, in pounds")]
    Embarked: Annotated[
        Literal["C", "Q", "S"],
        Field(description="Port of embarkation (C = Cherbourg, Q = Queenstown, S = Southampton)"),
    ]


# No more than this fits into 10 MB anyway. In parts: for 10 MB of mistakes, Pydantic would make millions of messages.
Passengers = Annotated[list[Passenger], Field(max_length=130_000), in_parts(130_000)]


class PassengerBatch(RootModel[Passengers]):
    """Many passengers: the body is the list itself, without a name around it."""

    model_config = ConfigDict(json_schema_extra={"examples": [[*EXAMPLES]]})
