"""The commands of course.py: a file each, with its options. The first line of a file is what --help says of it.

`course.py` runs a file of this folder as a program. Files whose name begins with _ are parts of commands.
"""
