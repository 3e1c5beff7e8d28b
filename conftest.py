"""Tests print points by part: see assignment/support/reporting.py."""

pytest_plugins = ["assignment.support.reporting"]
