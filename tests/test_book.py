"""The website: whole, true to its sources, readable by everybody, and without a word to another host."""

import ast
import html
import re
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from answering import answering
from axe_playwright_python.sync_playwright import Axe
from browser import open_browser
from playwright.sync_api import expect

from book_pages import queries, sentences
from book_pages.places import LESSONS, SCRIPTS, lesson_of, place
from classroom.commands import book
from classroom.exercise import solutions
from classroom.servers import extras
from classroom.servers.folders import ROOT, TOOLS
from titanic.problem import Problem

pytestmark = pytest.mark.skipif(
    not extras.is_installed(TOOLS / book.NAME, book.wanted()),
    reason="what builds the website is not installed: python course.py book does that",
)
LOOKED_AT = {
    "home": "index.html",
    "lesson 09": "notebooks/09_prometheus_01_four_signal_monitor_app.html",
    "a script": "apps/fastapi_05_batch_test_app.html",
}
# Two texts are over each other if more than this is common to them, in pixels. Only what is seen of a text counts.
TEXTS_OVER_TEXTS = """() => {
    const seen = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement
        if (!walker.currentNode.data.trim() || !parent.checkVisibility({visibilityProperty: true})) continue
        const range = document.createRange()
        range.selectNodeContents(walker.currentNode)
        for (const {left, top, right, bottom} of range.getClientRects()) {
            const box = {left, top, right, bottom, text: walker.currentNode.data.trim().slice(0, 40)}
            for (let around = parent; around; around = around.parentElement) {
                if (getComputedStyle(around).overflow === "visible") continue
                const clip = around.getBoundingClientRect()
                box.left = Math.max(box.left, clip.left); box.right = Math.min(box.right, clip.right)
                box.top = Math.max(box.top, clip.top); box.bottom = Math.min(box.bottom, clip.bottom)
            }
            if (box.right > box.left && box.bottom > box.top) seen.push(box)
        }
    }
    seen.sort((one, other) => one.top - other.top)
    const over = []
    seen.forEach((one, place) => {
        for (let next = place + 1; next < seen.length && seen[next].top < one.bottom - 4; next++) {
            const other = seen[next]
            if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 4) over.push([one.text, other.text])
        }
    })
    return over
}"""


