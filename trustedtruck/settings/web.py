"""What serves pages: threads, files, cookies and what a browser may load; mail."""

from trustedtruck.settings.installation import BASE_DIR, DEMO, HOME, SECURE, env

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
# The mail server, where EMAIL_BACKEND is `django.core.mail.backends.smtp.EmailBackend`.
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
# The mail server's TCP port.
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
# Who signs in at the mail server; nobody where it is empty.
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
# The password at the mail server.
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
# Begins in clear and goes on in TLS (STARTTLS, mostly on port 587).
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
# TLS from the first byte (mostly on port 465); not together with EMAIL_USE_TLS.
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
# The sender of the product's mail.
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="TrustedTruck <programme@example.org>")

# Lets webhooks go to private addresses: only where carriers' systems stand in one's own network.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)
