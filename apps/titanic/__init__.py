"""The building blocks of the apps: each file holds one idea that a lesson has already explained."""
