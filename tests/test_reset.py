"""`course.py reset` gives back the course as it was delivered, and loses nothing that somebody has written."""

import os
import subprocess
import sys
import zipfile

import pytest
from copies import command_in_copy, copy_course
from setting_up import original
from waiting import end, until

from classroom.commands import _delivered
from classroom.servers.holder import running_of_this_course
from titanic.problem import Problem

LESSON = "notebooks/05_fastapi_04_single_app.ipynb"
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course in a folder with a space and an accent, without git; each test leaves it as it was delivered."""
    folder = copy_course(tmp_path_factory.mktemp("course") / "my course é")
    original.keep(folder, folder / ".tools" / "original.zip")
    return folder


def state(folder):
    return {name: (folder / name).read_bytes() for name in original.files(folder)}


def work_in(folder):
    """What a class leaves behind. Return what was written, by the names of the files."""
    written = {
        LESSON: (folder / LESSON).read_text(encoding="utf-8").replace("...", "my answer"),
        "apps/fastapi_01_test_app.py": "app = None\n",
        "notebooks/my own/Untitled.ipynb": "{}",
        "logs/solved.txt": "00.1\n",
        "deploy/.env": "LOGIN_SECRET=abc",
    }
    made = ["mlruns/mlflow.db", "logs/predictions.jsonl", ".tools/prometheus-data/9090/wal", ".tools/jupyter/x"]
    made += [".tools/ray-1a2b3c/session/log", "notebooks/.ipynb_checkpoints/05-checkpoint.ipynb"]
    made += [".tools/prometheus-3.5.0/prometheus", ".DS_Store"]
    for name in [*written, *made]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(written.get(name, "made"), encoding="utf-8")
    (folder / "deploy" / "compose.yaml").unlink()
    return written


def test_a_fresh_course_and_nothing_written_is_lost(course):
    before = state(course)
    written = work_in(course)
    asked = command_in_copy(course, "reset", input="n\n")
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.endswith("Go on? [y/N] Nothing was done.\n")
    for name in [*written, "deploy/compose.yaml", "mlruns", ".tools/prometheus-data", "notebooks/.ipynb_checkpoints"]:
        assert name in asked.stdout or name in ("logs/solved.txt", "deploy/.env"), name
    assert state(course)[LESSON] != before[LESSON]

    done = command_in_copy(course, "reset", "--yes")
    assert done.returncode == 0, done.stderr
    after = state(course)
    assert after.pop(".DS_Store") == b"made"  # not ours
    assert after == before
    (kept,) = (course / "kept").iterdir()
    assert str(kept) in done.stdout
    assert {name: (kept / name).read_text(encoding="utf-8") for name in written} == written
    gone = ["mlruns", "logs", "deploy/.env", "notebooks/my own", "notebooks/.ipynb_checkpoints", ".tools/jupyter"]
    gone += [".tools/ray-1a2b3c"]
    assert [name for name in gone if (course / name).exists()] == []
    assert (course / ".tools" / "prometheus-3.5.0" / "prometheus").exists()  # it was fetched

    (course / ".DS_Store").unlink()
    again = command_in_copy(course, "reset", input="")
    assert (again.returncode, again.stdout) == (0, "Nothing has changed since the course was delivered.\n")
    assert list((course / "kept").iterdir()) == [kept]


def test_where_nobody_can_answer_nothing_is_done(course):
    (course / LESSON).rename(course / "lesson.ipynb")
    result = command_in_copy(course, "reset", input="")
    assert result.returncode == 1
    assert result.stderr == "Nobody is here to say yes: call python course.py reset --yes.\n"
    assert not (course / LESSON).exists()
    (course / "lesson.ipynb").rename(course / LESSON)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let everybody make links")
def test_not_while_the_course_is_running(course):
    python = course / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    code = "print(1, flush=True); input()"
    command = [python, "-c", code, "uvicorn", "fastapi_01_test_app:app"]
    process = subprocess.Popen(command, cwd=course, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        result = command_in_copy(course, "reset", "--yes")
    finally:
        end(process)
        python.unlink()
    assert result.returncode == 1
    assert result.stderr.startswith("The course is still running: ")
    assert f"(process {process.pid}). Stop it first" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has a Python in .venv that sets this variable itself")
def test_a_process_is_known_by_the_python_that_was_called(course):
    """On macOS its command may begin with the path of Python.app, which lies elsewhere."""
    launcher = os.environ | {"__PYVENV_LAUNCHER__": str(course / ".venv" / "bin" / "python")}
    process = subprocess.Popen([sys.executable, "-c", "input()"], env=launcher, stdin=subprocess.PIPE)
    try:
        until(lambda: any(f"(process {process.pid})" in one for one in running_of_this_course(course)))
    finally:
        end(process)


@pytest.fixture
def small(tmp_path):
    """A small course of the first version, without git, whose copy is made: the folder and the copy."""
    root, copy = tmp_path / "course", tmp_path / "tools" / "original.zip"
    (root / "setting_up").mkdir(parents=True)
    (root / ".gitignore").write_text("# made\nlogs/\ndeploy/.env\n")
    for name in ("lesson.ipynb", "README.md", original.VERSION, "logs/x", "deploy/.env", "deploy/logs/x"):
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_bytes(b"1\n")
    original.keep(root, copy)
    return root, copy


def test_what_a_learner_changes_is_never_taken_for_what_was_delivered(small):
    root, copy = small
    first = [".gitignore", "README.md", "lesson.ipynb", original.VERSION]
    assert sorted(zipfile.ZipFile(copy).namelist()) == first
    (root / "lesson.ipynb").write_text("an answer")
    (root / "README.md").write_text("a note")
    (root / original.VERSION).write_bytes(b"1\r\n")  # an editor of Windows has saved it
    (root / "setting_up" / ".DS_Store").write_text("made")
    original.keep(root, copy)
    assert sorted(_delivered.delivered(root, copy).changed()) == ["README.md", "lesson.ipynb"]
    (root / original.VERSION).unlink()
    original.keep(root, copy)
    assert sorted(zipfile.ZipFile(copy).namelist()) == first


def test_a_newer_version_that_is_unpacked_over_the_old_one_is_noticed(small):
    root, copy = small
    (root / "README.md").write_text("of the next version")
    (root / original.VERSION).write_text("2\n")
    original.keep(root, copy)
    course = _delivered.delivered(root, copy)
    assert (course.changed(), course.content["README.md"]) == ([], b"of the next version")


def test_a_copy_of_a_version_that_had_no_name_is_made_anew(small):
    root, copy = small
    with zipfile.ZipFile(copy, "w") as older:
        older.writestr("README.md", "of an older version")
    original.keep(root, copy)
    assert _delivered.delivered(root, copy).changed() == []


def test_what_git_hands_out_holds_its_commit(tmp_path):
    (tmp_path / "setting_up").mkdir()
    for name in (".gitattributes", ".gitignore", original.VERSION):
        (tmp_path / name).write_bytes((original.ROOT / name).read_bytes())
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "one"]):
        subprocess.run([*GIT, *command], cwd=tmp_path, check=True)
    command = [*GIT, "rev-parse", "HEAD"]
    commit = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    course = _delivered.delivered(tmp_path)
    assert course.content[original.VERSION].split() == commit.split()
    assert course.changed() == []


def test_in_a_clone_the_last_commit_is_what_was_delivered(tmp_path):
    (tmp_path / "lesson.ipynb").write_bytes(b"1\n2\n")
    (tmp_path / ".gitignore").write_text("")
    subprocess.run([*GIT, "init", "--quiet"], cwd=tmp_path, check=True)
    with pytest.raises(Problem, match=r"^git does not tell what was delivered: .+\.$"):
        _delivered.delivered(tmp_path)
    subprocess.run([*GIT, "add", "."], cwd=tmp_path, check=True)
    subprocess.run([*GIT, "commit", "--quiet", "--message", "one"], cwd=tmp_path, check=True)
    original.keep(tmp_path, tmp_path / "original.zip")
    assert not (tmp_path / "original.zip").exists()
    course = _delivered.delivered(tmp_path)
    (tmp_path / "lesson.ipynb").write_bytes(b"1\r\n2\r\n")  # an editor of Windows has saved it
    (tmp_path / "mine.py").write_text("")
    assert (course.changed(), course.new()) == ([], ["mine.py"])


def test_a_copy_that_cannot_be_read_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "torn.zip", "w", zipfile.ZIP_DEFLATED) as torn:
        torn.writestr("a", "word " * 1000)
    torn = (tmp_path / "torn.zip").read_bytes()
    for content in (None, b"no zip file", torn[:31] + b"\xff" * 20 + torn[51:]):
        if content:
            (tmp_path / "original.zip").write_bytes(content)
        with pytest.raises(Problem, match=r"cannot be read: download the course again\.$"):
            _delivered.delivered(tmp_path, tmp_path / "original.zip")


def test_what_belongs_to_the_course_is_what_git_does_not_ignore(tmp_path):
    """By a git that knows nothing of this folder: then all files are new ones."""
    subprocess.run([*GIT, "init", "--quiet", tmp_path], check=True)
    command = ["git", f"--git-dir={tmp_path / '.git'}", f"--work-tree={original.ROOT}", "ls-files", "-z"]
    command += ["--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=original.ROOT, capture_output=True, encoding="utf-8", check=True)
    assert sorted(original.files()) == sorted(done.stdout.strip("\0").split("\0"))
