"""What a learner does in a browser, done in a real one. It finds no host but this machine, as without internet."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import requests
from browser import open_browser
from collecting import passengers, send
from lab import ROOT, copy_course, open_lab
from playwright.sync_api import Error, expect
from waiting import until

from classroom.commands import demo
from classroom.prometheus import start_prometheus
from classroom.servers import grafana_release, ports, prometheus_release, prometheus_server
from classroom.servers.app import start_app, usual_port
from titanic.dataset import COLUMNS
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

READY = (ROOT / ".venv" / "course-is-ready").exists()
LESSON = "02_fastapi_01_test_app.ipynb"
# A right answer to each exercise of lesson 02.
ANSWERS = [
    'for name in ["Ada", "Grace", "Katherine"]:\n    requests.post(f"{app.url}/guests", params={"name": name})',
    "status = 405",
    'mine = FastAPI()\n\n@mine.get("/hello")\ndef hello():\n    return {"message": "Hello, Ada!"}',
]
QUERY = "sum by (endpoint) (rate(http_requests_total[5s]))"  # of lesson 09
DEBIANS_PROMETHEUS = Path("/usr/bin/prometheus")

needs_lab = pytest.mark.skipif(not READY, reason="course.py has not set up this folder")
needs_prometheus = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests here, and no longer: Playwright's event loop would be in the way of other tests."""
    try:
        with open_browser() as browser:
            expect.set_options(timeout=60_000)  # milliseconds: this machine may be busy with other tests
            yield browser
    except Problem as problem:
        pytest.skip(str(problem))


