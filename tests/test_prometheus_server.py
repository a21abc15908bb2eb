"""The Prometheus server: found, fetched and checked, started, asked, and gone afterwards."""

import errno
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import matplotlib.pyplot as plt
import numpy as np
import psutil
import pytest
import requests
import yaml
from releases import pack
from waiting import end, read_until, somebody_else, until

from classroom import prometheus, start_app
from classroom.servers import ports, prometheus_rules, prometheus_server
from classroom.servers import prometheus_release as release
from classroom.servers.app import RunningApp, watched_port
from classroom.servers.process import started
from classroom.servers.prometheus_configuration import Configuration
from classroom.servers.release import in_one_sentence, unpack
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "prometheus" / "prometheus.yml"
NAME = "prometheus-3.5.0.linux-amd64"
LIST = "/v3.5.0/sha256sums.txt"
ARCHIVE = f"/v3.5.0/{NAME}.tar.gz"

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell script")
needs_server = pytest.mark.skipif(release.find() is None, reason="there is no Prometheus here")
needs_promtool = pytest.mark.skipif(release.find("promtool") is None, reason="there is no promtool here")


# The search


def make_program(folder, name="prometheus"):
    """A program that only says what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\necho not the real one\n")
    path.chmod(0o755)
    return path


@on_posix
def test_the_chosen_server_comes_before_the_path_and_that_before_the_fetched_copy(tmp_path, monkeypatch):
    chosen, on_path = make_program(tmp_path / "chosen"), make_program(tmp_path / "path")
    tool = make_program(tmp_path / "chosen", "promtool")
    fetched = make_program(tmp_path / "tools" / "prometheus-3.5.0")
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setenv("PROMETHEUS_BIN", str(chosen))
    assert release.find(tools=tmp_path / "tools") == chosen
    assert release.find("promtool", tmp_path / "tools") == tool
    monkeypatch.delenv("PROMETHEUS_BIN")
    assert release.find(tools=tmp_path / "tools") == on_path
    monkeypatch.setenv("PATH", str(tmp_path))
    assert release.find(tools=tmp_path / "tools") == fetched
    fetched.unlink()
    assert release.find(tools=tmp_path / "tools") is None


def test_a_chosen_server_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setenv("PROMETHEUS_BIN", "/no/such/prometheus")
    with pytest.raises(Problem, match="PROMETHEUS_BIN is /no/such/prometheus, but there is no such program"):
        release.find()


# The download, from a server of this test


def released(archive):
    """The two files of a release, by their paths."""
    return {LIST: f"{hashlib.sha256(archive).hexdigest()}  {NAME}.tar.gz\n".encode(), ARCHIVE: archive}


@on_posix
def test_the_right_release_is_unpacked_and_can_be_run(serve, tmp_path, monkeypatch, capsys):
    program = release.fetch(serve(released(pack(f"{NAME}/prometheus"))), tmp_path)
    assert program == tmp_path / "prometheus-3.5.0" / "prometheus"
    assert program.stat().st_mode & stat.S_IXUSR
    assert subprocess.check_output([program], text=True) == "a tiny prometheus\n"
    assert list(tmp_path.iterdir()) == [program.parent]
    assert "Fetching Prometheus 3.5.0" in capsys.readouterr().out
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PROMETHEUS_BIN", raising=False)
    assert release.find(tools=tmp_path) == program


def fetch_in_vain(url, folder):
    """Fetch what cannot be had: the sentence that says so."""
    with pytest.raises(Problem) as problem:
        release.fetch(url, folder)
    assert list(folder.iterdir()) == []
    assert len(str(problem.value).splitlines()) == 1
    return str(problem.value)


GOOD = released(pack(f"{NAME}/prometheus"))
OUTSIDE = released(pack("../outside"))
EMPTY = released(pack(f"{NAME}/README"))


@pytest.mark.parametrize(
    ("files", "cut_off", "why"),
    [
        (GOOD | {ARCHIVE: pack(f"{NAME}/other")}, None, "its checksum is not that of the release"),
        (GOOD | {ARCHIVE: GOOD[ARCHIVE][:-9]}, None, "its checksum is not that of the release"),
        (GOOD, ARCHIVE, "ChunkedEncodingError"),
        ({LIST: GOOD[LIST]}, None, "HTTPError"),
        ({}, None, "HTTPError"),
        ({LIST: b"something else"}, None, f"there is no {NAME} among its releases"),
        (released(b"no archive at all"), None, "ReadError"),
        (OUTSIDE, None, "OutsideDestinationError"),
        (EMPTY, None, "there is no such program in its release"),
    ],
    ids=["changed", "short", "cut off", "no archive", "nothing", "not listed", "not packed", "escaping", "no program"],
)
def test_a_wrong_release_is_refused_and_leaves_nothing_behind(serve, tmp_path, files, cut_off, why):
    folder = tmp_path / "inner"
    folder.mkdir()
    assert why in fetch_in_vain(serve(files, cut_off), folder)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("kind", "leads_to", "refused"),
    [
        (tarfile.SYMTYPE, "prometheus", False),
        (tarfile.SYMTYPE, "../a/prometheus", False),
        (tarfile.SYMTYPE, "../../outside", True),
        (tarfile.SYMTYPE, "/etc/passwd", True),
        (tarfile.LNKTYPE, "../outside", True),
    ],
)
@pytest.mark.parametrize("python", ["this one", "one without filters"])
def test_no_link_of_a_release_leads_out_of_it(tmp_path, monkeypatch, python, kind, leads_to, refused):
    if python != "this one":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
        as_it_is = shutil.unpack_archive  # as it is where there are no filters, and without the warning of 3.12
        fully = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
        monkeypatch.setattr(shutil, "unpack_archive", lambda *arguments: as_it_is(*arguments, **fully))
    file = tmp_path / "a.tar.gz"
    with tarfile.open(file, mode="w:gz") as archive:
        program, link = tarfile.TarInfo("a/prometheus"), tarfile.TarInfo("a/link")
        program.mode, link.type, link.linkname = 0o755, kind, leads_to
        archive.addfile(program)
        archive.addfile(link)
    if refused:
        with pytest.raises(tarfile.TarError):
            unpack("Prometheus", file, tmp_path / "there", "prometheus")
    else:
        assert unpack("Prometheus", file, tmp_path / "there", "prometheus").name == "prometheus"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_what_the_disk_refuses_is_not_the_fault_of_the_address(serve, tmp_path, monkeypatch, number):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number), str(tmp_path / "file"))

    url = serve(GOOD)
    monkeypatch.setattr("shutil.unpack_archive", refuse)
    sentence = fetch_in_vain(url, tmp_path)
    assert url not in sentence
    assert str(tmp_path / "file") in sentence
    assert ("disk is full" in sentence) == (number == errno.ENOSPC)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
            "is not trusted here",
        ),
        (requests.exceptions.SSLError("[SSL: UNEXPECTED_EOF]"), r"no connection \(SSLError\) at there\."),
        (requests.ReadTimeout("30"), r"no connection \(ReadTimeout\) at there\."),
        (requests.HTTPError(response=Mock(status_code=407)), r"the answer was 407 \(HTTPError\) at there\."),
        (OSError("odd"), r"OSError at there\."),
    ],
)
def test_what_goes_wrong_on_the_way_is_said_in_words(error, told):
    with (
        pytest.raises(Problem, match=f"^Prometheus was not fetched: .*{told}") as problem,
        in_one_sentence("Prometheus", "there"),
    ):
        raise error
    assert ("let REQUESTS_CA_BUNDLE name that file" in str(problem.value)) == ("trusted" in told)


@pytest.mark.parametrize("setting", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_of_certificates_that_is_not_there_is_named(tmp_path, monkeypatch, setting):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(setting, "/no such/file.pem")
    with pytest.raises(Problem, match=r"/no such/file\.pem is not there\. Set REQUESTS_CA_BUNDLE"):
        release.fetch("https://127.0.0.1:9", tmp_path)


def test_an_unknown_processor_is_named(serve, tmp_path, monkeypatch):
    url = serve(GOOD)
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    assert "there is no prometheus-3.5.0.linux-abacus among its releases" in fetch_in_vain(url, tmp_path)


def test_without_internet_it_says_what_to_do_on_each_system(tmp_path, monkeypatch):
    url = f"http://127.0.0.1:{ports.free_port()}"
    sentence = fetch_in_vain(url, tmp_path)
    assert "ConnectionError" in sentence
    program = replace(release.PROMETHEUS, releases=url)
    monkeypatch.setattr(program, "find", lambda: None)
    monkeypatch.setattr(program, "install_package", lambda: None)
    with pytest.raises(Problem) as problem:
        program.find_or_fetch()
    assert str(problem.value).startswith(sentence.rstrip("."))
    for command in ("choco install prometheus", "brew install prometheus", "apt install prometheus"):
        assert command in str(problem.value)


# The configuration


def test_the_file_is_the_seeds_put_right():
    settings = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert settings["global"] == {"scrape_interval": "15s", "evaluation_interval": "15s"}
    assert settings["rule_files"] == ["rules/*.yml"]
    jobs = {job["job_name"]: job["static_configs"] for job in settings["scrape_configs"]}
    assert jobs == {
        "prometheus": [{"targets": ["127.0.0.1:9090"], "labels": {"app": "prometheus"}}],
        "fastapi_app": [{"targets": ["127.0.0.1:8000"], "labels": {"app": "fastapi"}}],
        "collector": [{"targets": ["127.0.0.1:8090"], "labels": {"app": "collector"}}],
    }
    assert settings["alerting"] == {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9093"]}]}]}
    assert set(settings) == {"global", "rule_files", "alerting", "scrape_configs"}


def test_a_configuration_changes_the_interval_the_ports_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_COLLECTOR_PORT", "8091")
    monkeypatch.setenv("COURSE_ALERTMANAGER_PORT", "9094")
    file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    changed = yaml.safe_load(Configuration("1s", 8001, 9091).file(tmp_path).read_text(encoding="utf-8"))
    assert changed["global"] == {"scrape_interval": "1s", "evaluation_interval": "1s"}
    assert changed["rule_files"] == file["rule_files"]  # beside the configuration, scaled for this interval
    targets = [job["static_configs"][0]["targets"] for job in changed["scrape_configs"]]
    assert targets == [["127.0.0.1:9091"], ["127.0.0.1:8001"], ["127.0.0.1:8091"]]
    assert changed.pop("alerting") == {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9094"]}]}]}
    del file["alerting"]
    for job, ours in zip(changed["scrape_configs"], file["scrape_configs"], strict=True):
        job["static_configs"][0]["targets"] = ours["static_configs"][0]["targets"]
    assert changed | {"global": file["global"]} == file


@pytest.mark.parametrize("interval", ["15", "0s", "soon", "-1s", " "])
def test_an_interval_that_is_none_is_refused(interval):
    with pytest.raises(Problem, match=f"'{interval}' is not an interval"):
        Configuration(interval)


@needs_promtool
@pytest.mark.parametrize("interval", [None, "500ms", "1s", "15s", "1m"])
def test_promtool_accepts_the_configuration(interval, tmp_path):
    file = Configuration(interval, 8001, 9091).file(tmp_path) if interval else FILE
    command = [release.find("promtool"), "check", "config", file]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    for rules in prometheus_rules.RULES.iterdir():
        assert rules.name in result.stdout


# The real server


def processes_of(port):
    """The processes that serve Prometheus on this port, or watch over it."""
    option = f"--web.listen-address=127.0.0.1:{port}"
    found = [process.info for process in psutil.process_iter(["cmdline", "pid"])]
    return [info["pid"] for info in found if option in (info["cmdline"] or [])]


def data_folder(port):
    """The folder in which the server on this port keeps its data."""
    option = "--storage.tsdb.path="
    command = psutil.Process(processes_of(port)[0]).cmdline()
    return Path(next(part for part in command if part.startswith(option)).removeprefix(option))


@pytest.fixture(scope="module")
def server():
    """The Prometheus of a lesson, which has read its own metrics."""
    server = prometheus.start_prometheus(scrape_interval="500ms")
    until(lambda: prometheus.promql("sum(up)")["value"].tolist() == [1] and len(prometheus.promql("up")) == 3)
    yield server
    server.stop()


@pytest.fixture
def port(monkeypatch):
    """A free port, given to the lessons; whatever listens on it is stopped."""
    port = ports.free_port()
    monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(port))
    yield port
    if port in started:
        started[port].stop()
    assert processes_of(port) == []


@needs_server
def test_an_instant_query_gives_a_row_for_each_series(server):
    table = prometheus.promql("up")
    assert list(table.columns) == ["__name__", "app", "instance", "job", "value"]
    assert table.set_index("app")["value"].to_dict() == {"prometheus": 1, "fastapi": 0, "collector": 0}
    until(lambda: not prometheus.promql('prometheus_http_requests_total{code="200"}').empty)
    table = prometheus.promql('prometheus_http_requests_total{code="200"}')
    assert list(table.columns) == ["code", "handler", "value"]
    assert table["value"].dtype == float


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sum by (type) (x)", ["batch", "simulation", "single"]),
        ("sort_desc(sum by (type) (x))", ["single", "batch", "simulation"]),
        (" topk(3, x)", ["single", "batch", "simulation"]),
    ],
)
def test_rows_are_in_the_order_of_their_labels_unless_the_query_has_one_of_its_own(query, order, monkeypatch):
    came = ["single", "batch", "simulation"]  # as Prometheus 3 may give them
    result = [{"metric": {"type": kind}, "value": [0, "1"]} for kind in came]
    monkeypatch.setattr(prometheus, "ask", lambda *_, **__: {"resultType": "vector", "result": result})
    assert prometheus.promql(query)["type"].tolist() == order


@needs_server
def test_numbers_infinities_and_nothing_have_tables_too(server):
    assert prometheus.promql("1 + 1").to_dict("list") == {"value": [2.0]}
    assert prometheus.promql("vector(1) / 0").to_dict("list") == {"value": [float("inf")]}
    assert list(prometheus.promql("sum(up)").columns) == ["value"]
    assert prometheus.promql("no_such_metric").empty
    assert prometheus.promql("no_such_metric", minutes=1).empty
    with pytest.raises(Problem, match="Each series has many values here"):
        prometheus.promql("up[1m]")
    with pytest.raises(Problem, match="Only Grafana fills in"):
        prometheus.promql("sum(increase(up[$__range]))")


@needs_server
def test_a_range_query_gives_a_column_for_each_series(server):
    until(lambda: len(prometheus.promql("up", minutes=1)) >= 3)
    table = prometheus.promql("up", minutes=1)
    assert str(table.index.tz) == "UTC"
    assert table.index.name == "time"
    assert table.index.is_monotonic_increasing
    columns = sorted(column.split(", ")[0] for column in table)
    assert columns == ['up{app="collector"', 'up{app="fastapi"', 'up{app="prometheus"']
    table = prometheus.promql("sum by (app) (up)", minutes=1)
    assert sorted(table) == ['app="collector"', 'app="fastapi"', 'app="prometheus"']
    assert prometheus.promql("sum(up)", minutes=1).columns.tolist() == ["value"]


@needs_server
def test_a_wrong_expression_is_answered_with_prometheuss_own_words(server):
    for minutes in (None, 1):
        with pytest.raises(Problem, match=r"Prometheus says: .*parse error: unclosed left parenthesis"):
            prometheus.promql("sum(up", minutes)


@needs_server
def test_a_plot_has_a_line_for_each_series(server, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    until(lambda: len(prometheus.promql("up", minutes=1)) >= 2)
    prometheus.plot_promql("up", minutes=1, title="Who is up?", ylabel="up")
    axes = shown[0].axes[0]
    assert (len(axes.lines), axes.get_title(), axes.get_ylabel()) == (3, "Who is up?", "up")
    plt.close("all")
    prometheus.plot_promql("vector(time()) % 10 > 5", minutes=1)
    heights = np.ma.masked_invalid(shown[1].axes[0].lines[0].get_ydata())
    assert 0 < heights.count() < len(heights), "the line goes on where there is no data"
    plt.close("all")
    prometheus.plot_promql("no_such_metric")
    assert "There is nothing to plot for no_such_metric" in capsys.readouterr().out


@needs_server
def test_wait_for_scrape_has_a_limit(port):
    prometheus.start_prometheus("1h")
    with pytest.raises(Problem, match="has not asked the app for its metrics for 1 seconds"):
        prometheus.wait_for_scrape(seconds=1)


@needs_server
def test_wait_for_scrape_waits_for_the_app(server):
    prometheus.wait_for_scrape()  # a scrape in vain is one too: a lesson shows how a stopped app looks
    assert prometheus.promql('sum(up{job="fastapi_app"})')["value"].tolist() == [0]
    app = start_app("prometheus_00_simple_monitoring_app")
    try:
        prometheus.wait_for_scrape()
        assert prometheus.promql('sum(up{job="fastapi_app"})')["value"].tolist() == [1]
        before = prometheus.promql('timestamp(up{job="fastapi_app"})')["value"][0]
        prometheus.wait_for_scrape()
        assert prometheus.promql('timestamp(up{job="fastapi_app"})')["value"][0] > before
    finally:
        app.stop()


@needs_server
def test_it_watches_the_app_where_this_notebook_has_started_it(port):
    """So it is told when its usual port is taken: start_app(..., port=...)."""
    app = start_app("prometheus_00_simple_monitoring_app", port=ports.free_port())
    try:
        prometheus.start_prometheus("500ms")
        prometheus.wait_for_scrape()
        found = prometheus.promql('up{job="fastapi_app"}')[["instance", "value"]]
        assert found.values.tolist() == [[app.url.removeprefix("http://"), 1]]
    finally:
        app.stop()


def test_of_several_apps_it_watches_the_one_on_the_usual_port_and_none_that_has_ended(monkeypatch):
    usual, other, third = ports.free_port(), ports.free_port(), ports.free_port()
    monkeypatch.setenv("COURSE_PORT", str(usual))
    monkeypatch.setattr("classroom.servers.app.started", apps := {})
    for port, name, running, watched in (
        (other, "scouter_01_collector_app", True, usual),
        (third, "fastapi_04_single_app", False, usual),
        (other, "fastapi_04_single_app", True, other),
        (usual, "fastapi_05_batch_test_app", True, usual),
    ):
        apps[port] = Mock(RunningApp, port=port, is_running=lambda running=running: running)
        apps[port].name = name
        assert watched_port() == watched


@needs_server
def test_a_stopped_server_leaves_no_process_no_port_and_no_data(port, capsys):
    server = prometheus.start_prometheus()
    folder = data_folder(port)
    assert folder.is_dir()
    assert server.url == f"http://127.0.0.1:{port}"
    assert f"Prometheus is running at {server.url}\n" in capsys.readouterr().out
    assert len(processes_of(port)) == 2
    server.stop()
    assert not ports.is_taken(port)
    assert processes_of(port) == []
    assert not folder.exists()
    with pytest.raises(Problem, match=re.escape(f"No Prometheus answers at {server.url}")):
        prometheus.promql("up")


@needs_server
def test_a_cell_that_runs_twice_starts_it_anew_and_empty(port, capsys):
    first = prometheus.start_prometheus()
    until(lambda: not prometheus.promql("up").empty)
    second = prometheus.start_prometheus()
    assert "another notebook" not in capsys.readouterr().out
    assert prometheus.promql("up").empty
    assert not first.is_running()
    assert second.is_running()
    assert len(processes_of(port)) == 2


START = "import os, sys, time; from classroom.prometheus import start_prometheus; start_prometheus(); "


@needs_server
@on_posix
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(1)", "sys.exit()", "1 / 0"])
def test_it_ends_with_its_notebook_however_that_ends(port, notebook, end):
    process = notebook(f"{START} sys.stdin.readline(); {end}")
    read_until(process, "running")
    folder = data_folder(port)
    assert folder.is_dir()
    process.communicate("\n")
    until(lambda: processes_of(port) == [])
    assert not ports.is_taken(port)
    assert not folder.exists()


@needs_server
@on_posix
def test_the_interrupt_button_leaves_it_running(port, notebook):
    code = START.replace("start_prometheus(); ", "\ntry: start_prometheus(), time.sleep(60)\n")
    process = notebook(code + "except KeyboardInterrupt: print('interrupted')\ntime.sleep(60)")
    read_until(process, "running")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=30).ok
    end(process)
    until(lambda: processes_of(port) == [])


@needs_server
def test_the_server_of_another_open_notebook_is_replaced(port, notebook, capsys):
    other = notebook(START + "time.sleep(60)")
    read_until(other, "running")
    prometheus.start_prometheus()
    assert "Stopping the Prometheus that another notebook started." in capsys.readouterr().out
    assert len(processes_of(port)) == 2


@needs_server
def test_a_taken_port_says_who_has_it(port):
    with somebody_else(port, "http.server", str(port), "--bind", "127.0.0.1"):
        with pytest.raises(Problem, match=f"Port {port} is taken by .* set COURSE_PROMETHEUS_PORT"):
            prometheus.start_prometheus()
        with pytest.raises(Problem, match="is not Prometheus"):
            prometheus.promql("up")


@needs_server
def test_data_that_is_kept_is_there_again(port, tmp_path):
    for _ in "12":
        server = prometheus_server.start(port, ports.free_port(), "500ms", tmp_path)
        until(lambda: not prometheus.promql('up{job="prometheus"}').empty)
        server.stop()
    start = prometheus_server.start(port, ports.free_port(), "1h", tmp_path)
    assert len(prometheus.promql('up{job="prometheus"}', minutes=5)) >= 1
    start.stop()


@on_posix
def test_a_server_that_ends_at_once_says_why(port, tmp_path, monkeypatch):
    program = make_program(tmp_path)
    monkeypatch.setenv("PROMETHEUS_BIN", str(program))
    with pytest.raises(Problem, match=r"Prometheus did not start: not the real one \(all of it is in logs"):
        prometheus_server.start(port, data_folder=tmp_path / "data")


def test_without_a_server_the_cells_of_a_lesson_go_on(port, monkeypatch, capsys):
    monkeypatch.setattr(prometheus_server, "find", lambda: None)
    assert prometheus.start_prometheus() is None
    assert "python course.py monitor" in capsys.readouterr().out
    prometheus.wait_for_scrape()
    assert prometheus.promql("up").empty
    assert prometheus.promql("up", minutes=5).empty
    assert capsys.readouterr().out.count("no Prometheus here: ") == 3
    prometheus.plot_promql("up")
    with pytest.raises(Problem, match="There is no Prometheus on this machine yet"):
        prometheus_server.start(port)
