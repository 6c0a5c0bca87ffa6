"""What one would build instead, small and honest: the yardstick of `manage.py bench`.

The same Django, REST framework, Celery, database, broker, worker counts and trucks as ours; the
job as a tutorial does it: validate, insert, one task for each arrival, five queries, the result
through Celery's backend. No deadline, no locks, no audit. It serves measuring only.
"""
