"""Try answers to an exercise against its check: those of tests/exercises, right and wrong, and the solution.

conftest.py lets the kernel of the lesson run `try_answers`, right after the lesson's own cell has said *Not yet* of the
starter. So what the lesson has started is there, and nothing is started for the answers.
"""

import contextlib
import io
import linecache
import os
import re
import sys
from pathlib import Path

from classroom.exercise import solutions, verdict

ANSWERS = Path(__file__).resolve().parents[1] / "exercises"


def answers(lesson, folder=ANSWERS):
    """The answers to the exercises of a lesson ("05"), in the order of the file: (exercise, kind, reason, code) each.

    Each begins with a line such as `# %% 05.2 right` or `# %% 05.2 wrong: a part of the reason that is given`.
    """
    text = (folder / f"lesson_{lesson}.py").read_text(encoding="utf-8")
    found = re.split(r"^# %% (\d\d\.\d) (right|wrong)(?:: (.+))?\n", text, flags=re.MULTILINE)[1:]
    return [(exercise, kind, reason or "", code.strip()) for exercise, kind, reason, code in batched(found, 4)]


def batched(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]


def try_answers(exercise, starter, names, folder=ANSWERS):
    """AssertionError, which names the exercise and the answer, unless the check judges each one as it should.

    names: those of the notebook; they are afterwards what they were. Each answer comes after the starter and without
    the answers before it; but what these have done to a running app stays done.
    """
    tried = [answer for answer in answers(exercise[:2], folder) if answer[0] == exercise]
    tried.append((exercise, "solution", "", solutions(exercise[:2])[exercise]))
    for number, (_, kind, reason, code) in enumerate(tried, start=1):
        before = dict(names)
        try:
            said = said_of(starter, code, exercise, names, f"<{kind} answer {number} to {exercise}>")
        finally:
            names.clear()
            names.update(before)
        if "there is no Prometheus on this machine" in said.lower():
            continue
        expected = f"Not yet, because ... {reason} ..." if kind == "wrong" else "Well done!"
        fits = said.startswith("Not yet, because ") and reason in said if kind == "wrong" else said == expected
        assert fits, f"exercise {exercise}, {kind} answer:\n\n{code}\n\nthe check says {said!r}, not {expected!r}"


def said_of(starter, code, exercise, names, file):
    """What the check says of this answer. AssertionError: it leaves the lesson changed."""
    with contextlib.redirect_stdout(io.StringIO()):
        exec(starter, names)
        exec(compiled(code, file), names)
        before = state(names)
        said = verdict(exercise, names)
    after = state(names)
    changed = [what for what in before.keys() | after.keys() if before.get(what) is not after.get(what)]
    assert not changed, f"the check of exercise {exercise} changes {', '.join(sorted(changed))}; the answer:\n\n{code}"
    return said


def compiled(code, file):
    """This code, compiled; its lines are known by the name of the file, as IPython knows those of a cell."""
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    return compile(code, file, "exec")


def state(names):
    """What a check must leave as it is, by what it is called."""
    parts = {f"`{name}`": value for name, value in names.items()}
    for name, value in names.items():
        if hasattr(value, "url") and hasattr(value, "stop"):  # what the lesson has started
            parts |= {f"`{name}.{part}`": one for part, one in vars(value).items()}
    parts |= {f"the setting {name}": sys.intern(value) for name, value in os.environ.items()}
    for module, name in ("requests", "get"), ("requests", "post"), ("requests", "Session"), ("time", "sleep"):
        if module in sys.modules:
            parts[f"{module}.{name}"] = getattr(sys.modules[module], name)
    if "requests.adapters" in sys.modules:
        parts["requests' way to send"] = sys.modules["requests.adapters"].HTTPAdapter.send
    return parts
