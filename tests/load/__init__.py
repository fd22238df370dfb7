"""The app under load, and what random visitors do to it: ``python -m tests.load``."""
