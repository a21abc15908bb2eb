"""`course.py pack` makes a folder with which `course.py setup --from` needs no internet.

The whole of it was run by hand: see *How to help* in README. Here the small course of test_setup.py is set up in this
way, and the packages of the real one are looked for, but not fetched.
"""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from copies import ROOT
from releases import pack as release_with
from setting_up import original, stick
from test_setup import (
    BASE_PYTHON,
    NOWHERE,
    assert_one_sentence,
    assert_ready,
    call,
    environment,
    make_course,
    on_posix,
    pythons_on_path,
)

from classroom.commands import _wheels, pack
from classroom.commands._delivered import Delivered
from classroom.servers.prometheus_release import PROMETHEUS
from titanic.problem import Problem

HERE = f"{stick.this_system()} {sys.version_info.major}.{sys.version_info.minor}"
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
PLATFORMS = {
    "linux-amd64": "x86_64-manylinux_2_28",
    "linux-arm64": "aarch64-manylinux_2_28",
    "windows-amd64": "x86_64-pc-windows-msvc",
    "darwin-arm64": "aarch64-apple-darwin",
}


def resolved(system):
    """What uv would install for the course on this system, with Python 3.13, from ready-made packages only."""
    command = [UV, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:"]
    command += ["--python-platform", PLATFORMS[system], "--python-version", "3.13", "requirements.txt"]
    env = os.environ | {"MACOSX_DEPLOYMENT_TARGET": ".".join(map(str, _wheels.MACOS))}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return {line.split("[")[0] for line in done.stdout.splitlines() if "==" in line}


def test_each_system_can_have_all_packages_ready_made():
    """By the index, which is asked for nothing but lists."""
    assert PLATFORMS.keys() == stick.SYSTEMS.keys()
    with ThreadPoolExecutor() as at_once:
        found = dict(zip(PLATFORMS, at_once.map(resolved, PLATFORMS), strict=True))
    assert all(len(packages) > 200 for packages in found.values())
    assert {system: {*_wheels.needed(system, "3.13")} for system in PLATFORMS} == found


def test_a_system_gets_what_its_markers_say():
    names = {system: {one.split("==")[0] for one in _wheels.needed(system, "3.13")} for system in PLATFORMS}
    assert {"colorama", "pywinpty", "waitress"} <= names["windows-amd64"] - names["linux-amd64"]
    assert {"uvloop", "gunicorn"} <= names["linux-arm64"] - names["windows-amd64"]
    assert names["darwin-arm64"] - names["linux-amd64"] == {"appnope"}
    assert "async-timeout" not in names["linux-amd64"]
    assert any(one.startswith("async-timeout==") for one in _wheels.needed("linux-amd64", "3.11"))  # 3.11.2 needs it


WHEELS = {
    "numpy-2.5.5-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl": ["linux-amd64"],
    "numpy-2.5.5-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl": ["linux-arm64"],
    "numpy-2.5.5-cp313-cp313-win_amd64.whl": ["windows-amd64"],
    "numpy-2.5.5-cp313-cp313-macosx_14_0_arm64.whl": ["darwin-arm64"],
    "numpy-2.5.5-cp312-cp312-win_amd64.whl": [],
    "numpy-2.5.5-cp313-cp313-manylinux_2_34_x86_64.whl": [],
    "psutil-7.2.2-cp36-abi3-win_amd64.whl": ["windows-amd64"],
    "psutil-7.2.2-cp36-abi3-macosx_11_0_arm64.whl": ["darwin-arm64"],
    "Prometheus_Client-0.26.0-py3-none-any.whl": [*PLATFORMS],
}


@pytest.mark.parametrize("system", PLATFORMS)
def test_a_wheel_is_taken_where_it_fits(tmp_path, monkeypatch, system):
    for name in WHEELS:
        (tmp_path / name).touch()
    monkeypatch.setattr(_wheels, "needed", lambda *_: ["numpy==2.5.5", "prometheus-client==0.26.0"])
    (numpy,) = [name for name, systems in WHEELS.items() if name.startswith("numpy") and system in systems]
    assert _wheels.chosen(tmp_path, system, "3.13") == [numpy, "Prometheus_Client-0.26.0-py3-none-any.whl"]
    monkeypatch.setattr(_wheels, "needed", lambda *_: ["numpy==2.5.5", "psutil==8.0"])
    with pytest.raises(Problem, match=rf"^For {system} and Python 3.13, .* missing: psutil==8\.0\. Call this again\.$"):
        _wheels.chosen(tmp_path, system, "3.13")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small course of test_setup.py, and a packed folder with its packages: .course, .stick."""
    folder = tmp_path_factory.mktemp("small")
    course, packed = make_course(folder / "my course é"), folder / "a stick"
    (course / "requirements.txt").write_text("little==1.0\n-c constraints.txt\n")
    (packed / "python").mkdir(parents=True)
    # In the place of the real commands: what they are asked for.
    (course / "classroom" / "commands").mkdir(parents=True)
    (course / "classroom" / "commands" / "_start.py").write_text(
        "import os, sys; print('asked for', *sys.argv[1:], 'with', os.environ['COURSE_STICK'], flush=True)\n"
    )
    (course / "notebooks" / "classroom" / "commands" / "lab.py").write_text('"""Open it."""\n')
    (course / "wheels").rename(packed / "wheels")
    write_contents(course, packed, {HERE: ["wheels/little-1.0-py3-none-any.whl"]})
    return SimpleNamespace(course=course, stick=packed)


def write_contents(course, packed, sets):
    """As pack does it, for another course than this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pack, "lock", lambda: stick.lock(course))
        pack.write_contents(packed, sets)


