"""The broker, the workers, and what beat sends when."""

from trustedtruck.settings.installation import DEMO, env
from trustedtruck.settings.lanes import EDGE_HEADQUARTERS

# The Redis or Valkey, as `redis://:password@host:port/0`.
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:1/0")
# The broker where it is another one: `amqp://…`, or `sentinel://…` (`docs/scaling.md`).
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "programme"
CELERY_TASK_ROUTES = {
    "lanes.tasks.assign_arrivals": {"queue": "lanes"},
    "lanes.planning.tasks.*": {"queue": "planning"},
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Without these a half-open connection hangs for ever.
    "socket_timeout": 3,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 5,
    "retry_on_timeout": False,
    "visibility_timeout": 60,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
if CELERY_BROKER_URL.startswith("sentinel:"):
    # The name under which Sentinel knows the master; asked anew at each connection.
    CELERY_BROKER_TRANSPORT_OPTIONS["master_name"] = env("REDIS_MASTER", default="mymaster")
elif CELERY_BROKER_URL.startswith(("amqp:", "amqps:")):
    # RabbitMQ: a queue outlives a node, and a publisher knows that its message was taken.
    CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "confirm_publish": True,
        "read_timeout": 3,
        "write_timeout": 3,
    }
# Celery's fixup would close the whole pool around each task: two connections anew and every plan
# forgotten. `trustedtruck.celery` does at a task's ends what Django does at a request's.
CELERY_DB_REUSE_MAX = 2**62
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in [
        ("purge", "trustedtruck.audit.tasks.purge", 86_400.0),
        ("nonces", "trustedtruck.accounts.tasks.forget_nonces", 60.0),
        ("officers-mail", "trustedtruck.accounts.tasks.mail_officers", 60.0),
        ("deadlines", "trustedtruck.carriers.tasks.watch_deadlines", 3600.0),
        ("webhooks", "trustedtruck.carriers.tasks.send_webhooks", 60.0),
        ("imports", "trustedtruck.carriers.tasks.resume_imports", 60.0),
        ("vetting", "trustedtruck.enrolment.tasks.resume_vetting", 60.0),
        ("measures", "trustedtruck.enrolment.tasks.end_measures", 3600.0),
        ("crossings", "trustedtruck.enrolment.tasks.announce_crossings", 15.0),
        ("bundle", "credentials.build_bundle", 2.0),
        ("bulk-jobs", "credentials.resume_bulk_jobs", 30.0),
        ("expiry", "credentials.expire", 60.0),
        ("shifts", "lanes.tasks.tend_shifts", 300.0),
        ("alert-arrivals", "lanes.tasks.match_arrivals", 15.0),
        ("alerts", "trustedtruck.alerts.tasks.tend_alerts", 30.0),
        ("alert-patterns", "trustedtruck.alerts.tasks.find_patterns", 3600.0),
        ("unscreened-trips", "trustedtruck.manifests.tasks.screen_missing", 60.0),
        ("manifest-patterns", "trustedtruck.manifests.tasks.find_patterns", 3600.0),
        ("alert-pushes", "trustedtruck.alerts.tasks.push_releases", 20.0),
        ("clones", "lanes.tasks.settle_clones", 5.0),
        ("shadows", "lanes.tasks.follow_shadows", 15.0),
        ("archive", "lanes.tasks.archive_arrivals", 86_400.0),
        ("inspections", "lanes.inspections.tasks.watch_inspections", 5.0),
        *([("demonstration", "lanes.tasks.keep_demonstration", 3600.0)] if DEMO else []),
        ("simulations", "lanes.planning.tasks.resume_simulations", 60.0),
    ]
}
if EDGE_HEADQUARTERS:
    # What headquarters does for all ports is not done again here. What a port holds of people goes
    # here too when its time is over, and a copied tag at two of its gates is its own to settle.
    CELERY_BEAT_SCHEDULE = {
        name: entry
        for name, entry in CELERY_BEAT_SCHEDULE.items()
        if name in ("purge", "nonces", "officers-mail", "shifts", "clones", "inspections")
    }
