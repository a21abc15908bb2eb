"""With --known-skips, a test that is skipped for another reason than these fails the run.

So on GitHub's machines (.github/workflows/test.yml), where not all can run, nothing is left out by mistake.
"""

import re
import sys

import pytest

# What GitHub's machines lack, whatever their system. .ci/run has it all, and there nothing is skipped.
MISSING = [r"there is no (redis|rabbitmq|kafka|tansu) broker on this machine", r"there is no nginx on this machine"]
NO_SUCH_THING = {
    "linux": [],
    "darwin": [
        r"only Linux has a disk that is always full",
        r"other systems have one address of this machine only",
        r"systemd is not on this machine",
        r"the list of this test names a Python for Linux",
        r"this system has no such names of folders",
        r"this system cannot keep a process to some processors",
    ],
    "win32": [r"(on )?Windows,? .*"],
}
NO_SUCH_THING["win32"] += NO_SUCH_THING["darwin"]  # it has none of these either


class KnownSkips:
    """A plugin of pytest that notes why tests are skipped, and in the end, whether one had to."""

    def __init__(self, system=sys.platform):
        self.known = re.compile("|".join([*MISSING, *NO_SUCH_THING[system]]))
        self.unknown = set()

    def pytest_runtest_logreport(self, report):
        """Look at one test; with several workers, they report it."""
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            if not self.known.fullmatch(reason):
                self.unknown.add(f"{report.nodeid}: {reason}")

    def pytest_collectreport(self, report):
        """A whole file may be skipped while it is collected."""
        self.pytest_runtest_logreport(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        """Fail if a test was skipped that should have run."""
        if self.unknown and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        """Name what should have run."""
        if self.unknown:
            terminalreporter.section("these tests should not be skipped here")
            for one in sorted(self.unknown):
                terminalreporter.line(one)
