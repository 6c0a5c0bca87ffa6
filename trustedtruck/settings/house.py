"""Which apps there are, and what a request goes through."""

from trustedtruck.settings.installation import BASE_DIR

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
    "trustedtruck.core.middleware.ExplainNotAllowed",
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
