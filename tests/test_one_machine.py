"""Two learners on one machine: what they make does not meet, and their ports need not."""

import json
import os
import re

from copies import ROOT, copy_course, in_copy

from classroom.commands.doctor import PORTS

PAGE = (ROOT / "notebooks" / "appendix" / "one_machine.md").read_text(encoding="utf-8")
# Where the parts of the course keep what they make, without a setting.
PLACES = """
import json, os
from alerting.settings import Settings as Alerting
from classroom import progress
from classroom.servers import first_login, folders
from collector.settings import Settings as Collector
from titanic import labelled, prediction_log, store
places = [store.database(), labelled.outcome_database(), prediction_log.log_path(), progress.solved_file()]
places += [Collector().collector_database, Alerting().alert_database, first_login.FOLDER, folders.TOOLS, folders.LOGS]
print(json.dumps([os.path.realpath(place) for place in places]))
"""


def test_all_that_a_copy_makes_stays_in_its_folder(tmp_path):
    copy = copy_course(tmp_path / "unsinkable")
    # What the tests set, so that they do not touch what a learner has made, is what this one has not.
    set_here = [name for name in os.environ if name.endswith(("_DATABASE", "_URI", "_PATH"))]
    done = in_copy(copy, "-c", f"import os; [os.environ.pop(one, 0) for one in {set_here}]\n{PLACES}")
    assert done.returncode == 0, done.stderr
    places = json.loads(done.stdout.splitlines()[-1])
    assert len(places) == 9
    assert [place for place in places if not place.startswith(os.path.realpath(copy) + os.sep)] == []


def test_the_page_gives_each_server_a_port_of_its_own():
    rows = re.findall(r"^\| `(COURSE_\w+)` \| (\d+) \|", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} == {variable for variable, _ in PORTS.values() if variable}
    assert len({port for _, port in rows}) == len(rows)
    exported = dict(re.findall(r"(COURSE_\w+)=\$(?:n|\(\(n\+(\d)\)\))", PAGE))
    assert {name: 20070 + int(more or 0) for name, more in exported.items()} == {name: int(port) for name, port in rows}
