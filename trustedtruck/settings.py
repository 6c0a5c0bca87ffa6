"""Every setting of the product, from the environment, in one file.

`make run` writes the environment of the running installation where `load_environment` finds it, so
that a command typed in a second terminal reaches the same database.
"""

from pathlib import Path

import environ

from trustedtruck.core.embedded.environment import load_environment
from trustedtruck.core.logging import logging_config

load_environment()
env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
# Where an installation keeps its files: keys, media, and what `manage.py run` needs.
HOME = Path(env("TRUSTEDTRUCK_HOME", default=str(BASE_DIR / "var"))).resolve()

# --- What kind of installation this is --------------------------------------------------------
# Errors with their source in the browser. Never where anybody else can reach it.
DEBUG = env.bool("DEBUG", default=False)
# A demonstration: its log-ins on the first page, its mail readable by everybody.
DEMO = env.bool("DEMO", default=False)
# Seconds between two trucks that the demonstration sends to its port by itself; 0: none.
DEMO_TRAFFIC_S = env.float("DEMO_TRAFFIC_S", default=6.0)
# The TCP port of the web server; `manage.py run` says what is wrong with it.
PORT = env("PORT", default="8000")
# Where people and machines reach the product from outside; `https://` turns secure cookies on.
BASE_URL = env("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# Signs sessions and tokens; the same in all processes. Random where none is given, so that nothing
# secret ever hangs on a key that is in the source.
SECRET_KEY = env("SECRET_KEY", default="") or __import__("secrets").token_urlsafe(48)
# Names, separated by commas, that a request's `Host` may carry.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE = BASE_URL.startswith("https://")

# --- The house --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "trustedtruck.console.admin_config.Tables",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_countries",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "trustedtruck.core",
    "trustedtruck.accounts",
    "trustedtruck.audit",
    "trustedtruck.carriers",
    "trustedtruck.credentials",
    "trustedtruck.alerts",
    "trustedtruck.manifests",
    "lanes",
    "lanes.planning",
    "trustedtruck.enrolment",
    "lanes.inspections",
    "lanes.edge",
    "trustedtruck.portal",
    "trustedtruck.console",
]
MIDDLEWARE = [
    "trustedtruck.core.middleware.DrainRefused",
    "trustedtruck.core.middleware.RequestId",
    "trustedtruck.core.middleware.ClientAddress",
    "trustedtruck.audit.whereabouts.Whereabouts",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "trustedtruck.core.middleware.RefuseUnstorable",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "trustedtruck.accounts.sessions.SessionEnds",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "trustedtruck.carriers.second_factor.RequireSecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "trustedtruck.urls"
WSGI_APPLICATION = "trustedtruck.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "trustedtruck.accounts.context.demonstration",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

# --- Accounts -----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_DJANGOS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name, "OPTIONS": options}
    for name, options in [
        (f"{_DJANGOS}.UserAttributeSimilarityValidator", {}),
        (f"{_DJANGOS}.MinimumLengthValidator", {"min_length": 12}),
        (f"{_DJANGOS}.CommonPasswordValidator", {}),
        (f"{_DJANGOS}.NumericPasswordValidator", {}),
        ("trustedtruck.accounts.passwords.ContextWords", {}),
    ]
]
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "trustedtruck.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "trustedtruck.accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
MFA_ADAPTER = "trustedtruck.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_TRACK_ACTIVITY = True
# A demonstration's log-ins walk in with their passwords alone; nowhere else does anybody.
DEMO_WITHOUT_MFA = DEMO and env.bool("DEMO_WITHOUT_MFA", default=True)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
    }
}

# Seconds that a device's signature counts.
SIGNATURE_AGE_S = env.int("SIGNATURE_AGE_S", default=60)
# Seconds that a device's clock may be ahead of ours.
SIGNATURE_AHEAD_S = env.int("SIGNATURE_AHEAD_S", default=10)
# Seconds that a signature may come behind a later one of the same device.
SIGNATURE_APART_S = env.int("SIGNATURE_APART_S", default=5)

# --- PostgreSQL ---------------------------------------------------------------------------------
# The PostgreSQL, as `postgres://user:password@host:port/name`. The default names no server: a
# command without one says so instead of guessing.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://127.0.0.1:1/trustedtruck")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "ATOMIC_REQUESTS": False,
    "OPTIONS": {
        # A frozen or slow database must end in an error the gate understands as "inspect".
        "options": "-c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
        " -c statement_timeout=30s",
        "connect_timeout": 2,
        # For `core.prepared` alone: Django's own cursors prepare nothing.
        "prepare_threshold": 5,
        # The name of this process in the database's and our own lists.
        "application_name": env("TRUSTEDTRUCK_PROCESS", default="manage"),
        "pool": {
            "min_size": 1,
            # The most connections of one process.
            "max_size": env.int("DATABASE_POOL", default=12),
            "timeout": 1.0,
            "max_lifetime": 1800,
        },
    },
}

