"""The parts of the page of alerts (lesson 23)."""
