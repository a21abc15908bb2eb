"""The picture of what `course.py bench` has measured."""

import os
import platform
import statistics
from datetime import date
from importlib.metadata import version
from pathlib import Path

from matplotlib.figure import Figure

from classroom.commands._rounds import BASE, CLIENTS, LIMIT, Rounds, ratios
from classroom.servers.contestants import COURSE, OTHERS, PACKAGES

SHOWN = ("mlflow", "fastapi", "uvicorn", "scikit-learn", "onnxruntime")  # whose versions stand under the picture


def draw(results: Rounds, file: Path) -> None:
    """A bar for each server: requests a second, in multiples of those of MLflow's server; both halves in one scale."""
    figure = Figure(figsize=(9, 0.6 * len({name for name, _ in results}) + 1.6), layout="constrained", dpi=110)
    for axes, clients in zip(figure.subplots(1, 2, sharex=True, sharey=True), CLIENTS, strict=True):
        names = [name for name, number in results if number == clients][::-1]
        middle = [statistics.median(ratios(results, name, BASE, clients)) for name in names]
        ours = ["#1a629f" if name in COURSE and name not in (BASE, LIMIT) else "#8494a1" for name in names]
        bars = axes.barh(names, middle, color=ours)
        axes.bar_label(bars, [f"{value:.1f}" for value in middle], padding=3)
        axes.margins(x=0.15)  # room for the number of the longest bar
        axes.set_title(f"{clients} client{'s' * (clients > 1)}")
        axes.spines[["top", "right"]].set_visible(False)
    versions = [f"{name} {version(name)}" for name in SHOWN]
    if any(name in OTHERS for name, _ in results):
        versions += [packages[0].replace("==", " ") for packages in PACKAGES.values()]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processor cores"
    figure.supxlabel(
        f"Requests a second, in multiples of {BASE}. {date.today():%B %Y}; {machine};\n{', '.join(versions)}",
        fontsize=8,
    )
    figure.savefig(file)
