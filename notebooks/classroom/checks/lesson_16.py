"""The checks of lesson 16."""

import copy
from typing import Any

from classroom.checks import assert_unchanged, assert_words, number, returned

MEANING = {
    "HTTP": "HTTP needs nothing but the two of them, and loses what is sent while the collector is away",
    "Redis": "Redis calls each message out once, and loses what nobody listens to",
    "RabbitMQ": "RabbitMQ keeps messages while the collector is away, but not while it is away itself",
    "Kafka": "Kafka loses nothing, even while it is away itself, and is the most work to run",
}


def message(**features: list[int]) -> dict[str, Any]:
    """A message with these counts, bin by bin, for each feature; as it travels, each record names its feature."""
    now = "2026-11-27T10:00:00Z"
    return {
        "records": [
            {
                "Psi": {
                    "uid": "ab",
                    "feature": name,
                    "bin_id": bin_id,
                    "bin_count": count,
                    "created_at": now,
                    "entity_id": 0,
                }
            }
            for name, counts in features.items()
            for bin_id, count in enumerate(counts)
        ]
    }


def exercise_1(passengers_in: Any) -> None:
    """How many passengers a message counts."""
    for sent, right, mistakes, what in (
        (
            message(Age=[3, 4], Sex=[5, 2]), 7,
            {4: "it counts the records, and not the passengers in them: add up `bin_count`",
             14: "it counts each passenger once for each feature: look at one feature only"},
            "7 passengers, counted by age (3 and 4) and by sex (5 and 2),",
        ),
        (message(Sex=[600, 400]), 1000,
         {0: "it goes wrong if there is no age in the message: take a feature that is there"}, "1,000, by sex,"),
        (message(Embarked=[2, 3, 4]), 9,
         {0: "it goes wrong if there is neither age nor sex in the message: take a feature that is there",
          5: "it looks at the first two bins only; a port has three: add up all bins of a feature"},
         "9 passengers, by port,"),
        (message(Pclass=[1, 2, 3], Sex=[2, 4]), 6,
         {3: "it looks at the first two bins only; a class has three: add up all bins of a feature"},
         "6 passengers, counted by class (1, 2, 3) and by sex (2, 4),"),
        (message(Age=[0, 0, 0, 0, 0, 0, 9, 1], Sex=[10, 0]), 10, {}, "10 passengers in the last bins of age"),
    ):  # fmt: skip
        before = copy.deepcopy(sent)
        found = number("passengers_in(message)", returned(passengers_in(sent)))
        assert found == right, mistakes.get(int(found), f"{what} give {found:g}, and not {right}")
        assert_unchanged(sent, before)


def exercise_2(best_transport: Any) -> None:
    """Which transport."""
    right = {
        "one app, one collector, nothing else is running, and a gap does no harm": "HTTP",
        "the collector is updated each night; our RabbitMQ never stops": "RabbitMQ",
        "broker and collector are restarted now and then; nothing may be missing": "Kafka",
        "our Redis is there anyway; a gap does no harm; no app may know the collector": "Redis",
    }
    assert_words(best_transport, right, MEANING)
