"""The checks of lesson 22."""

from typing import Any

from classroom.checks import assert_words, returned, truth

NAMES = [f"passenger {number}" for number in range(4000)]
SHARES = (0.1, 0.3)
MEANING = {
    "more": "that is for a canary that is as good as the champion, by enough outcomes and in each group",
    "wait": "that is for when there are no outcomes, or so few that chance explains them",
    "stop": "that is for a canary that is worse by more than chance",
    "roll back": "that is for a version that answers all requests already, and is worse",
}


def exercise_1(chosen: Any, notebook: dict[str, Any]) -> None:
    """A share of all names, repeatable, and growing."""
    assert truth('chosen("a", 1)', returned(chosen("a", 1))), "with a share of 1, all are chosen, and `a` is not"
    assert not truth('chosen("a", 0)', returned(chosen("a", 0))), "with a share of 0, nobody is chosen, and `a` is"
    assert not any(chosen(name, 0) for name in NAMES), "with a share of 0, nobody is chosen, and some names are"
    picked = {share: [truth(f"chosen(name, {share})", returned(chosen(name, share))) for name in NAMES]
              for share in SHARES}  # fmt: skip
    for share in SHARES:
        again = [chosen(name, share) for name in NAMES]
        assert again == picked[share], "the same name does not always get the same: nothing may be drawn by lot"
        found = sum(picked[share]) / len(NAMES)
        assert abs(found - share) < 0.03, f"of 4,000 names it chooses {found:.3f}, and not {share}"
    gone = sum(small and not large for small, large in zip(picked[0.1], picked[0.3], strict=True))
    assert not gone, f"{gone} names are chosen at 10 % and not at 30 %: a larger share must keep whom it has"
    assert not uses_hash_of_this_process(chosen, notebook), (
        "in another worker the same name gets something else: Python's own hash() of a text differs in each process"
    )


class Elsewhere(str):
    """A name as it is in another process: the same, but for its hash()."""

    process = 0

    def __hash__(self) -> int:
        """What hash() returns there."""
        return hash_elsewhere(str(self))


def hash_elsewhere(value: Any) -> int:
    """What hash() of this value returns there: of a text another number, of a number the same."""
    if isinstance(value, tuple):
        return hash(tuple(map(hash_elsewhere, value)))
    return hash((Elsewhere.process, repr(value))) if isinstance(value, (str, bytes)) else hash(value)


def uses_hash_of_this_process(chosen: Any, notebook: dict[str, Any]) -> bool:
    """True if the answers depend on hash(), whose seed is another one in each process.

    That something is kept in a dictionary or a cache, which call hash() too, is no fault: only the answers count.
    """
    own = "hash" in notebook  # a function of the learner's, which only has this name
    if not own:
        notebook["hash"] = hash_elsewhere
    answers = set()
    try:
        for process in range(20):
            Elsewhere.process = process
            answers.add(bool(chosen(Elsewhere("a"), 0.5)))
    except Exception:  # it takes a plain text only: that is no fault
        return False
    finally:
        if not own:
            del notebook["hash"]
    return len(answers) > 1


def exercise_2(what: Any) -> None:
    """What to do."""
    assert_words(
        what,
        {
            "canary, 10 %: right for 0.81 of 2,000 outcomes, for men and women alike": "more",
            "canary, 1 %: right for 7 of 12 outcomes": "wait",
            "canary, 10 %: right for 0.68 of 900 outcomes": "stop",
            "in the shadow: agrees in 0.85, never fails; the outcomes come next week": "wait",
            "promoted: right for 0.65 of 3,000; the old one, for one of ten, for 0.80": "roll back",
        },
        MEANING,
    )
