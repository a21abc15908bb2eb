"""The checks of lesson 22."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from classroom.checks import assert_words, returned, truth

NAMES = [f"passenger {number}" for number in range(4000)]
SHARES = (0.01, 0.1, 0.25, 0.3)
MEANING = {
    "more": "that is for a canary that is as good as the champion, by enough outcomes and in each group",
    "wait": "that is for when there are no outcomes, or so few that chance explains them",
    "stop": "that is for a canary that is worse by more than chance",
    "roll back": "that is for a version that answers all requests already, and is worse",
}


def exercise_1(chosen: Any, notebook: dict[str, Any]) -> None:
    """A share of all names, repeatable, and growing."""
    assert truth('chosen("a", 1)', returned(chosen("a", 1))), "with a share of 1, all are chosen, and `a` is not"
    left = sum(not chosen(name, 1) for name in NAMES)
    assert not left, f"with a share of 1, all are chosen, and {left} of 4,000 names are not"
    assert not truth('chosen("a", 0)', returned(chosen("a", 0))), "with a share of 0, nobody is chosen, and `a` is"
    assert not any(chosen(name, 0) for name in NAMES), "with a share of 0, nobody is chosen, and some names are"
    picked = {share: [truth(f"chosen(name, {share})", returned(chosen(name, share))) for name in NAMES]
              for share in SHARES}  # fmt: skip
    for share in SHARES:
        again = [chosen(name, share) for name in NAMES]
        assert again == picked[share], "the same name does not always get the same: nothing may be drawn by lot"
        found = sum(picked[share]) / len(NAMES)
        by_chance = 5 * math.sqrt(share * (1 - share) / len(NAMES))
        assert abs(found - share) < by_chance, f"of 4,000 names it chooses {found:.3f}, and not {share}"
    gone = sum(small and not large for small, large in zip(picked[0.1], picked[0.3], strict=True))
    assert not gone, f"{gone} names are chosen at 10 % and not at 30 %: a larger share must keep whom it has"
    assert not hangs_on_kept_names(chosen, notebook), (
        "in another worker the same name gets something else: it may depend on the name only, and not on id(), on who "
        "came before, or on a lot kept in memory"
    )
    assert not uses_hash_of_this_process(chosen, notebook), (
        "in another worker the same name gets something else: Python's own hash() of a text differs in each process, "
        "and so does a lot kept in memory"
    )


@contextmanager
def containers_put_back(chosen: Any, notebook: dict[str, Any]) -> Iterator[None]:
    """What the dictionaries, lists and sets of the notebook hold is afterwards what it was before."""
    own = [value for name, value in notebook.items() if not name.startswith("_")]
    own += getattr(chosen, "__defaults__", None) or ()
    kept = [(value, value.copy()) for value in own if isinstance(value, (dict, list, set))]
    try:
        yield
    finally:
        for value, copy in kept:
            value.clear()
            value.extend(copy) if isinstance(value, list) else value.update(copy)


def hangs_on_kept_names(chosen: Any, notebook: dict[str, Any]) -> bool:
    """True if, without what was kept of the first time, the same names get something else in another order.

    The names are new ones, which nothing knows yet, and other objects each time.
    """
    first, second = ([f"traveller {number}" for number in range(400)] for _ in range(2))
    with containers_put_back(chosen, notebook):
        answers = {name: bool(chosen(name, 0.3)) for name in first}
    with containers_put_back(chosen, notebook):
        return {name: bool(chosen(name, 0.3)) for name in reversed(second)} != answers


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
    # A function of the learner's may have this name too. And Python's own may have another one there.
    names = [name for name, value in ({"hash": hash} | notebook).items() if value is hash]
    before = {name: notebook[name] for name in names if name in notebook}
    notebook |= dict.fromkeys(names, hash_elsewhere)
    answers = set()
    try:
        for process in range(20):
            Elsewhere.process = process
            answers.add(bool(chosen(Elsewhere("a"), 0.5)))
    except Exception:  # it takes a plain text only: that is no fault
        return False
    finally:
        for name in names:
            del notebook[name]
        notebook |= before
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
