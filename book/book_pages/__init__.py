"""The pages of the website, made from what the course holds: the lessons as they are stored, the README, the sources.

places.py says where on the website a file of the course stands. Then each file makes one kind of page: home.py,
lessons.py, sources.py, queries.py (the PromQL sheet), sentences.py (the index of errors), reading.py (where to read
on). write.py puts all of them into a folder, from which Sphinx builds the website.
"""
