"""What `manage.py bench` measures of the console beside its boards."""
