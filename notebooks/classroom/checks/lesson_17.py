"""The checks of lesson 17."""

from datetime import UTC, datetime
from typing import Any

from classroom.checks import number, returned, same_number


def exercise_1(ends_well: Any) -> None:
    """A check for answers that end with a full stop."""
    from scouter import GenAIEvalConfig, GenAIEvalProfile
    from scouter.evaluate import AssertionTask

    from collector.evaluation import evaluate
    from collector.messages import EvalContent

    kind = type(ends_well).__name__
    assert isinstance(ends_well, AssertionTask), (
        f"`ends_well` is of the type {kind}, and no AssertionTask: make it with rule(...)"
    )
    profile = GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="try"), tasks=[ends_well])
    now = datetime.now(UTC)
    for answer, right, what in (
        ("At noon.", True, "'At noon.' does not pass: check how `response` ends"),
        ("At noon", False, "'At noon' passes, without a full stop: compare with '.'; in a pattern, that is '\\.'"),
        ("At noon. Or later?", False, "'At noon. Or later?' passes: the full stop must be at the end"),
        ("From the pier, at noon.", True, "'From the pier, at noon.' does not pass: check how `response` ends"),
        ("From berth 44.", True, "'From berth 44.' does not pass: whatever stands before the full stop may be there"),
        ("At noon!", False, "'At noon!' passes, and its end is no full stop: compare with '.' alone"),
    ):
        content = EvalContent(entity_uid="", uid="", context={"input": "When?", "response": answer}, created_at=now)
        (results,) = evaluate(profile, [content])
        assert results, (
            "it cannot be checked: this operator does not fit this expected value; the line with ERROR says why"
            if ends_well.context_path == "response"
            else "it cannot be checked: context_path must be a field that a record has"
        )
        assert (results["workflow"] == 1) == right, what


def exercise_2(agreement: Any) -> None:
    """On what share of the answers two lists of marks agree."""
    for judge, people, right, mistakes in (
        # Chosen so that each of these mistakes gives a number of its own.
        ([4, 5, 4, 2, 2, 3, 1, 3, 4, 4, 4, 2], [3, 5, 3, 1, 3, 4, 4, 3, 2, 3, 3, 1], 5 / 12,
         {0.17: "it wants equal marks: 5 and 4 both pass, so they agree",
          5.0: "it is a number, and no share: divide by the number of answers",
          41.67: "it is in percent, and no share: divide by the number of answers only",
          0.08: "where neither passes, as with 1 and 2, they agree too",
          0.33: "where both pass, as with 5 and 4, they agree too",
          0.67: "they agree where both pass or neither does, not where one of them does",
          1.0: "4 passes too: >= 4",
          0.75: "3 does not pass: >= 4",
          0.58: "that is the share on which they do not agree",
          0.5: "it looks at the marks of the judge only: compare them with those of the people",
          0.25: "it looks at the marks of the people only: compare them with those of the judge",
          0.0: "// and round leave nothing of a share; and Python reads a >= 4 == b >= 4 as a chain of three "
          "comparisons: put brackets around a >= 4 and b >= 4"}),
        ([4], [3], 0, {1.0: "4 passes and 3 does not: there they do not agree"}),
        ([1, 2], [3, 1], 1, {0.0: "where neither passes, they agree too"}),
    ):  # fmt: skip
        found = number("agreement(marks, people)", returned(agreement(list(judge), list(people))))
        wrong = f"{judge} and {people} give {found:g}, and not {right:.3g}"
        assert same_number(found, right, 0.005), mistakes.get(round(found, 2), wrong)