class Page(HTMLParser):
    """What a page of the website holds: the addresses that it names, its anchors, its text."""

    def __init__(self, file):
        super().__init__()
        self.links, self.loads, self.anchors, self.text = [], [], set(), ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.anchors.add(found["id"])
        if "href" in found:
            (self.loads if tag == "link" else self.links).append(found["href"])
        if "src" in found:
            self.loads.append(found["src"])

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The website, built once. A warning of Sphinx would have ended it."""
    folder = tmp_path_factory.mktemp("site") / "unsinkable"
    book.build(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site):
    """All pages, by their place."""
    return {
        file.relative_to(site).as_posix(): Page(file) for file in site.rglob("*.html") if "_static" not in file.parts
    }


@pytest.fixture(scope="module")
def address(site):
    """The website under a path, as GitHub Pages serves it."""
    with answering(SimpleHTTPRequestHandler, directory=site.parent) as server:
        yield f"{server.url}/{site.name}/"


@pytest.fixture(scope="module")
def browser():
    try:
        with open_browser() as browser:
            yield browser
    except Problem as problem:
        pytest.skip(str(problem))


def test_each_link_leads_somewhere(site, pages):
    dead = []
    for name, page in pages.items():
        for target in page.links + page.loads:
            if urlsplit(target).scheme:
                continue
            path, part = urldefrag(urljoin(name, target))
            found = site / unquote(path).partition("?")[0]
            wanted = found.relative_to(site).as_posix()
            if not found.is_file() or (part and wanted in pages and unquote(part) not in pages[wanted].anchors):
                dead.append(f"{name} -> {target}")
    assert sorted(set(dead)) == []


def test_no_page_loads_anything_from_another_host(site, pages):
    assert {load for page in pages.values() for load in page.loads if urlsplit(load).netloc} == set()
    styles = "".join(file.read_text(encoding="utf-8") for file in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", styles) == []


def test_each_script_and_its_lesson_lead_to_each_other(pages):
    for script in SCRIPTS:
        lesson = lesson_of(script).stem
        assert f"../notebooks/{lesson}.html" in pages[f"apps/{script.stem}.html"].links
        assert any(link.startswith(f"../apps/{script.stem}.html") for link in pages[f"notebooks/{lesson}.html"].links)


def test_each_solution_stands_behind_a_click(site):
    for lesson in LESSONS:
        page = (site / "notebooks" / f"{lesson.stem}.html").read_text(encoding="utf-8")
        folded = re.findall(r'<details class="solution">.*?</details>', page, re.DOTALL)
        code = [words_of(re.sub(r"<[^>]+>", "", html.unescape(one))) for one in folded]
        assert len(code) == len(solutions(lesson.stem[:2]))
        for shown, solved in zip(code, solutions(lesson.stem[:2]).values(), strict=True):
            assert words_of(solved) in shown


def words_of(text):
    """The words of a text, without the signs and colours that stand between them."""
    return " ".join(re.findall(r"\w+", html.unescape(text)))


def test_the_sheet_has_each_query_of_the_lessons_and_says_what_it_answers(pages):
    asked = {query for lesson in LESSONS for query in queries.queries_of(lesson)}
    assert asked == queries.answers().keys(), "book/promql.yml says what each query of the lessons answers"
    text = pages["promql.html"].text
    assert [query for query in asked if query not in text] == []
    assert [answer for answer in queries.answers().values() if words_of(answer) not in words_of(text)] == []


def test_the_sheet_has_each_rule_and_each_panel(pages):
    text = words_of(pages["promql.html"].text)
    rules = [rule for file in (ROOT / "prometheus" / "rules").glob("*.yml") for rule in queries.rules_of(file)]
    assert len(rules) > 20
    assert [rule.name for rule in rules if words_of(rule.query) not in text or words_of(rule.name) not in text] == []
    assert [title for title, _, _ in queries.panels() if words_of(title) not in text] == []


SAYS_WHAT_TO_DO = re.compile(
    r"\b(run|start|call|choose|delete|press|set|write|look|check|download|install|unset|mend|correct|train|take|make|copy|"
    r"ask|try|send|put|save|use|leave|log in|begin|needs|must be|stop)\b",
    re.IGNORECASE,
)


def test_each_sentence_of_a_problem_stands_in_the_index_of_errors(pages):
    text, missing, count = words_of(pages["errors.html"].text), [], 0
    for file in [
        *(ROOT / "apps").rglob("*.py"),
        *(ROOT / "notebooks").rglob("*.py"),
        *(ROOT / "setting_up").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and node.args:
                parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                texts = [part.value for part in parts if isinstance(part, ast.Constant)]
                count += bool(texts)
                missing += [one for one in texts if len(one.split()) > 3 and words_of(one) not in text]
    assert missing == []
    assert count > 80
    assert 'as python -c "import secrets; print(secrets.token_urlsafe(32))" makes them' in pages["errors.html"].text


def test_each_sentence_says_what_to_do_or_the_index_does():
    plain = [sentences.plain(one.text) for group in sentences.all_sentences().values() for one in group]
    advice = sentences.what_to_do()
    advised = {start: [one for one in plain if one.startswith(start)] for start in advice}
    assert [start for start, found in advised.items() if not found] == [], "lines of what_to_do.yml without a sentence"
    told = {one for found in advised.values() for one in found}
    assert [one for one in plain if one not in told and not SAYS_WHAT_TO_DO.search(one)] == []


def test_a_constant_of_another_file_is_read_there():
    said = {sentences.plain(one.text) for one in sentences.sentences_of(ROOT / "apps" / "titanic" / "model.py")}
    assert said == {
        "There is no trained model with the alias champion. Run lesson 01, or python course.py train, "
        "then start this app again."
    }


def test_a_link_to_what_is_not_on_the_website_is_a_fault():
    with pytest.raises(ValueError, match="not on the website"):
        place("tests/test_book.py")


def test_a_page_that_is_not_right_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "write", lambda folder: [folder.mkdir(), (folder / "index.md").write_text("[a](b.md)")])
    with pytest.raises(Problem, match="The website is not complete"):
        book.build(tmp_path / "site")


@pytest.mark.parametrize(("colours", "width"), [("light", 390), ("dark", 1280)], ids=["phone, light", "screen, dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_everybody_can_read_a_page(browser, address, name, colours, width):
    with browser.new_page(color_scheme=colours, viewport={"width": width, "height": 900}) as page:
        asked, wrong = set(), []
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address + LOOKED_AT[name])
        assert page.evaluate("document.documentElement.dataset.theme") == colours
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "it moves from side to side"
        assert page.evaluate(TEXTS_OVER_TEXTS) == []
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
        assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}
        assert asked - {None, ""} == {"127.0.0.1"}
        assert wrong == []


def test_the_search_finds_a_word(browser, address):
    with browser.new_page() as page:
        page.goto(f"{address}search.html?q=histogram_quantile")
        results = page.locator("#search-results li a")
        expect(results.filter(has_text="09 · The four golden signals").first).to_be_visible()
