"""Numbers with their units, and colours, as Grafana shows them."""

import math
import re
from collections.abc import Sequence
from typing import Any

from .prometheus_api import Json
from .queries import Series

# A unit's steps: a number from the first on is divided by it, and gets the second behind it.
SHORT = [(1, ""), (1e3, " K"), (1e6, " Mil"), (1e9, " Bil")]
SECONDS = [(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1, " s"), (60, " min"), (3600, " hour")]
BYTES = [(1, " B"), (2**10, " KiB"), (2**20, " MiB"), (2**30, " GiB"), (2**40, " TiB")]
SCALES: dict[str, Sequence[tuple[float, str]]] = {
    "none": [(1, "")],
    "short": SHORT,
    "reqps": [(1, " req/s"), (1e3, "K req/s")],
    "ops": [(1, " ops/s"), (1e3, "K ops/s")],
    "cps": [(1, " c/s"), (1e3, "K c/s")],
    "percent": [(1, "%")],
    "percentunit": [(0.01, "%")],
    "s": SECONDS,
    "ms": [(size * 1000, name) for size, name in SECONDS],
    "bytes": BYTES,
}

HUES = {  # dark, semi-dark, plain, light, super-light
    "red": ("#C4162A", "#E02F44", "#F2495C", "#FF7383", "#FFA6B0"),
    "orange": ("#FA6400", "#FF780A", "#FF9830", "#FFB357", "#FFCB7D"),
    "yellow": ("#E0B400", "#F2CC0C", "#FADE2A", "#FFEE52", "#FFF899"),
    "green": ("#37872D", "#56A64B", "#73BF69", "#96D98D", "#C8F2C2"),
    "blue": ("#1F60C4", "#3274D9", "#5794F2", "#8AB8FF", "#C0D8FF"),
    "purple": ("#8F3BB8", "#A352CC", "#B877D9", "#CA95E5", "#DEB6F2"),
}
SHADES = ("dark-", "semi-dark-", "", "light-", "super-light-")
NAMED = {f"{shade}{hue}": code for hue, codes in HUES.items() for shade, code in zip(SHADES, codes, strict=True)}
# The order in which series get their colours, if nothing else is said.
CLASSIC = [
    "green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple", "#705DA0", "dark-green",
]  # fmt: skip


def scale_of(value: float, unit: str) -> tuple[float, str]:
    """What a value of this unit is divided by, and what then stands behind it."""
    if unit.startswith("suffix:"):
        return 1, unit.removeprefix("suffix:")
    scales = SCALES.get(unit, [(1, f" {unit}")])
    fitting = [scale for scale in scales if scale[0] <= abs(value) * (1 + 1e-9)]
    return fitting[-1] if fitting else (scales[0] if value else SCALES_AT_ZERO.get(unit, scales[0]))


SCALES_AT_ZERO = {"s": (1, " s"), "ms": (1, " ms")}


def decimals_of(number: float) -> int:
    """How many decimals make some three digits. Source: getDecimalsForValue in Grafana's displayProcessor.ts."""
    if number == 0 or not math.isfinite(number) or number == int(number):
        return 0
    decimals = 1 - math.floor(math.log10(abs(number)))
    return max(0, decimals + 1 if abs(number) * 10**decimals > 2.25 else decimals)


def shown(value: float, unit: str = "none", decimals: int | None = None) -> str:
    """A value as text, with its unit: 0.0123 of the unit s is "12.3 ms"."""
    divisor, suffix = scale_of(value, unit)
    number = round(value / divisor, 9)
    return f"{number:.{decimals_of(number) if decimals is None else decimals}f}{suffix}"


def code(color: str) -> str:
    """The #RRGGBB of a colour that Grafana knows by name."""
    return NAMED.get(color, color if re.fullmatch(r"#[0-9A-Fa-f]{6}", color) else "#8E8EA0")


def threshold_color(value: float, steps: list[Json]) -> str:
    """The colour of the last threshold that this value has reached."""
    reached = [step["color"] for step in steps if step.get("value") is None or value >= step["value"]]
    return code(reached[-1] if reached else "green")


def matches(matcher: Json, name: str) -> bool:
    """True if an override is meant for the series of this name."""
    wanted: Any = matcher.get("options")
    if matcher["id"] == "byName":
        return bool(name == wanted)
    if matcher["id"] == "byNames":
        return name in wanted["names"]
    return matcher["id"] == "byRegexp" and re.search(wanted.strip("/"), name) is not None


def settings_of(panel: Json, name: str) -> Json:
    """How the series of this name is to be shown: the panel's defaults, and what overrides them."""
    config = panel.get("fieldConfig", {})
    settings = dict(config.get("defaults", {}))
    for override in config.get("overrides", []):
        if matches(override["matcher"], name):
            settings |= {entry["id"]: entry["value"] for entry in override["properties"]}
    return settings


def name_of(panel: Json, series: Series) -> str:
    """What a series is called in the panel."""
    return str(settings_of(panel, series.name).get("displayName", series.name))


def color_of(settings: Json, value: float, place: int) -> str:
    """The colour of a series: fixed, or by its value, or by its place among the series."""
    mode = settings.get("color", {}).get("mode", "palette-classic")
    if mode == "fixed":
        return code(settings["color"].get("fixedColor", "blue"))
    if mode == "thresholds":
        return threshold_color(value, settings.get("thresholds", {}).get("steps", []))
    return code(CLASSIC[place % len(CLASSIC)])


def reduced(series: Series, calculation: str = "lastNotNull") -> float:
    """One number for a whole series; not-a-number if it has none."""
    values = series.values if calculation == "last" else series.values[~(series.values != series.values)]
    if not len(values):
        return math.nan
    ways = {"mean": values.mean, "max": values.max, "min": values.min, "sum": values.sum}
    return float(ways[calculation]() if calculation in ways else values[0 if calculation == "first" else -1])


def mapped(settings: Json, value: float) -> Json:
    """The text and the colour that the panel has for exactly this value; empty if it has none."""
    for mapping in settings.get("mappings", []):
        if mapping["type"] == "value":
            found: Json = mapping["options"].get(f"{value:g}", {})
            return found
    return {}
