"""deploy/nginx.conf.template, in a real nginx in front of two copies of an app: nobody notices when one goes."""

import re
import signal
import socket
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace

import pytest
import requests
from answering import answering
from requests.adapters import HTTPAdapter
from serving import App
from waiting import until

from classroom.servers import nginx_server
from titanic.passenger import EXAMPLES as PASSENGERS
from titanic.problem import Problem

pytestmark = pytest.mark.skipif(nginx_server.find() is None, reason="there is no nginx on this machine")
PREFIX = "/titanic"
NAME = "fastapi_07_onnx_app"


def start_copy(folder, port=None, **settings):
    """One copy of the app, as the unit of systemd starts it."""
    copy = App(NAME, folder, "--root-path", PREFIX, "--timeout-graceful-shutdown", "20", port=port, **settings)
    copy.wait_until_ready()
    return copy


@pytest.fixture(scope="module")
def ship(champion, tmp_path_factory):
    """Two copies, and the proxy in front of them."""
    folder = tmp_path_factory.mktemp("copies")
    copies = [start_copy(folder) for _ in range(2)]
    proxy = nginx_server.start([copy.url.removeprefix("http://") for copy in copies], PREFIX)
    ship = SimpleNamespace(copies=copies, proxy=proxy, folder=folder)
    yield ship
    for server in [proxy, *ship.copies]:
        server.stop()


@pytest.fixture
def proxy(ship):
    return ship.proxy


def replace(ship, number):
    """Stop a copy, as it should be stopped, and start a new one in its place."""
    port = ship.copies[number].port
    ship.copies[number].stop()
    ship.copies[number] = start_copy(ship.folder, port)


def ask(proxy, path="/predict_single", passenger=PASSENGERS[0], **options):
    return requests.post(proxy.url + path, json=passenger, verify=str(proxy.certificate), timeout=30, **options)


def get(proxy, path, **options):
    options = {"allow_redirects": False} | options
    return requests.get(proxy.url + path, verify=str(proxy.certificate), timeout=30, **options)


def lines(ship):
    """What both copies have written about requests."""
    return "".join(copy.log.read_text() for copy in ship.copies)


@pytest.fixture
def bare(proxy):
    """Send a request as it is written, without the tidying of a library; the status of the answer."""

    def send(path):
        url = f"https://127.0.0.1:{proxy.port}"
        with requests.Session() as session:
            prepared = requests.Request("GET", url).prepare()
            prepared.url = url + path
            answer = session.send(prepared, verify=str(proxy.certificate), allow_redirects=False, timeout=30)
            return answer.status_code

    return send


def test_the_predictions_are_right_through_the_proxy(proxy):
    assert [ask(proxy, passenger=one).json()["prediction"] for one in PASSENGERS] == [1, 0, 1]


def test_both_copies_answer_in_turn(ship):
    before = [copy.log.read_text().count("/health") for copy in ship.copies]
    for _ in range(10):
        assert get(ship.proxy, "/health").status_code == 200
    after = [copy.log.read_text().count("/health") for copy in ship.copies]
    assert all(now - then >= 3 for now, then in zip(after, before, strict=True))


def test_only_who_is_told_trusts_the_certificate(proxy, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{proxy.url}/health", timeout=30)


def test_without_encryption_one_is_sent_on_and_a_post_stays_a_post(proxy):
    first = requests.post(f"{proxy.http_url}/predict_single?x=1", json={}, allow_redirects=False, timeout=30)
    assert (first.status_code, first.headers["location"]) == (308, f"{proxy.url}/predict_single?x=1")
    answer = requests.post(
        f"{proxy.http_url}/predict_single", json=PASSENGERS[0], verify=str(proxy.certificate), timeout=30
    )
    assert answer.json()["prediction"] == 1


def test_the_app_knows_under_which_address_the_world_sees_it(proxy):
    assert get(proxy, "/health/").headers["location"] == f"{proxy.url}/health"
    assert get(proxy, "/openapi.json").json()["servers"] == [{"url": PREFIX}]


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/docs/../metrics", "/./metrics", "/metrics?x=1"]
)
def test_the_metrics_are_not_for_the_world(bare, path):
    assert bare("/titanic/health") == 200
    assert bare(f"/titanic{path}") == 404


