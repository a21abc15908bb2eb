"""The kinds of panels that build_dashboard.py uses: what the panels of one kind have in common."""

from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

# A variable, so that the same file works with any Prometheus that the reader has set up.
DATASOURCE = options.DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, ORANGE, RED, BLUE = "semi-dark-green", "semi-dark-orange", "semi-dark-red", "semi-dark-blue"
SERIES, TABLE, HEATMAP = PromQueryFormat.TIME_SERIES, PromQueryFormat.TABLE, PromQueryFormat.HEATMAP

AnyPanel = stat.Panel | timeseries.Panel | bargauge.Panel | heatmap.Panel | table.Panel
Kind = TypeVar("Kind", stat.Panel, timeseries.Panel, bargauge.Panel, heatmap.Panel, table.Panel)


def query(expr: str, legend: str = "", form: PromQueryFormat = SERIES) -> prometheus.Dataquery:
    """A query over the time range of the dashboard."""
    return prometheus.Dataquery().expr(expr).legend_format(legend).format(form).range()


def query_now(expr: str, legend: str = "", form: PromQueryFormat = SERIES) -> prometheus.Dataquery:
    """A query about now. A panel with one number asks this way: the last value of a time range may be old."""
    return query(expr, legend, form).instant()


def thresholds(*steps: tuple[float, str], base: str = GREEN) -> build.ThresholdsConfig:
    """The colour below all steps, and the colour from each step on."""
    levels = [model.Threshold(None, base), *(model.Threshold(value, color) for value, color in steps)]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(levels)


def describe(panel: Kind, title: str, description: str, unit: str, *queries: prometheus.Dataquery) -> Kind:
    """Give a panel what each panel has: a title, a description, a unit, its queries."""
    for letter, one in zip("ABC", queries, strict=False):
        one.ref_id(letter).datasource(DATASOURCE)
    return panel.title(title).description(description).unit(unit).datasource(DATASOURCE).targets(list(queries))


def number(
    title: str, description: str, unit: str, expr: str, levels: build.ThresholdsConfig, legend: str = ""
) -> stat.Panel:
    """One number about now, on the colour of its threshold; of several series, each with its legend."""
    return (
        describe(stat.Panel(), title, description, unit, query_now(expr, legend))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(levels)
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .color_mode(options.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(options.BigValueGraphMode.NONE)
        .height(4)
        .span(4)
    )


def bars(
    title: str, description: str, unit: str, levels: build.ThresholdsConfig, *queries: prometheus.Dataquery
) -> bargauge.Panel:
    """A bar for each query, in this order: the series of one query come in any order from Prometheus 3."""
    return (
        describe(bargauge.Panel(), title, description, unit, *queries)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(levels)
        .min(0)
        .height(8)
        .span(6)
    )


def graph(
    title: str, description: str, unit: str, levels: build.ThresholdsConfig, *queries: prometheus.Dataquery
) -> timeseries.Panel:
    """Lines over time, from 0; the thresholds are dashed lines."""
    legend = common.VizLegendOptions().display_mode(options.LegendDisplayMode.LIST)
    return (
        describe(timeseries.Panel(), title, description, unit, *queries)
        .thresholds(levels)
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED))
        .legend(legend.placement(options.LegendPlacement.BOTTOM).show_legend(True))
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI))
        .line_width(2)
        .fill_opacity(10)
        .min(0)
        .height(8)
        .span(6)
    )


def stacked(panel: timeseries.Panel, mode: options.StackingMode = options.StackingMode.NORMAL) -> timeseries.Panel:
    """The same panel with its lines on top of each other; in percent, all together fill it."""
    return panel.stacking(common.StackingConfig().mode(mode).group("A")).fill_opacity(50).line_width(1)


def heat(title: str, description: str, unit: str, axis: str, query: prometheus.Dataquery) -> heatmap.Panel:
    """The buckets of a histogram over time: the brighter a cell, the more is in it. unit: that of a cell."""
    scheme = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    return (
        describe(heatmap.Panel(), title, description, unit, query)
        .calculate(False)
        .color(scheme.fill("dark-orange").exponent(0.5).reverse(False))
        .y_axis(heatmap.YAxisConfig().unit("short").axis_label(axis))
        .cell_values(heatmap.CellValues().unit(unit).decimals(0))
        .filter_values(heatmap.FilterValueRange().le(1e-9))
        .show_legend()
        .max_data_points(60)
        .height(8)
        .span(6)
    )


def rename_columns(panel: table.Panel, names: dict[str, str]) -> table.Panel:
    """Show only these columns of a table, in this order, under these names."""
    settings = {
        "excludeByName": {"Time": True, "Value": True},
        "indexByName": {column: place for place, column in enumerate(names)},
        "renameByName": names,
    }
    return panel.transformations([model.DataTransformerConfig("organize", options=settings)])


def color(panel: Kind, colors: dict[str, str]) -> Kind:
    """Give series of a panel, named as in its legend, a colour of their own."""
    for name, hue in colors.items():
        matcher = model.MatcherConfig("byNames", {"mode": "include", "names": [name]})
        panel.with_override(matcher, [model.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": hue})])
    return panel
