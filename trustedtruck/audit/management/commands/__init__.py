"""`manage.py seal` and `manage.py verify_audit`."""
