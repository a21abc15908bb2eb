"""The parts of the collector, the other end of the Scouter queue: each file is one idea of lesson 16."""
