"""Tell whether an exercise is solved."""

from collections.abc import Iterator
from contextlib import contextmanager

# What to say where Python was told to leave out every assert: then a check cannot find anything wrong.
NO_ASSERT = (
    "Not yet, because this Python leaves out every `assert`, and so nothing can be checked: "
    "unset PYTHONOPTIMIZE, or start Python without -O, and restart the kernel."
)


@contextmanager
def check() -> Iterator[None]:
    """Say *Well done* if every `assert` in this block holds, else *Not yet* and why.

    with check():
        assert answer == 4, "2 + 2 is something else"
    """
    try:
        yield
    except AssertionError as reason:
        print(f"Not yet, because {reason}.")
    except Exception as error:  # a starter cell may hold anything
        print(f"Not yet, because the check met {type(error).__name__}: {str(error).removesuffix('.')}.")
    else:
        print("Well done!" if __debug__ else NO_ASSERT)