def test_what_is_not_under_the_prefix_is_not_there(bare):
    assert [bare(path) for path in ("/", "/health", "/titanic", "/titanicx/health")] == [404, 404, 301, 404]


def test_the_limit_of_a_body_is_that_of_the_app(ship):
    # The whole of it arrives before the answer: else a client that still sends may see a broken connection only.
    refused = ask_with_body(ship.proxy, b"x" * 10_000_001)
    assert refused.status_code == 413
    assert "nginx" in refused.text
    before = lines(ship).count(" 422 ")
    assert ask_with_body(ship.proxy, b"x" * 10_000_000).status_code == 422
    assert lines(ship).count(" 422 ") == before + 1


def ask_with_body(proxy, body):
    return requests.post(f"{proxy.url}/predict_batch", data=body, verify=str(proxy.certificate), timeout=30)


class From(HTTPAdapter):
    """Ask from another address of this machine."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


def ask_from(address, url, **options):
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, From(address))
        return session.get(url, timeout=30, **options)


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems have one address of this machine only")
def test_the_app_learns_the_address_of_the_client_and_no_invented_one(ship):
    lie = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "ftp"}
    for path in ("/openapi.json?first", "/openapi.json?second"):  # each copy has one of them
        ask_from("127.0.0.2", ship.proxy.url + path, headers=lie, verify=str(ship.proxy.certificate))
    told = re.findall(r"(\S+):0 - \"GET /titanic/openapi.json\?(?:first|second)", lines(ship))
    assert told == ["127.0.0.2", "127.0.0.2"]
    assert "203.0.113.7" not in lines(ship)


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems have one address of this machine only")
def test_from_anybody_but_the_proxy_the_header_is_not_believed(ship):
    copy = ship.copies[0]
    ask_from("127.0.0.3", f"{copy.url}/openapi.json?third", headers={"X-Forwarded-For": "203.0.113.8"})
    assert re.search(r"127\.0\.0\.3:\d+ - \"GET /titanic/openapi.json\?third", copy.log.read_text())


class Crowd:
    """Clients who ask one after the other, until this many answers are there and the `with` block is over.

    .codes: how often which status came. .broken: answers that broke off; then the client asks again.
    """

    def __init__(self, proxy, at_least, clients=8):
        self.proxy, self.at_least, self.clients = proxy, at_least, clients
        self.codes, self.broken, self.over = Counter(), [], threading.Event()

    def __enter__(self):
        self.pool = ThreadPoolExecutor(self.clients)
        self.running = [self.pool.submit(self.ask) for _ in range(self.clients)]
        until(lambda: self.total() > 50)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.pool.shutdown()
        for one in self.running:
            one.result()

    def total(self):
        return sum(self.codes.copy().values())

    def ask(self):
        with requests.Session() as session:
            while not self.over.is_set() or self.total() < self.at_least:
                try:
                    answer = session.post(
                        f"{self.proxy.url}/predict_single", json=PASSENGERS[0],
                        verify=str(self.proxy.certificate), timeout=30,
                    )  # fmt: skip
                    self.codes[answer.status_code] += 1
                except requests.RequestException as error:
                    self.broken.append(repr(error))


def test_one_copy_is_killed_and_none_of_a_thousand_requests_fails(ship):
    port = ship.copies[0].port
    with Crowd(ship.proxy, 1000) as crowd:
        ship.copies[0].kill()
        until(lambda: crowd.total() > 500)
    ship.copies[0] = start_copy(ship.folder, port)
    assert crowd.total() >= 1000
    assert set(crowd.codes) == {200}
    # A copy writes the head of an answer, then the body. If it is killed in between, nobody else can go on. It writes
    # one answer at a time, so this is one at most. Its client knows that it has half an answer, and has asked again.
    assert len(crowd.broken) <= 1, crowd.broken


def test_a_rolling_update_loses_no_request(ship):
    before = [copy.process.pid for copy in ship.copies]
    with Crowd(ship.proxy, 500) as crowd:
        replace(ship, 0)
        replace(ship, 1)
    assert set(crowd.codes) == {200}
    assert crowd.broken == []
    assert {copy.process.pid for copy in ship.copies}.isdisjoint(before)
    # What failed while it was replaced is left out for five seconds; then it is asked again.
    until(lambda: ask(ship.proxy).ok and all("/predict_single" in copy.log.read_text() for copy in ship.copies))


def test_the_second_copy_may_be_stopped_as_soon_as_the_first_is_back(ship):
    # nginx may still leave out the first one then.
    with Crowd(ship.proxy, 300) as crowd:
        for number in (0, 1, 0, 1):
            copy = ship.copies[number]
            copy.stop()
            seen = crowd.total()
            until(lambda seen=seen: crowd.total() > seen + 30)
            ship.copies[number] = start_copy(ship.folder, copy.port)
    assert (set(crowd.codes), crowd.broken) == ({200}, [])


def hung(proxy):
    """How many requests have waited in vain for a copy."""
    return proxy.log.read_text().count("upstream timed out")


@pytest.fixture
def shorter(tmp_path, monkeypatch):
    """A proxy that is started now waits for an answer for 3 seconds, not for 30."""
    text = nginx_server.TEMPLATE.read_text().replace("proxy_read_timeout 30s", "proxy_read_timeout 3s")
    (tmp_path / "template").write_text(text)
    monkeypatch.setattr(nginx_server, "TEMPLATE", tmp_path / "template")


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows cannot let a process pause")
def test_a_copy_that_hangs_costs_the_first_requests_their_time_and_not_each_second_one(ship, shorter):
    copy, proxy = ship.copies[0], nginx_server.start([copy.url.removeprefix("http://") for copy in ship.copies], PREFIX)
    copy.process.suspend()
    try:
        with ThreadPoolExecutor(16) as pool:
            slow = [pool.submit(ask, proxy) for _ in range(16)]  # half of them meet the copy that hangs
            until(lambda: sum(not one.done() for one in slow) == 8)
            assert {one.result().status_code for one in slow} == {200}
        assert hung(proxy) >= 8
        # They take turns no more: of the next, only one in five seconds may still meet it.
        met = hung(proxy)
        assert {ask(proxy).status_code for _ in range(20)} == {200}
        assert hung(proxy) - met <= 2
    finally:
        copy.process.resume()
        proxy.stop()


def test_a_new_copy_that_has_no_model_is_noticed_by_nobody(ship):
    port = ship.copies[0].port
    ship.copies[0].stop()
    unwell = ship.copies[0] = start_copy(ship.folder, port, MLFLOW_TRACKING_URI=f"sqlite:///{ship.folder}/none.db")
    assert unwell.get("/health").status_code == 503
    with Crowd(ship.proxy, 200) as crowd:
        pass
    assert (set(crowd.codes), crowd.broken) == ({200}, [])
    assert {get(ship.proxy, "/health").status_code for _ in range(10)} == {200}
    assert '"POST /titanic/predict_single HTTP/1.1" 503' in unwell.log.read_text()
    replace(ship, 0)


class Refusing(BaseHTTPRequestHandler):
    """A copy that says of each request that it has too much to do."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.headers["X-Number"])
        self.send_response(503)
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def in_front_of(*copies):
    """A proxy of its own before these two addresses, such as "127.0.0.1:8001"."""
    proxy = nginx_server.start(copies, PREFIX)
    try:
        yield proxy
    finally:
        proxy.stop()


