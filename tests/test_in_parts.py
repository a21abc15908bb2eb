"""A list in which much is wrong is refused at once: up to the first mistakes, told as Pydantic would tell them."""

import tracemalloc

import pytest
from pydantic import ValidationError

from alerting import messages as alerting
from collector import messages as collector
from titanic.outcome import Outcomes
from titanic.passenger import EXAMPLES, PassengerBatch

GOOD, RECORD = EXAMPLES[0], {"Psi": {}}
OUTCOME = {"prediction_id": "a", "survived": 1}
KINDS = {
    "passengers": (PassengerBatch, lambda rows: rows, {}),
    "outcomes": (Outcomes, lambda rows: rows, {}),
    "alerts": (alerting.Message, lambda rows: {"version": "4", "alerts": rows}, {}),
    "records": (collector.Message, lambda rows: {"records": rows}, RECORD),
}


def errors(model, value):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(value)
    return [(one["type"], one["loc"]) for one in refused.value.errors()]


@pytest.mark.parametrize("kind", KINDS)
def test_of_many_mistakes_only_those_of_the_first_rows_are_told(kind):
    model, message, row = KINDS[kind]
    few, many = errors(model, message([row] * 100)), errors(model, message([row] * 10_000))
    assert many == few
    tracemalloc.start()
    errors(model, message([row] * 10_000))
    assert tracemalloc.get_traced_memory()[1] < 10_000 * 200  # bytes; a single message takes more than that
    tracemalloc.stop()


def test_a_mistake_is_told_with_the_number_that_its_row_has_in_the_whole_list():
    rows = [GOOD] * 250 + [GOOD | {"Age": -1, "name": "Ann"}] + [GOOD] * 100
    assert errors(PassengerBatch, rows) == [("greater_than", (250, "Age")), ("extra_forbidden", (250, "name"))]
    assert errors(Outcomes, [OUTCOME] * 101 + [OUTCOME | {"survived": 2}]) == [("literal_error", (101, "survived"))]


@pytest.mark.parametrize("number", [0, 1, 99, 100, 101, 250])
def test_what_is_right_stays_as_it_is_and_in_order(number):
    rows = [GOOD | {"Age": 1 + i % 90} for i in range(number)]
    assert PassengerBatch.model_validate(rows).model_dump() == rows


def test_the_limits_of_the_whole_list_hold():
    assert errors(PassengerBatch, [{}] * 130_001) == [("too_long", ())]
    assert errors(alerting.Message, {"version": "4", "alerts": [{}] * 10_001}) == [("too_long", ("alerts",))]
    assert errors(collector.Message, {"records": []}) == [("too_short", ("records",))]
    assert errors(PassengerBatch, GOOD) == [("list_type", ())]
    assert errors(PassengerBatch, None) == [("list_type", ())]


def test_the_documentation_tells_the_same():
    schema = PassengerBatch.model_json_schema()
    assert (schema["type"], schema["maxItems"], schema["items"]) == ("array", 130_000, {"$ref": "#/$defs/Passenger"})
