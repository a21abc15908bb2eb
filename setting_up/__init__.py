"""The set-up of the course: a Python that fits, the folder .venv, the packages in it.

Only the standard library. What has a line on annotations is also read by a Python that is too old for the course.
"""
