"""The rules of Prometheus in a lesson: show one of the course's, and read one that a learner has written."""

import re
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from classroom.servers import plain_yaml
from classroom.servers.prometheus_release import find
from classroom.servers.prometheus_rules import RULES
from classroom.servers.temporary import temporary_folder
from titanic.problem import Problem


def show_rules(*names: str) -> None:
    """Print rules of the folder prometheus/rules as they stand there. Problem: there is none of such a name."""
    print("\n".join(text_of(name) for name in names), end="")


def text_of(name: str) -> str:
    """The lines of this rule, without those comments that stand above it."""
    for file in sorted(RULES.glob("*.yml")):
        begin = rf"^( *)- (?:record|alert): {re.escape(name)}\n"
        found = re.search(rf"{begin}(?:\1  .*\n)*", file.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return dedent(found[0])
    raise Problem(f"No rule in {RULES.parent.name}/{RULES.name} has the name {name}.")


def rule_in(text: str) -> dict[str, Any]:
    """The one rule in a text of YAML: alone, as the entry of a list, or in a whole file with its group.

    Problem: it is not finished, it is no YAML, or it is not one rule.
    """
    if re.search(r":\s*\.\.\.\s*$", text, re.MULTILINE):
        raise Problem("There are still three dots in the rule.")
    try:
        found = plain_yaml.load(text)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f", in line {mark.line + 1}" if mark else ""
        raise Problem(f"It is no YAML{where}: {problem or error}.") from None
    if isinstance(found, dict) and isinstance(found.get("groups"), list):
        groups = [group for group in found["groups"] if isinstance(group, dict)]
        found = [rule for group in groups for rule in group.get("rules") or []]
    rules = found if isinstance(found, list) else [found]
    if len(rules) != 1 or not isinstance(rules[0], dict):
        raise Problem("It is not one rule: begin with `- alert: ` and its name, and indent the other lines by two.")
    return {str(key): value for key, value in rules[0].items()}


def file_with(rule: dict[str, Any]) -> str:
    """The text of a rule file, as Prometheus reads it, with this rule alone."""
    return plain_yaml.dump({"groups": [{"name": "mine", "rules": [rule]}]}, width=1000)


def loadable(rule: dict[str, Any]) -> str:
    """The text of a rule file with this rule alone. Problem: Prometheus refuses it; promtool, beside it, says why."""
    text, promtool = file_with(rule), find("promtool")
    if promtool is None:
        return text
    with temporary_folder() as folder:
        file = Path(folder) / "mine.yml"
        file.write_text(text, encoding="utf-8")
        command = [str(promtool), "check", "rules", str(file)]
        run = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if run.returncode:
        said = run.stderr.rpartition("FAILED:")[2].replace(f"{file}:", "")
        # The places that it names are those in our file, not in the learner's text.
        why = re.sub(r"(line )?\b\d+(:\d+)*: ", "", " ".join(said.split()))
        raise Problem(f"Prometheus refuses it: {why}")
    return text