@pytest.fixture
def page(browser):
    """An empty page. What is opened in it may ask nobody but this machine."""
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(60_000)
        asked = set()
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        yield page
    # None is what a page makes itself (data:, blob:). The other is ReDoc's logo, of which it shows the name without it.
    assert asked - {None, "cdn.redoc.ly"} == {"127.0.0.1"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with a copy of the course."""
    folder = tmp_path_factory.mktemp("lab") / "course"
    copy_course(folder)
    return folder


@pytest.fixture(scope="module")
def lab(course):
    """The address that `course.py lab` prints."""
    with open_lab(course) as address:
        yield address


@needs_lab
def test_the_one_command_opens_lesson_00(page, lab):
    page.goto(lab)
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current")).to_have_text("00_start_here.ipynb")
    lesson = page.locator(".jp-NotebookPanel:visible")
    expect(lesson.locator("h1")).to_contain_text("00 · Start here")
    expect(lesson.locator(".jp-Cell").nth(3)).to_be_visible()


@needs_lab
def test_lesson_02_is_run_with_shift_and_enter_to_well_done(page, lab, course):
    cells = nbformat.read(course / "notebooks" / LESSON, as_version=4).cells
    answers = iter(ANSWERS)
    page.goto(lab)
    page.locator(".jp-DirListing-item", has_text=LESSON).dblclick()
    lesson = page.locator(".jp-NotebookPanel:visible", has_text="02 · A first app")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Python 3 (ipykernel) | Idle")
    lesson.locator("h1").click()
    run = 0
    for number, cell in enumerate(cells):
        shown = lesson.locator(f'.jp-Cell[data-windowed-list-index="{number}"]')
        expect(shown).to_contain_class("jp-mod-active")
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags:
            page.keyboard.press("Enter")
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.insert_text(next(answers))
        page.keyboard.press("Shift+Enter")
        if cell.cell_type == "code":
            run += 1
            if "solution" not in tags:  # which stays hidden
                expect(shown.locator(".jp-InputPrompt")).to_have_text(f"[{run}]:")
        if "check" in tags:
            expect(shown.locator(".jp-OutputArea-output")).to_have_text("Well done!")
        if "solution" in tags:  # it is offered, and nothing of it is seen
            expect(shown.locator(".jp-Placeholder")).to_contain_text("# Exercise ")
            expect(shown.locator("details")).to_be_visible()
            expect(shown.locator("details pre")).to_be_hidden()
    assert next(answers, None) is None
    offered = lesson.locator(".jp-Cell details").last
    offered.locator("summary").click()
    expect(offered.locator("pre")).to_contain_text('@mine.get("/hello")')
    until(lambda: not ports.is_taken(usual_port("fastapi_01_test_app")))  # which the last cell stops


@needs_lab
def test_a_lesson_that_is_only_opened_and_saved_is_the_same_file(page, lab, course):
    """Else git would call it changed, and its next version could not be fetched."""
    lessons = sorted((course / "notebooks").glob("0[3-5]*.ipynb"))
    before = [lesson.read_bytes() for lesson in lessons]
    page.goto(lab)
    for lesson in lessons:
        unsaved = lesson.stat().st_mtime_ns
        page.locator(".jp-DirListing-item", has_text=lesson.name).dblclick()
        shown = page.locator(".jp-NotebookPanel:visible", has_text=f"{lesson.name[:2]} · ")
        expect(page.locator("#jp-main-statusbar")).to_contain_text("Python 3 (ipykernel) | Idle")
        shown.locator("h1").click()
        page.keyboard.press("ControlOrMeta+S")
        expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current:not(.jp-mod-dirty)")).to_contain_text(lesson.stem[:9])
        until(lambda file=lesson, time=unsaved: file.stat().st_mtime_ns != time)
    assert [lesson.read_bytes() for lesson in lessons] == before


@pytest.fixture(scope="module")
def batch_app(champion):
    """The app of lesson 07, started as a lesson starts it."""
    app = start_app("fastapi_05_batch_test_app", ports.free_port())
    yield app
    app.stop()


def test_no_other_host_is_found(browser, batch_app):
    with browser.new_page() as page:
        assert page.goto(batch_app.url).ok
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(batch_app.url.replace("127.0.0.1", "localhost"))


def test_try_it_out_on_docs(page, batch_app):
    page.goto(f"{batch_app.url}/docs")
    route = page.locator(".opblock", has_text="/predict_single")
    route.locator(".opblock-summary").click()
    route.get_by_role("button", name="Try it out").click()
    route.get_by_role("button", name="Execute").click()
    answer = route.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    right = requests.post(f"{batch_app.url}/predict_single", json=EXAMPLES[0]).json()
    expect(answer.locator(".response-col_description")).to_contain_text(right["survival_status"])


@pytest.mark.parametrize("name", ["/docs", "/redoc"])
def test_a_browser_without_internet_draws_the_page(page, batch_app, name):
    assert "/predict_batch" not in requests.get(batch_app.url + name).text, "only what the script draws may count"
    page.goto(batch_app.url + name)
    expect(page.get_by_text("/predict_batch").first).to_be_attached()


def test_the_page_of_the_collector(page, collector_with):
    collector = collector_with("http")
    profile = collector.psi_profile()
    send(collector, "http", profile, passengers().query("Pclass == 3"))
    page.goto(collector.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Drift over the last 24 hours")
    expect(page.get_by_role("heading", level=2)).to_have_text(f"titanic {profile.config.name} 0.1.0: Psi")
    rows = [row.split("\t") for row in page.locator("tr").all_inner_texts()]
    assert rows[0] == ["name", "PSI"]
    assert {name for name, _ in rows[1:]} == set(COLUMNS)
    assert rows[1][0] == "Pclass"
    assert float(rows[1][1].split()[0]) > 1


def query_page(url):
    """The page of this Prometheus that takes queries, that of 3.x or the old one; None if it was built without."""
    return next((url + path for path in ("/query", "/classic/graph") if requests.get(url + path).ok), None)


@pytest.fixture(scope="module")
def monitored(champion):
    """The app of the demo. A Prometheus reads it every half second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PORT", str(ports.free_port()))
        patch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
        app, server = start_app(demo.APP), start_prometheus("500ms")
        yield app, server
        server.stop()
        app.stop()


@pytest.fixture
def prometheus_page(monitored, monkeypatch):
    """Where a Prometheus that reads the same app takes queries: one that has pages."""
    app, server = monitored
    if found := query_page(server.url):
        yield found
        return
    if not DEBIANS_PROMETHEUS.exists():
        pytest.skip("the Prometheus here was built without its pages")
    monkeypatch.setenv("PROMETHEUS_BIN", str(DEBIANS_PROMETHEUS))
    other = prometheus_server.start(ports.free_port(), int(app.url.rpartition(":")[2]), "500ms", keep_data=False)
    yield query_page(other.url)
    other.stop()


@needs_prometheus
def test_a_query_of_lesson_09_on_the_page_of_prometheus(page, prometheus_page, monitored):
    assert QUERY in (ROOT / "notebooks" / "09_prometheus_01_four_signal_monitor_app.ipynb").read_text(encoding="utf-8")
    page.goto(prometheus_page)
    page.locator("textarea[name=expr], .cm-content").fill(QUERY)
    row = page.get_by_role("row", name='{endpoint="/predict_single"}')

    def is_answered():
        requests.post(f"{monitored[0].url}/predict_single", json=EXAMPLES[0])
        page.get_by_role("button", name="Execute").click()
        page.wait_for_timeout(500)
        return row.count() == 1 and float(row.inner_text().split()[-1]) > 0

    until(is_answered)  # the rate needs two scrapes, and a request between them


@needs_prometheus
def test_the_page_of_the_demo(page, monitored, monkeypatch):
    monkeypatch.setattr(grafana_release, "find", lambda: None)
    dashboard = demo.start_dashboard(ports.free_port())
    page.goto(dashboard.url)
    expect(page.locator("p")).to_have_text(
        re.compile("A preview of the Grafana dashboard, drawn from Prometheus. It is drawn anew every .* seconds.")
    )
    picture = page.get_by_role("img", name="Titanic")
    expect(picture).to_have_attribute("src", re.compile("^blob:"))
    page.wait_for_function("document.images[0].naturalWidth >= 1280")
    page.route("**/dashboard.png*", lambda route: route.fulfill(status=500))  # nothing is drawn, and the page says so
    expect(page.locator("#state")).to_have_text(re.compile("^It cannot be drawn now: the terminal .* says why"))
    expect(picture).to_have_attribute("src", re.compile("^blob:"))
    dashboard.stop()
