"""requirements.txt and constraints.txt agree, and what is installed is what they say."""

import importlib.metadata
import re
from collections import Counter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
DIRECT = [line for line in LINES if line and not line.startswith(("#", "-"))]
LOCKED = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", DIRECT)
def test_each_requirement_has_an_exact_version_and_a_reason(line):
    assert re.fullmatch(r"[\w.,\[\]-]+==[\w.]+( ; \S.+)? +# \S.+", line)


@pytest.mark.parametrize("line", DIRECT)
def test_the_lock_has_the_same_version(line):
    wanted = Requirement(line.split("#")[0].strip())
    assert any(wanted.name == lock.name and wanted.specifier == lock.specifier for lock in LOCKED)


@pytest.mark.parametrize("file", ["constraints.txt", "book/constraints.txt"])
def test_each_package_has_one_version_for_all_pythons(file):
    """With another NumPy for Python 3.12, its learners read warnings that no test on 3.11 has seen."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    names = Counter(line.partition("==")[0] for line in lines if not line.startswith("#"))
    assert names.most_common(1)[0][1] == 1, names.most_common(3)


def test_requirements_ends_in_the_lock():
    assert LINES[-1] == "-c constraints.txt"


def test_everything_installed_is_as_locked():
    versions = {canonicalize_name(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
    here = [lock for lock in LOCKED if lock.marker is None or lock.marker.evaluate()]
    wrong = [
        f"{lock} but {versions[lock.name]}"
        for lock in here
        if lock.name in versions and versions[lock.name] not in lock.specifier
    ]
    assert not wrong


def test_everything_that_is_needed_is_locked():
    needed, todo = set(), [canonicalize_name(Requirement(line.split("#")[0]).name) for line in DIRECT]
    while todo:
        name = todo.pop()
        if name in needed:
            continue
        needed.add(name)
        for text in importlib.metadata.requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                todo.append(canonicalize_name(requirement.name))
    assert needed <= {canonicalize_name(lock.name) for lock in LOCKED}


def test_pandas_stays_below_3_because_scouter_cannot_read_it():
    assert importlib.metadata.version("pandas").startswith("2.")
