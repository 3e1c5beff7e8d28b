"""Tests print points by part: see assignment/support/testing/plugin.py."""

pytest_plugins = ["assignment.support.testing.plugin"]
