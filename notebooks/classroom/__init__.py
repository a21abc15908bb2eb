"""What the notebooks import: start an app, show its source, check an exercise.

Importing this needs the standard library only, so that `course.py doctor` can speak before anything is installed.
"""

from classroom.exercise import check, solution
from classroom.progress import contents
from classroom.servers.app import start_app
from classroom.servers.temporary import temporary_folder
from classroom.source import show, show_changes, show_file

__all__ = ["check", "contents", "show", "show_changes", "show_file", "solution", "start_app", "temporary_folder"]
