"""Measurements of the lanes, for `manage.py bench`."""
