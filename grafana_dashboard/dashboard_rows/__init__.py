"""The rows of the dashboard: in each file the panels of one idea, with their queries and words."""