# What leads into the internet leads nowhere here.
OFFLINE = environment(**NOWHERE, PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")


def from_stick(small, packed=None, command="setup", **variables):
    """Set up the small course from this packed folder."""
    return call(small.course, command, "--from", str(packed or small.stick), env=OFFLINE | variables)


def broken(small, tmp_path, name, content):
    """A copy of the packed folder in which this file holds something else, or is missing."""
    packed = tmp_path / "stick"
    for file in [file for file in small.stick.rglob("*") if file.is_file()]:
        (packed / file.relative_to(small.stick)).parent.mkdir(parents=True, exist_ok=True)
        (packed / file.relative_to(small.stick)).write_bytes(file.read_bytes())
    (packed / name).unlink()
    if content is not None:
        (packed / name).write_bytes(content)
    return packed


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("wheels/little-1.0-py3-none-any.whl", None, "cannot be read (No such file or directory): copy the folder"),
        ("wheels/little-1.0-py3-none-any.whl", b"PK", "little-1.0-py3-none-any.whl is damaged: copy the folder again."),
        ("contents.json", None, "is not whole: its contents.json is missing or broken."),
        ("contents.json", b'{"lock": ', "is not whole: its contents.json is missing or broken."),
        ("contents.json", b'{"lock": 1, "sets": {}, "files": {}}', "was packed for another version of the course"),
    ],
    ids=["half", "damaged", "not finished", "cut off", "another version"],
)
def test_a_broken_folder_is_told_in_one_sentence_and_nothing_is_begun(small, tmp_path, name, content, said):
    result = from_stick(small, broken(small, tmp_path, name, content))
    assert_one_sentence(result)
    assert said in result.stderr
    assert not (small.course / ".venv").exists()


def test_a_folder_that_is_not_there_or_is_for_other_systems_is_told(small, tmp_path):
    assert_one_sentence(result := from_stick(small, tmp_path / "no stick"))
    assert "Check the stick and the path." in result.stderr
    assert_one_sentence(result := call(small.course, "setup", "--from", env=OFFLINE))
    assert "--from needs a folder" in result.stderr
    packed = broken(small, tmp_path, "contents.json", None)
    write_contents(small.course, packed, {"plan9-mips 3.13": []})
    assert_one_sentence(result := from_stick(small, packed))
    assert f"has no packages for {stick.this_system()}, only for: plan9-mips." in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the list of this test names a Python for Linux")