# --- Redis and Celery ---------------------------------------------------------------------------
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
    # sentinel://:password@host:26379;sentinel://… finds whichever server is the master now.
    # The name under which Sentinel knows the master.
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

# --- The lanes ------------------------------------------------------------------------------------
# Milliseconds within which an arrival has its lane; a policy may set its own.
LANES_DEADLINE_MS = env.int("LANES_DEADLINE_MS", default=1500)
# How many waiting arrivals a worker takes at once.
LANES_BATCH = env.int("LANES_BATCH", default=64)
# Milliseconds for which a worker that took an arrival has it to itself.
LANES_CLAIM_MS = env.int("LANES_CLAIM_MS", default=400)
# A web process answers at once with inspection when so many requests wait in it already.
LANES_WAITERS = env.int("LANES_WAITERS", default=48)
# Seconds by which a gate's clock may differ from the database's.
LANES_CLOCK_TOLERANCE_S = env.int("LANES_CLOCK_TOLERANCE_S", default=300)
# Milliseconds between two rounds of the sweep.
LANES_SWEEP_MS = env.int("LANES_SWEEP_MS", default=250)
# One random seed serves so many hours; they must divide the day.
LANES_SHIFT_HOURS = env.int("LANES_SHIFT_HOURS", default=8)
# Months after which an arrival moves into the archive, once what says who drove has been purged
# (`RETENTION_CROSSINGS_DAYS`); 0 for never.
ARCHIVE_AFTER_MONTHS = env.int("ARCHIVE_AFTER_MONTHS", default=72)

# --- The edge -------------------------------------------------------------------------------------
# Only for a port's own installation, which it makes an edge: where headquarters is.
EDGE_HEADQUARTERS = env("EDGE_HEADQUARTERS", default="").rstrip("/")
# The key that the edge was given at headquarters.
EDGE_KEY = env("EDGE_KEY", default="")
# The code of the port that the edge runs.
EDGE_PORT = env("EDGE_PORT", default="")
# The file with the keys by which the edge knows headquarters' bundles (`jwks.json`).
EDGE_JWKS = env("EDGE_JWKS", default="")
# Seconds between two rounds of an edge to headquarters.
EDGE_EVERY_S = env.float("EDGE_EVERY_S", default=3.0)
if EDGE_HEADQUARTERS:
    # What headquarters does for all ports is not done again here.
    CELERY_BEAT_SCHEDULE = {
        name: entry
        for name, entry in CELERY_BEAT_SCHEDULE.items()
        if name in ("nonces", "shifts", "inspections", "officers-mail")
    }

# --- Inspections ----------------------------------------------------------------------------------
SCAN_MAX_BYTES = 64 * 1024 * 1024
# How long a carrier loses the fast lane after a seizure.
INSPECTIONS_SEIZURE_DAYS = env.int("INSPECTIONS_SEIZURE_DAYS", default=30)
# Minutes that a truck waited at a port before the programme, by port code, for ports that did not
# measure it themselves. The default for Laredo and Otay Mesa is CBP's snapshot of midday 2022-06-29
# (standard lanes).
INSPECTIONS_BASELINE_WAIT_MIN = env.json(
    "INSPECTIONS_BASELINE_WAIT_MIN", default={"2304": 45.0, "2506": 45.0}
)
# What an hour costs of the goods that wait, as a share of their value: 20 % a year.
INVENTORY_COST_RATE_PER_HOUR = env.float("INVENTORY_COST_RATE_PER_HOUR", default=0.20 / 8760)

# --- Credentials ----------------------------------------------------------------------------------
# Where the encrypted private keys are.
KEYSTORE_DIR = Path(env("KEYSTORE_DIR", default=str(HOME / "keys")))
# What opens the encrypted private keys.
KEYSTORE_PASSPHRASE = env("KEYSTORE_PASSPHRASE", default="")
# Where new keys are made: `files` (encrypted), or `pkcs11` (an HSM through its library).
KEYSTORE = env("KEYSTORE", default="files")
# The HSM's PKCS#11 library.
PKCS11_MODULE = env("PKCS11_MODULE", default="")
# The label of the HSM's token.
PKCS11_TOKEN = env("PKCS11_TOKEN", default="trustedtruck")
# The PIN of the HSM's token.
PKCS11_PIN = env("PKCS11_PIN", default="")
# The keys, separated by commas, that seal what identifies a person; the first one seals, all open.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
RETENTION_DAYS = {
    # How many days each kind of personal data is kept; `manage.py purge --kinds` lists the kinds.
    code: env.int(f"RETENTION_{code.upper()}_DAYS", default=days)
    for code, days in {
        "notices": 180,
        "alerts": 5 * 365,
        "hits": 5 * 365,
        "exchanged": 2 * 365,
        "sessions": 90,
        "drivers": 3 * 365,
        "invitations": 30,
        "imports": 30,
        "deliveries": 90,
        "credentials": 3 * 365,
        "aboard": 5 * 365,
        "filings": 5 * 365,
        "messages": 365,
        "crossings": 5 * 365,
    }.items()
}

