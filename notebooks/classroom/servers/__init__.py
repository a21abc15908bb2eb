"""The servers of the course: how each is found, fetched, started and stopped. Nothing here knows of lessons."""