def test_where_its_packages_are_for_another_python_that_comes_from_the_folder_too(small, tmp_path):
    """By the real uv, which fetches from the folder what it would fetch from GitHub; it hands on to our own Python."""
    bin_ = tmp_path / "python" / "bin"
    library = tmp_path / "python" / "lib" / "python3.13"
    library.mkdir(parents=True)
    (library / "_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(
        "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"
    )
    pythons_on_path(bin_, python3_13=None)
    packed = broken(small, tmp_path, "contents.json", None)
    triple = stick.SYSTEMS[stick.this_system()]
    archive = packed / "python" / "20251014" / f"cpython-3.13.9+20251014-{triple}-install_only_stripped.tar.gz"
    archive.parent.mkdir(parents=True)
    subprocess.run(["tar", "-czf", archive, "-C", tmp_path, "python"], check=True)
    arch = {"family": triple.partition("-")[0], "variant": None}
    url = f"https://github.com/astral-sh/python-build-standalone/releases/download/20251014/{archive.name}"
    listed = {"name": "cpython", "arch": arch, "os": "linux", "libc": "gnu", "major": 3, "minor": 13, "patch": 9}
    listed |= {"prerelease": "", "variant": None, "build": "20251014", "url": url.replace("+", "%2B"), "sha256": None}
    (tmp_path / "list.json").write_text(json.dumps({f"cpython-3.13.9-linux-{arch['family']}-gnu": listed}))
    write_contents(
        small.course, packed, {f"{stick.this_system()} 3.13": [], HERE: ["wheels/tiny-1.0-py3-none-any.whl"]}
    )

    # The uv of the folder; pip gets it from there in the real course.
    own = small.course / ".tools" / "uv" / "bin" / "uv"
    own.parent.mkdir(parents=True)
    own.symlink_to(UV)
    path = pythons_on_path(tmp_path / "bin")
    prepared = "import sys, setting_up.pythons as p; p.by_pip = lambda *a, **k: (0, '');"
    prepared += "from setting_up import stick; stick.minors = lambda: ['3.13'];"
    prepared += f"sys.argv = ['course.py', 'setup', '--from', {str(packed)!r}];"
    prepared += "stick.plug_in(sys.argv[1:]); sys.exit(p.fetch() or 0)"
    env = OFFLINE | {"PATH": path, "UV_PYTHON_DOWNLOADS_JSON_URL": str(tmp_path / "list.json")}
    code = f"import sys; sys.path.insert(0, {str(small.course)!r}); {prepared}"
    done = subprocess.run([BASE_PYTHON, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fetched = list((small.course / ".tools" / "python").glob("cpython-3.13.9-*/bin/python3.13"))
    assert len(fetched) == 1


def test_with_the_folder_nothing_else_is_asked(small):
    result = from_stick(small)
    assert result.returncode == 0, result.stderr
    assert_ready(small.course)
    assert result.stdout.endswith(f"The course is ready.\nasked for _prepare with {small.stick}\n")
    again = from_stick(small, None, "lab")
    asked = [f"asked for {command} with {small.stick}" for command in ("_prepare", "lab")]
    assert (again.returncode, again.stdout.splitlines()) == (0, asked)


@on_posix
def test_another_python_of_the_machine_takes_over_if_the_folder_has_its_packages(small, tmp_path):
    minor = HERE.split()[1]
    path = pythons_on_path(tmp_path / "bin", **{f"python{minor.replace('.', '_')}": None})
    arguments = ["course.py", "setup", "--from", str(small.stick)]
    code = f"import runpy, sys; sys.version_info, sys.argv = (3, 99, 1), {arguments}"
    code += "; runpy.run_path('course.py', run_name='__main__')"
    env = OFFLINE | {"PATH": path}
    done = subprocess.run(
        [BASE_PYTHON, "-c", code], cwd=small.course, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"asked for _prepare with {small.stick}\n")
    (tmp_path / "bin" / f"python{minor}").unlink()
    done = subprocess.run(
        [BASE_PYTHON, "-c", code], cwd=small.course, env=env, capture_output=True, text=True, check=False
    )
    assert f"This is Python 3.99; the packages in {small.stick} are for {minor}." in done.stderr
    assert f"{minor} could not be fetched: {small.stick} brings no Python for {stick.this_system()}." in done.stderr


def test_a_server_is_packed_and_unpacked_for_this_system(serve, tmp_path, monkeypatch):
    archives = {f"prometheus-3.5.0.{system}.tar.gz": release_with(f"prometheus-3.5.0.{system}/prometheus")
                for system in ("linux-amd64", "darwin-arm64")}  # fmt: skip
    sums = "".join(f"{hashlib.sha256(archive).hexdigest()}  {name}\n" for name, archive in archives.items())
    files = {f"/v3.5.0/{name}": archive for name, archive in archives.items()} | {
        "/v3.5.0/sha256sums.txt": sums.encode()
    }
    url = serve(files)
    missing = pack.fetch_program(tmp_path, PROMETHEUS, ["linux-amd64", "darwin-arm64", "windows-amd64"], url)
    assert missing == ["Prometheus was not fetched: there is no prometheus-3.5.0.windows-amd64 among its releases."]
    assert {file.name for file in (tmp_path / "programs").iterdir()} == {*archives, "prometheus-3.5.0.sha256sums.txt"}

    monkeypatch.setenv("COURSE_STICK", str(tmp_path))
    program = PROMETHEUS.fetch(tools=tmp_path / "tools")
    assert program == tmp_path / "tools" / "prometheus-3.5.0" / "prometheus"
    assert "a tiny prometheus" in program.read_text()
    archive = tmp_path / "programs" / "prometheus-3.5.0.linux-amd64.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-9])
    with pytest.raises(Problem, match=r"linux-amd64\.tar\.gz is damaged: copy the folder again\.$"):
        PROMETHEUS.fetch(tools=tmp_path / "tools")
    archive.unlink()
    with pytest.raises(Problem, match=r"^Prometheus is not in the folder .*programs\.$"):
        PROMETHEUS.fetch(tools=tmp_path / "tools")


def test_uv_knows_the_python_for_each_system():
    """It comes with its own list, so this asks nobody."""
    for system, triple in stick.SYSTEMS.items():
        address = pack.address_of_python(system, "3.13")
        assert "/python-build-standalone/releases/download/" in address
        assert triple in address
        assert "freethreaded" not in address


@pytest.fixture
def packed(monkeypatch, tmp_path):
    """packed(learners=True) packs this course into a folder, with one package and no more; return the folder."""
    monkeypatch.setattr(_wheels, "fetch", lambda folder, *_: (folder / "tiny-1.0-py3-none-any.whl").touch())
    monkeypatch.setattr(_wheels, "needed", lambda *_: ["tiny==1.0"])
    monkeypatch.setattr(pack, "fetch_python", lambda *_: ["Python was not fetched: no internet."])
    monkeypatch.setattr(pack, "fetch_program", lambda *_: [])
    course = Delivered({name: (ROOT / name).read_bytes() for name in original.files(ROOT)}, "here", ROOT)

    def fill(**options):
        with pytest.raises(Problem, match=r"^Python was not fetched: no internet\.\nThe folder works without these\."):
            pack.pack(course, tmp_path / "stick", ["linux-amd64", "windows-amd64"], ["3.13"], **options)
        return tmp_path / "stick"

    return fill


def test_what_could_not_be_fetched_is_told_and_the_rest_is_packed(packed, monkeypatch):
    folder = packed()
    assert sorted(file.name for file in folder.iterdir()) == ["README.txt", "contents.json", "unsinkable", "wheels"]
    assert (folder / "unsinkable" / "notebooks" / "classroom" / "solutions" / "lesson_05.md").exists()
    monkeypatch.setenv("COURSE_STICK", str(folder))
    contents = stick.contents()
    tiny = ["wheels/tiny-1.0-py3-none-any.whl"]
    assert contents["sets"] == {"linux-amd64 3.13": tiny, "windows-amd64 3.13": tiny}
    assert contents["lock"] == stick.lock(folder / "unsinkable")
    packed(learners=True)  # called again, it goes on; here for learners
    names = {file.relative_to(folder / "unsinkable").as_posix() for file in (folder / "unsinkable").rglob("*.*")}
    assert "notebooks/classroom/solutions/lesson_05.md" not in names
    assert {"INSTRUCTORS.md", "course.py", "notebooks/05_fastapi_04_single_app.ipynb"} <= names


@pytest.mark.parametrize("moment", ["write", "delete"])
def test_what_a_call_that_was_cut_off_has_left_is_no_folder_of_somebody_else(packed, monkeypatch, moment):
    folder = packed()

    def cut_off(*arguments, **options):
        raise KeyboardInterrupt

    def half_written(self, place, names=None):
        (place / "apps").mkdir(parents=True)
        cut_off()

    def half_deleted(place, **options):
        (place / "course.py").unlink(missing_ok=True)
        if (place / "apps").exists() or (place / "before").exists():
            cut_off()

    with monkeypatch.context() as patch:
        if moment == "write":
            patch.setattr(Delivered, "write", half_written)
        else:
            patch.setattr(pack.shutil, "rmtree", half_deleted)
        with pytest.raises(KeyboardInterrupt):
            packed()
    packed()  # goes on
    assert sorted(file.name for file in folder.iterdir()) == ["README.txt", "contents.json", "unsinkable", "wheels"]
    assert (folder / "unsinkable" / "course.py").exists()


def test_what_stands_in_the_place_of_the_course_and_is_none_is_left_alone(tmp_path):
    for name in ("wheels", "unsinkable"):
        (tmp_path / name).mkdir()
    (tmp_path / "unsinkable" / "thesis.txt").touch()
    with pytest.raises(Problem, match="is no course, and would be deleted: choose"):
        pack.pack(Delivered({}, "here", ROOT), tmp_path, ["linux-amd64"], ["3.13"])
    assert (tmp_path / "unsinkable" / "thesis.txt").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").touch()
    course = Delivered({}, "here", ROOT)
    with pytest.raises(Problem, match="is there already, and is no packed course: choose"):
        pack.pack(course, tmp_path, ["linux-amd64"], ["3.13"])
    with pytest.raises(Problem, match="is inside of the course"):
        pack.pack(course, ROOT / "new", ["linux-amd64"], ["3.13"])
    assert not (ROOT / "new").exists()


@pytest.mark.parametrize("name", ["unsinkable", "my copy"])
def test_the_course_that_packs_is_not_replaced(tmp_path, monkeypatch, name):
    """Called in a copy on the stick itself, or through a link to it."""
    course, stick_folder = tmp_path / "stick" / name, tmp_path / "stick"
    (stick_folder / "wheels").mkdir(parents=True)
    (course / "setting_up").mkdir(parents=True)
    monkeypatch.setattr(pack, "ROOT", course)
    folders = [stick_folder]
    if os.name != "nt":
        (tmp_path / "link").symlink_to(stick_folder)
        (tmp_path / "other" / "wheels").mkdir(parents=True)
        (tmp_path / "other" / "unsinkable").symlink_to(course)
        folders += [tmp_path / "link", tmp_path / "other"]
    for folder in folders:
        with pytest.raises(Problem, match=r"holds the course that packs it: choose another|is inside of the course"):
            pack.pack(Delivered({"course.py": b""}, "here", course), folder, [], [])
    assert [file.name for file in course.iterdir()] == ["setting_up"]


@pytest.mark.parametrize(
    ("kind", "system", "machine", "name"),
    [
        ("win-amd64", "Windows", "ARM64", "windows-amd64"),
        ("macosx-14.0-arm64", "Darwin", "arm64", "darwin-arm64"),
        ("macosx-10.13-universal2", "Darwin", "arm64", "darwin-arm64"),
        ("macosx-10.9-x86_64", "Darwin", "x86_64", "darwin-amd64"),
        ("linux-aarch64", "Linux", "aarch64", "linux-arm64"),
        ("linux-x86_64", "Linux", "x86_64", "linux-amd64"),
        ("win32", "Windows", "AMD64", "windows-win32"),
    ],
)
def test_the_system_is_that_of_this_python(monkeypatch, kind, system, machine, name):
    monkeypatch.setattr("sysconfig.get_platform", lambda: kind)
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert stick.this_system() == name
