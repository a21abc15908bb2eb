"""The checks of lesson 17."""

from datetime import UTC, datetime
from typing import Any

from scouter import GenAIEvalConfig, GenAIEvalProfile
from scouter.evaluate import AssertionTask

from classroom.checks import number, returned, same_number
from collector.evaluation import evaluate
from collector.messages import EvalContent


def exercise_1(ends_well: Any) -> None:
    """A check for answers that end with a full stop."""
    kind = type(ends_well).__name__
    assert isinstance(ends_well, AssertionTask), f"`ends_well` is of the type {kind}, and no AssertionTask"
    profile = GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="try"), tasks=[ends_well])
    now = datetime.now(UTC)
    for answer, right, what in (
        ("At noon.", True, "'At noon.' does not pass"),
        ("At noon", False, "'At noon' passes, without a full stop"),
        ("At noon. Or later?", False, "'At noon. Or later?' passes: the full stop must be at the end"),
        ("From the pier, at noon.", True, "'From the pier, at noon.' does not pass"),
    ):
        content = EvalContent(entity_uid="", uid="", context={"input": "When?", "response": answer}, created_at=now)
        (results,) = evaluate(profile, [content])
        assert results, "it cannot be checked: context_path must be a field that a record has"
        assert (results["workflow"] == 1) == right, what


def exercise_2(agreement: Any) -> None:
    """The share of the answers on which the judge and the people agree."""

    def agree(judge: list[int], people: list[int]) -> float:
        return number("agreement(judge, people)", returned(agreement(list(judge), list(people))))

    found = agree([5, 1, 4, 3], [4, 2, 3, 3])
    assert not same_number(found, 0.25), "it wants equal marks: 5 and 4 both pass, so they agree"
    assert not same_number(found, 3), "it is the number of answers on which they agree, and not their share"
    assert not same_number(found, 75), "it is in per cent, and not a share from 0 to 1"
    for judge, people, right, what in (
        ([5, 1, 4, 3], [4, 2, 3, 3], 0.75, "they agree on three of four"),
        ([4], [3], 0, "4 passes and 3 does not"),
        ([1, 2], [3, 1], 1, "both fail, and so they agree"),
        ([4, 4, 5], [4, 5, 1], 2 / 3, "they agree on two of three"),
    ):
        found = agree(judge, people)
        assert same_number(found, right, 0.005), f"for {judge} and {people} it returns {found:g}: {what}"
