"""The checks of lesson 26."""

from typing import Any

from classroom.checks import assert_words, returned

MEANING = {
    "image": "that is for what is the same on each server, and changes only with a new version of the app",
    "volume": "that is for what must stay when a container goes, or comes from elsewhere and changes by itself",
    "environment": "that is for what is different on each server, or secret",
    "standard output": "that is for messages about what the app does: whoever runs it collects them",
}


def exercise_1(where: Any) -> None:
    """What belongs where."""
    assert_words(
        where,
        {
            "the packages": "image",
            "the password of the collector": "environment",
            "the log of the predictions": "volume",
            "the line about each request": "standard output",
            "a model that is trained anew each week": "volume",
        },
        MEANING,
    )


def exercise_2(rolling_update: Any) -> None:
    """Replace one copy after the other, and go no further if one is not well."""
    for copies, ill, right in (
        (["A", "B"], "", ["A", "B"]),
        (["B", "A"], "", ["B", "A"]),
        (["A", "B", "C"], "B", ["A"]),
        (["A", "B"], "A", []),
        (["A", "B"], "B", ["A"]),
    ):
        new: list[str] = []
        seen: list[str] = []

        def replace(
            copy: str, copies: list[str] = copies, ill: str = ill, new: list[str] = new, seen: Any = seen
        ) -> None:
            assert copy in copies, f"it replaces {copy!r}, and there are only {', '.join(copies)}"
            assert copy not in new, f"it replaces {copy} twice"
            assert not (ill and ill in new), f"{ill} is not well, and it replaces {copy} all the same"
            unsure = [one for one in new if one not in seen]
            assert not unsure, f"it replaces {copy} before it has asked whether {unsure[0]} is well"
            new.append(copy)

        def is_well(copy: str, ill: str = ill, new: list[str] = new, seen: Any = seen) -> bool:
            assert copy is not None, "`replace` returns nothing: ask `is_well` for the copy that was replaced"
            assert seen.count(copy) < 100, f"it asks again and again whether {copy} is well: if not, go no further"
            assert copy in new, f"it asks whether {copy} is well before it has replaced it: that is the old one"
            seen.append(copy)
            return copy != ill

        found = returned(rolling_update(list(copies), replace, is_well))
        case = f"of {', '.join(copies)}, {f'of which {ill} is not well' if ill else 'which are all well'},"
        assert isinstance(found, list), f"{case} it returns {found!r}, and not a list"
        in_order = [copy for copy in copies if copy in new]
        assert new == in_order, f"{case} it replaces {new[0]} before {in_order[0]}: keep the order of the list"
        missing = [copy for copy in right if copy not in new]
        assert not missing, f"{case} it does not replace {missing[0]}"
        assert [*new] == [*dict.fromkeys(seen)], f"it does not ask whether {new[-1]} is well"
        assert found == right, f"{case} it returns {found}, and not {right}: those that are new and well"
