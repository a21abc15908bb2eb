"""The one command of the course. It prepares this machine, then does what you ask.

    python course.py lab     opens the course
    python course.py test    runs its tests
    python course.py --help  lists the rest

It needs a Python and nothing else: all packages go into the folder .venv beside this file. Every Python since 2.7 must
be able to read this file; the rest of the set-up stands in setting_up/.
"""

import os
import signal
import sys

if __name__ == "__main__":  # until begin() there is nothing to tidy up: Ctrl-C ends imports too, and at once
    signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"\nStopped.\n"), os._exit(1)))

if sys.version_info < (3, 8):  # noqa: UP036 (who has an old Python is to read this, and not a SyntaxError)
    sys.exit(
        "This is Python {}.{}; the course needs 3.11, 3.12, 3.13 or 3.14. Call it by such a Python: "
        "python3.13 course.py lab (on Windows: py -3.13 course.py lab). If you have none, install 3.13 from "
        "https://www.python.org/downloads/".format(*sys.version_info[:2])
    )

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # with PYTHONSAFEPATH, Python would leave it out
try:
    from setting_up import environment, places, pythons, stick
except ImportError:
    sys.exit("The folder setting_up is missing beside course.py: this is not the whole course. Download it again.")

if __name__ == "__main__":
    environment.let_all_streams_be_there()
    environment.let_all_letters_be_written()
    places.remember_where()
    stick.plug_in(sys.argv[1:])
    if not pythons.fits():
        sys.exit(pythons.hand_over(sys.argv[1:]))
    from setting_up.command import begin  # only a Python that fits can read this

    begin()
