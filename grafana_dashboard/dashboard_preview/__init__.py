"""Draw a dashboard of Grafana from a live Prometheus, for machines without Grafana.

queries.py asks what the panels ask, with the variables filled in as Grafana does; prometheus_api.py and durations.py
are for whoever asks Prometheus, so the lessons use them too. values.py writes numbers with their
units, and chooses colours. panels.py and plots.py draw each kind of panel on the sheet of canvas.py; picture.py puts
them into the grid; page.py is a page that draws itself anew. The preview knows the kinds of panels that the course
uses, and says so where it meets another one.
"""