# For whom backups are encrypted: age recipients (age1…), with commas between them.
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])

# --- Web ------------------------------------------------------------------------------------------
# Threads of one web process: how many requests it serves at once.
WEB_THREADS = env.int("WEB_THREADS", default=64)
# Open boards of one web process; each holds a thread that sleeps, beside those of WEB_THREADS.
EVENT_STREAMS = env.int("EVENT_STREAMS", default=48)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Four files of evidence of 10 MB each, and the words beside them.
UPLOAD_MAX_BYTES = 45 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "trustedtruck.core.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
WHITENOISE_USE_FINDERS = True
# Where uploaded files and pictures are kept.
MEDIA_ROOT = env("MEDIA_ROOT", default=str(HOME / "media"))
# A session ends after so many hours: a long shift.
SESSION_HOURS = env.float("SESSION_HOURS", default=12.0)
# A session ends when nobody has used it for so many minutes.
SESSION_IDLE_MINUTES = env.float("SESSION_IDLE_MINUTES", default=60.0)
SESSION_COOKIE_AGE = int(SESSION_HOURS * 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
if SECURE:
    # A browser takes such a cookie only over TLS, for this host alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
# How many proxies of ours stand in front and append to X-Forwarded-For; 0: nobody is believed.
PROXIES = env.int("PROXIES", default=0)
SECURE_SSL_REDIRECT = False
# TLS ends before us, where gates also speak mTLS: docs/security.md.
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "trustedtruck.core.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Django's class that sends mail. No mail leaves a demonstration: it has a mailbox of its own, which
# everybody may read.
EMAIL_BACKEND = env(
    "EMAIL_BACKEND",
    default=f"django.core.mail.backends.{'filebased' if DEMO else 'console'}.EmailBackend",
)
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_TIMEOUT = 5
# The sender of the product's mail.
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="TrustedTruck <programme@example.org>")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "trustedtruck.accounts.authentication.KeyAuthentication",
        "trustedtruck.accounts.signatures.SignatureAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["trustedtruck.accounts.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["trustedtruck.core.api.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["trustedtruck.core.api.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "trustedtruck.core.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    # REMOTE_ADDR is the caller's (`ClientAddress`); what a caller forwards is never believed.
    "NUM_PROXIES": 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# One file an operation: parameters, bodies by media type, the answer.
API_EXAMPLES = BASE_DIR / "trustedtruck" / "api_examples"
SPECTACULAR_SETTINGS = {
    "TITLE": "TrustedTruck",
    "DESCRIPTION": "Lane assignment, credentials and advance data of the trusted-truck programme."
    " Errors are `application/problem+json` (RFC 9457) with a stable `code`.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVERS": [{"url": BASE_URL}],
    "ENUM_NAME_OVERRIDES": {
        "RouteEnum": "lanes.models.Route",
        "DirectionEnum": "lanes.models.Direction",
        "LaneStateEnum": "lanes.models.port.Lane.State",
        "AnswerStateEnum": ["waiting", "assigned"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "trustedtruck.core.openapi.add_examples",
    ],
}

COUNTRIES_FIRST = ["US", "MX", "CA"]

# --- Carriers -------------------------------------------------------------------------------------
# Lets webhooks go to private addresses: only where carriers' systems stand in one's own network.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "trustedtruck" / "locale"]
FORMAT_MODULE_PATH = "trustedtruck.formats"
# Where `manage.py texts` looks: folders, and tables of texts that are made when the code is loaded.
TEXT_ROOTS = ["trustedtruck", "lanes", "templates"]
TEXT_TABLES = ["lanes.reasons.TEXTS", "trustedtruck.core.problem_codes.meanings"]
# Refusals whose code comes from a table: the page of the problem codes lists all of it.
PROBLEM_TABLES = {"Malformed": "trustedtruck.credentials.failures.TEXTS"}
# The steps of the picture in the docs.
WAY_OF_AN_ARRIVAL = "lanes.way.WAY"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING_CONFIG = None
# How much the log tells: DEBUG, INFO, WARNING or ERROR.
logging_config(json=not DEBUG, level=env("LOG_LEVEL", default="INFO"))
