"""`manage.py roles`."""
