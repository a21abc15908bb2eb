"""The parts of the locked doors: who may come in, how often, and what is kept of them (lesson 24)."""