def test_if_both_have_too_much_to_do_the_client_hears_when_to_come_again_and_each_is_asked_once():
    with answering(Refusing) as one, answering(Refusing) as other:
        one.asked = other.asked = asked = []
        with in_front_of(f"127.0.0.1:{one.port}", f"127.0.0.1:{other.port}") as proxy:
            answers = [ask(proxy, headers={"X-Number": str(number)}) for number in range(20)]
    assert {(answer.status_code, answer.headers.get("Retry-After")) for answer in answers} == {(503, "1")}
    # At the moment at which one is left out and the other is not, a request may meet a copy again.
    assert 2 * len(answers) <= len(asked) <= 2 * len(answers) + 6, Counter(asked)


class Endless(Refusing):
    """A copy that does not answer before its proxy has given up."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.headers["X-Number"])
        self.server.over.wait(60)


def test_a_request_that_takes_too_long_is_begun_by_each_copy_once(shorter):
    with answering(Endless) as one, answering(Endless) as other:
        one.asked = other.asked = asked = []
        one.over = other.over = over = threading.Event()
        try:
            with in_front_of(f"127.0.0.1:{one.port}", f"127.0.0.1:{other.port}") as proxy:
                codes = [ask(proxy, headers={"X-Number": str(number)}).status_code for number in range(2)]
        finally:
            over.set()
    assert codes == [504, 504]
    assert asked == ["0", "0", "1", "1"]


def test_both_at_once_would_be_noticed(ship):
    """If this fails, the two tests above may look at nothing."""
    ports = [copy.port for copy in ship.copies]
    with Crowd(ship.proxy, 100) as crowd:
        for copy in ship.copies:
            copy.kill()
        until(lambda: crowd.codes[502] > 0)
        ship.copies = [start_copy(ship.folder, port) for port in ports]
    assert set(crowd.codes) == {200, 502}


def test_a_copy_that_is_stopped_answers_what_is_in_flight(ship):
    copy = ship.copies[1]
    body = requests.Request("POST", f"{copy.url}/predict_single", json=PASSENGERS[0]).prepare().body
    with socket.create_connection(("127.0.0.1", copy.port)) as connection:
        head = (
            f"POST /predict_single HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        connection.sendall(f"{head}\r\n\r\n".encode() + body[:10])
        until(lambda: len(copy.process.net_connections()) > 1)
        copy.process.send_signal(signal.SIGTERM)
        until(lambda: "Waiting for connections to close" in copy.log.read_text())
        assert copy.is_running()
        connection.sendall(body[10:])
        answer = connection.makefile("rb").read().decode()
    assert "200 OK" in answer
    assert '"prediction":1' in answer.replace(" ", "")
    until(lambda: not copy.is_running())
    ship.copies[1] = start_copy(ship.folder, copy.port)


def test_stopped_it_leaves_nothing(ship):
    copies = [copy.url.removeprefix("http://") for copy in ship.copies]
    proxy = nginx_server.start(copies, PREFIX)
    folder = proxy.certificate.parent
    assert proxy.is_ready()
    proxy.stop()
    assert not proxy.is_ready()
    assert not folder.exists()


def test_a_mistake_in_the_template_is_told(monkeypatch, tmp_path):
    wrong = tmp_path / "template"
    wrong.write_text("upstream copies { sever 127.0.0.1:1; }")
    monkeypatch.setattr(nginx_server, "TEMPLATE", wrong)
    with pytest.raises(Problem, match='unknown directive "sever"'):
        nginx_server.start(["127.0.0.1:1", "127.0.0.1:2"])


def test_without_nginx_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(nginx_server, "find", lambda: None)
    with pytest.raises(Problem, match="install nginx"):
        nginx_server.start(["127.0.0.1:1", "127.0.0.1:2"])


def test_each_name_of_the_template_gets_a_value_and_nothing_else_is_touched(ship):
    text = (ship.proxy.certificate.parent / "site.conf").read_text()
    assert re.findall(r"\$\{\w+\}", text) == ["${NAME}"]  # in a comment
    template = nginx_server.TEMPLATE.read_text()
    own = re.compile(r"\$[a-z_]+")
    assert own.findall(text) == own.findall(template) != []


def test_nginx_warns_of_nothing(ship):
    folder = ship.proxy.certificate.parent
    run = subprocess.run(
        [nginx_server.find(), "-t", "-p", folder, "-c", "nginx.conf", "-e", "stderr"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "[warn]" not in run.stderr
