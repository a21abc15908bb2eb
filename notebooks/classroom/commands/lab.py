"""Open the course in JupyterLab."""

import argparse
import json
import os
from pathlib import Path

from classroom.commands._ending import run
from classroom.servers import ports
from classroom.servers.folders import ROOT

SETTINGS = {
    # No update checks, no news, and no question about them: nothing is fetched while a lesson runs.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # A click on a page of the appendix shows the page, and not its Markdown.
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}


def lab() -> None:
    """Run JupyterLab, with lesson 00 open, until it is stopped."""
    parser = argparse.ArgumentParser(prog="python course.py lab", description=__doc__)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=int, default=8888, metavar="N")
    # course.py has done that before this begins.
    parser.add_argument("--from", metavar="FOLDER", help="set up from a folder that python course.py pack has made")
    options = parser.parse_args()
    ports.checked(options.port)
    from jupyterlab.labapp import main as jupyterlab  # here and not above: importing it asks Node for its version

    settings = Path(os.environ["JUPYTER_CONFIG_DIR"], "labconfig", "default_setting_overrides.json")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
    jupyterlab([
        # So the address that is printed opens lesson 00 too; a file as an argument opens only in the browser.
        "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
        f"--port={options.port}",
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        "--ContentsManager.pre_save_hook=classroom.commands._saving.without_version",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--allow-root",  # the only user of some containers; the server is for this machine alone
        *["--no-browser"] * options.no_browser,
    ])  # fmt: skip


if __name__ == "__main__":
    run(lab)
