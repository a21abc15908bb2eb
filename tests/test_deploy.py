"""deploy/: what a server reads fits together, and fits the course. test_proxy.py and test_container.py run it."""

import ast
import json
import re
import shutil
import subprocess
import sys

import jsonschema
import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement

from classroom.servers import prometheus_release
from titanic.settings import Settings

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "unsinkable"}
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
PROMTOOL = prometheus_release.find("promtool")
UNIT = (DEPLOY / "unsinkable@.service").read_text(encoding="utf-8")


def settings(path):
    """The variables that a file such as .env.example gives values to."""
    found = re.findall(r"^(\w+)=(.*)$", (DEPLOY / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == len(dict(found))
    return dict(found)


# The packages


def pins(path):
    """The versions in a file of requirements: the package's name and what stands behind it."""
    lines = [line.split("#")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {one.name: (str(one.specifier), one.extras) for one in found}


def test_the_image_has_the_versions_of_the_course():
    assert pins("deploy/requirements.txt").items() <= pins("requirements.txt").items()


# What is imported under another name; what a package of the list brings with it by itself.
CALLED = {"jwt": "pyjwt", "sklearn": "scikit-learn", "scouter": "scouter-ml", "confluent_kafka": "confluent-kafka",
          "prometheus_client": "prometheus-client", "pydantic_settings": "pydantic-settings"}  # fmt: skip
BROUGHT = {"anyio", "numpy", "pydantic_core", "scipy", "starlette"}
# Nobody imports them: FastAPI, MLflow and skl2onnx do, or they start an app.
UNNAMED = {"skops", "uvicorn", "protobuf", "jinja2", "python-multipart"}


def test_the_image_has_what_the_apps_import_and_nothing_else():
    imported = set()
    for file in (ROOT / "apps").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if re.search(r"^ *(from|import) ray\b", text, re.MULTILINE):
            continue  # Ray is 200 MB, and one container is one copy already: its apps are not for this image
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    scripts = {file.stem for file in (ROOT / "apps").iterdir()}
    foreign = imported - sys.stdlib_module_names - scripts - BROUGHT
    assert {CALLED.get(name, name) for name in foreign} | UNNAMED == set(pins("deploy/requirements.txt"))


# The image


def test_the_image_is_not_root_has_a_health_check_and_an_exact_base():
    steps = re.findall(r"^([A-Z]+) (.+)$", CONTAINERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", dict(steps)["FROM"])
    assert dict(steps)["USER"] == "app"
    order = [step for step, _ in steps]
    assert order.index("USER") > max(number for number, step in enumerate(order) if step in ("RUN", "COPY"))
    assert "HEALTHCHECK" in order
    assert order[-1] == "CMD"


def test_the_packages_are_a_layer_below_the_code():
    assert CONTAINERFILE.index("pip install") < CONTAINERFILE.index("COPY apps")


def test_the_build_sees_only_what_it_copies():
    seen = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = re.findall(r"^COPY (\S+) ", CONTAINERFILE, re.MULTILINE)
    assert sorted(seen) == sorted(copied)
    assert all((ROOT / path).exists() for path in copied)


# Compose


def test_the_specification_accepts_compose_yaml():
    schema = json.loads((ROOT / "tests" / "helpers" / "compose.jsonschema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(COMPOSE)
    wrong = {"services": {"app": {"image": "x", "port": "8000:8000"}}}
    with pytest.raises(jsonschema.ValidationError, match=r"^'port' does not match"):
        jsonschema.Draft7Validator(schema).validate(wrong)


def test_each_image_of_others_has_an_exact_version():
    others = [service["image"] for service in SERVICES.values() if service["image"] != "unsinkable"]
    assert len(others) >= 5
    assert [image for image in others if not re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", image)] == []


def test_they_are_the_versions_that_the_course_fetches():
    servers = ROOT / "notebooks" / "classroom" / "servers"
    releases = {file.stem.removesuffix("_release"): file for file in servers.glob("*_release.py")}
    assert {"prometheus", "alertmanager", "grafana"} <= releases.keys() <= SERVICES.keys()
    for name, release in releases.items():
        version = SERVICES[name]["image"].rpartition(":")[2].removeprefix("v")
        assert f'"{version}"' in release.read_text(encoding="utf-8"), name


def test_each_file_that_a_container_is_given_is_there():
    mounts = [one.split(":")[0] for service in SERVICES.values() for one in service.get("volumes", [])]
    files = [mount for mount in mounts if mount.startswith(".")]
    assert len(files) >= 6
    assert [file for file in files if not (DEPLOY / file).exists()] == []
    assert {mount for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])


def test_each_app_is_one_of_the_course():
    apps = [service.get("environment", {}).get("APP") for service in OURS.values()] + [settings(".env.example")["APP"]]
    apps += re.findall(r"APP=(\w+)", CONTAINERFILE + UNIT)
    names = {re.sub(r"\$\{APP:-(\w+)\}", r"\1", name) for name in apps if name}
    assert len(names) >= 3
    assert [name for name in names if not (ROOT / "apps" / f"{name}.py").exists()] == []


def test_our_image_is_built_once_by_a_service_that_the_copies_wait_for():
    assert [name for name, service in SERVICES.items() if "build" in service] == ["train"]
    assert all("train" in SERVICES[name]["depends_on"] for name in ("app-1", "app-2"))


def test_alertmanager_is_told_the_same_there_and_finds_the_page():
    here, there = (
        file.read_text(encoding="utf-8")
        for file in (ROOT / "prometheus" / "alertmanager.yml", DEPLOY / "alertmanager.yml")
    )
    page = SERVICES["alert-page"]["environment"]
    assert yaml.safe_load(here.replace("127.0.0.1:8010", f"alert-page:{page['PORT']}")) == yaml.safe_load(there)
    assert page["ALERTMANAGER_URL"] == "http://alertmanager:9093"
    assert [name for name, service in SERVICES.items() if "network_mode" in service] == []  # it dies with its owner


def test_no_container_of_ours_may_write_but_into_a_volume_or_become_more():
    assert len(OURS) >= 6
    for name, service in OURS.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_the_copies_only_read_the_model():
    for name in ("app-1", "app-2"):
        assert "models:/srv/unsinkable/mlruns:ro" in SERVICES[name]["volumes"]


def test_the_world_reaches_the_proxy_only():
    for name, service in SERVICES.items():
        public = "${PUBLIC_ADDRESS:-127.0.0.1}:" if name == "proxy" else "127.0.0.1:"
        assert all(port.startswith(public) for port in service.get("ports", [])), name


def test_each_variable_is_explained_in_the_example_and_used():
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert used == set(settings(".env.example"))


def test_without_a_file_of_settings_the_defaults_are_those_of_the_example():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    defaults = set(re.findall(r"(?<!\$)\$\{(\w+):?-([^}]*)\}", text))
    assert len(defaults) >= 5
    assert defaults <= set(settings(".env.example").items())


def test_the_passwords_have_no_default_and_git_does_not_see_them():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert {name for name, _ in re.findall(r"\$\{(\w+):\?([^}]+)\}", text)} == {"GRAFANA_PASSWORD", "SCOUTER_PASSWORD"}
    assert "deploy/.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_proxy_gets_a_value_for_each_name_in_its_template():
    names = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx.conf.template").read_text(encoding="utf-8")))
    assert names - {"NAME"} == set(SERVICES["proxy"]["environment"])
    unit = (DEPLOY / "unsinkable@.service").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", re.search("envsubst '(.*)'", unit)[1])) == names - {"NAME"}


def test_the_addresses_of_the_copies_are_those_that_the_proxy_asks():
    proxy = SERVICES["proxy"]
    for number in (1, 2):
        address = SERVICES[f"app-{number}"]["networks"]["default"]["ipv4_address"]
        assert proxy["environment"][f"APP_{number}"] == f"{address}:8000"
    trusted = SERVICES["app-1"]["environment"]["FORWARDED_ALLOW_IPS"]
    assert trusted == proxy["networks"]["default"]["ipv4_address"]


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool here")
def test_promtool_accepts_what_prometheus_reads_in_compose(tmp_path):
    shutil.copy(DEPLOY / "prometheus.yml", tmp_path)
    shutil.copytree(ROOT / "prometheus" / "rules", tmp_path / "rules")
    run = subprocess.run([PROMTOOL, "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_prometheus_asks_there_for_the_jobs_that_it_asks_for_here():
    here, there = (yaml.safe_load(file.read_text(encoding="utf-8"))
                   for file in (ROOT / "prometheus" / "prometheus.yml", DEPLOY / "prometheus.yml"))  # fmt: skip
    jobs = [[job["job_name"] for job in one["scrape_configs"]] for one in (here, there)]
    assert jobs[0] == jobs[1]
    targets = [target for job in there["scrape_configs"] for one in job["static_configs"] for target in one["targets"]]
    assert {target.split(":")[0] for target in targets} - {"127.0.0.1"} <= set(SERVICES)


# systemd


def verified(folder, text):
    """What systemd-analyze says about a unit whose paths are on this machine."""
    (folder / "settings").write_text("APP=x\nPREFIX=/y\n")
    places = {"/srv/unsinkable/.venv/bin/uvicorn": sys.executable, "/srv/unsinkable/apps": ROOT / "apps",
              "/etc/unsinkable.env": folder / "settings"}  # fmt: skip
    for there, here in places.items():
        assert text.count(there), there
        text = re.sub(rf"(?m)^(\w+=){re.escape(there)}", rf"\g<1>{here}", text)
    unit = folder / "unsinkable@8001.service"
    unit.write_text(text)
    return subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_accepts_the_unit(tmp_path):
    run = verified(tmp_path, UNIT)
    assert (run.returncode, run.stderr) == (0, "")
    wrong = verified(
        tmp_path, UNIT.replace("Restart=always", "Restart=allways").replace("ProtectHome=", "ProtectHouse=")
    )
    assert "allways" in wrong.stderr
    assert "ProtectHouse" in wrong.stderr


OWN_END = Settings().scouter_shutdown_seconds + 5  # what an app still does, once all requests are answered: it sends


def test_an_app_is_killed_only_after_it_had_time_to_end():
    app, unit = (int(re.search(pattern, UNIT)[1]) for pattern in (r"graceful-shutdown (\d+)", r"TimeoutStopSec=(\d+)"))
    assert app + OWN_END < unit
    for service in OURS.values():
        command = " ".join(service.get("command", [])) if "uvicorn" in str(service.get("command")) else CONTAINERFILE
        waits = int(re.search(r"graceful-shutdown (\d+)", command)[1])
        assert waits + OWN_END < int(service["stop_grace_period"].removesuffix("s"))


def test_systemd_starts_it_again_each_time():
    assert "Restart=always" in UNIT
    assert "StartLimitIntervalSec=0" in UNIT.partition("[Service]")[0]


def test_the_unit_lets_the_apps_write_where_they_write():
    kept = re.findall(r"(?:PREDICTION_LOG_PATH|OUTCOME_DATABASE)=(\S+)", UNIT)
    assert len(kept) == 2
    assert all(path.startswith("/var/log/unsinkable/") for path in kept)


# The proxy; test_proxy.py runs it


def test_the_limit_of_a_body_is_that_of_the_apps():
    from contract import LIMIT

    (limit,) = re.findall(r"client_max_body_size (\d+);", (DEPLOY / "nginx.conf.template").read_text(encoding="utf-8"))
    assert int(limit) == LIMIT
