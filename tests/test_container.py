"""deploy/Containerfile, built for real; the image trains a model, serves it to nobody's harm, and ends in good order.

That takes some minutes and needs root and buildah, so it must be asked for:
python course.py test --container tests/test_container.py
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import requests
from conftest import ROOT
from waiting import until

from classroom.servers.ports import free_port
from titanic.passenger import EXAMPLES

pytestmark = [
    pytest.mark.container,
    pytest.mark.skipif(shutil.which("buildah") is None, reason="there is no buildah on this machine"),
    pytest.mark.skipif("sys.platform != 'linux' or os.geteuid() != 0", reason="only root can build it so"),
]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")


class Buildah:
    """buildah with a store of its own in this folder, on machines that allow little: no layers, no namespaces."""

    def __init__(self, folder):
        self.command = ["buildah", "--root", folder / "store", "--runroot", folder / "run", "--storage-driver", "vfs"]
        self.env = os.environ | {"TMPDIR": str(folder)}

    def __call__(self, *arguments, check=True):
        """What it prints. AssertionError, with its errors, if it fails."""
        run = subprocess.run([*self.command, *arguments], env=self.env, capture_output=True, text=True)
        assert run.returncode == 0 or not check, f"buildah {arguments[0]}: {run.stdout[-2000:]}{run.stderr[-4000:]}"
        return run.stdout.strip() if check else run

    def make_stand_in(self, image, folder):
        """Where no registry can be reached: Debian's own Python under the name of the official image."""
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", "stable",
             folder], check=True, capture_output=True,
        )  # fmt: skip
        (folder / "usr" / "local" / "bin" / "python").symlink_to("/usr/bin/python3")
        shutil.copy(TRUSTED, folder / TRUSTED.relative_to("/"))  # whom this machine trusts
        container = self("from", "scratch")
        self("add", "--quiet", container, folder, "/")
        self("commit", "--quiet", container, f"docker.io/library/{image}")
        self("rm", container)


@pytest.fixture(scope="module")
def image():
    """The built image, as a container to run commands in, and what its configuration says."""
    with tempfile.TemporaryDirectory(prefix="unsinkable-image-") as name:
        folder = Path(name)
        buildah = Buildah(folder)
        (base,) = re.findall(r"^FROM (\S+)$", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE)
        if buildah("pull", "--quiet", f"docker.io/library/{base}", check=False).returncode:
            buildah.make_stand_in(base, folder / "base")
        options = ["--isolation", "chroot", "--format", "docker", "--pull-never", "--tag", "unsinkable"]
        buildah("build", *options, "--file", CONTAINERFILE, ROOT)
        container = buildah("from", "--pull-never", "localhost/unsinkable")
        config = json.loads(buildah("inspect", container))["Docker"]["config"]
        for volume in (
            "mlruns",
            "logs",
        ):  # as Docker does with a new volume: it gets the owner that it has in the image
            (folder / volume).mkdir()
            shutil.chown(folder / volume, 10001)
        yield SimpleNamespace(buildah=buildah, container=container, config=config, folder=folder)


def inside(image, model_access, *settings):
    """The beginning of a command that runs something in the container, with both volumes."""
    volumes = [
        f"{image.folder}/mlruns:/srv/unsinkable/mlruns:{model_access}",
        f"{image.folder}/logs:/srv/unsinkable/logs",
    ]
    options = [word for volume in volumes for word in ("--volume", volume)]
    options += [word for setting in settings for word in ("--env", setting)]
    return [*("run", "--isolation", "chroot", "--user", image.config["User"]), *options, image.container, "--"]


@pytest.fixture(scope="module")
def trained(image):
    """The image, and the model that its own training has made, with the command of compose.yaml."""
    import yaml

    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    command = compose["services"]["train"]["command"]
    assert "champion" in image.buildah(*inside(image, "rw"), *command)
    assert "champion" not in image.buildah(*inside(image, "rw"), *command)  # a second time, there is nothing to do
    return image


@pytest.fixture
def served(trained):
    """The app of the image, started by the command of the image: .url, .process and what it has printed so far."""
    port = free_port()
    # What listens in a container is reached by its network alone; here it has the network of this machine.
    command = [word.replace("0.0.0.0", "127.0.0.1") for word in trained.config["Cmd"]]
    log = trained.folder / "output"
    with log.open("w") as output:
        arguments = [*trained.buildah.command, *inside(trained, "ro", f"PORT={port}"), *command]
        runner = subprocess.Popen(arguments, env=trained.buildah.env, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"

    def process():
        for one in psutil.process_iter(["cmdline"]):
            words = one.info["cmdline"] or []
            if "uvicorn" in str(words[:2]) and str(port) in words:
                return one
        return None

    try:
        until(lambda: "running on" in log.read_text() or runner.poll() is not None, why=log.read_text)
        yield SimpleNamespace(url=url, port=port, process=process(), output=log.read_text, runner=runner)
    finally:
        if (left := process()) is not None:
            left.kill()
        runner.wait(30)


def health_check(image, port):
    """Whether the image's own check says that the app on this port is well."""
    kind, *command = image.config["Healthcheck"]["Test"]
    assert kind == "CMD"
    return image.buildah(*inside(image, "ro", f"PORT={port}"), *command, check=False).returncode == 0


def test_nobody_in_it_is_root_and_it_has_no_compiler(image):
    run = image.buildah(*inside(image, "ro"), "sh", "-c", "id -u; command -v gcc cc; touch apps/x || true", check=False)
    assert run.stdout.strip() == "10001"
    assert "Permission denied" in run.stderr


def test_the_three_passengers_and_the_end(served, trained):
    assert health_check(trained, served.port)
    answers = [requests.post(f"{served.url}/predict_single", json=one, timeout=30).json() for one in EXAMPLES]
    assert [answer["prediction"] for answer in answers] == [1, 0, 1]
    assert "titanic_predictions_total 3.0" in requests.get(f"{served.url}/metrics", timeout=30).text
    assert served.process.uids().effective == 10001
    assert len(list((trained.folder / "logs").glob("predictions_*.jsonl"))) == 1
    assert '"POST /predict_single HTTP/1.1" 200 OK' in served.output()  # to standard output

    served.process.terminate()
    until(lambda: served.runner.poll() is not None)
    assert "Finished server process" in served.output()
    assert not health_check(trained, served.port)
