"""Draw the pictures of the course again: `python images/draw.py` draws all, `python images/draw.py NAME ...` some.

Call it with the Python of the course: the one in the folder .venv.
"""

import argparse
import shutil
import subprocess
import sys

import banner
import diagrams
import diagrams_deploy
import diagrams_drift
import diagrams_grafana
import diagrams_models
import diagrams_monitoring
import diagrams_serving
from playwright.sync_api import Error
from screenshots import shoot
from sources import FOLDER, ROOT, SOURCES, remember

from classroom.commands.bench import PICTURE  # found because sources has put the course on the path
from titanic.problem import Problem

DIAGRAMS = banner.DIAGRAMS | diagrams.DIAGRAMS | diagrams_monitoring.DIAGRAMS
DIAGRAMS |= diagrams_grafana.DIAGRAMS | diagrams_drift.DIAGRAMS | diagrams_serving.DIAGRAMS
DIAGRAMS |= diagrams_models.DIAGRAMS | diagrams_deploy.DIAGRAMS

MEASURED = "serving_speed"  # neither a diagram nor a screenshot


def main() -> None:
    """Draw what was asked for; SystemExit with one sentence if that is not possible."""
    known = [*DIAGRAMS, *SOURCES]
    parser = argparse.ArgumentParser(prog="python images/draw.py", description="Draw the pictures of the course.")
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(known)}; without a name, all are drawn")
    names = parser.parse_args().name or known
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"There is no picture called {', '.join(unknown)}. There are: {', '.join(known)}.")
    for name in names:
        if name in DIAGRAMS:
            DIAGRAMS[name]().save(name)
    if MEASURED in names:
        measure()
    if screenshots := [name for name in names if name in SOURCES and name != MEASURED]:
        try:
            shoot(screenshots)
        except (Problem, TimeoutError, Error) as reason:
            sys.exit(str(reason))
    print(f"Drawn: {', '.join(names)}.")


def measure() -> None:
    """Measure how fast all servers are; the bench draws the picture, and prints the table that lesson 18 shows."""
    if subprocess.run([sys.executable, ROOT / "course.py", "bench", "--peers"], check=False).returncode:
        sys.exit("The servers could not be measured; the lines above say why.")
    shutil.copy(PICTURE, FOLDER)
    remember(MEASURED)


if __name__ == "__main__":
    main()
