"""How people and machines sign in, and for how long."""

from trustedtruck.settings.installation import DEMO, SECURE, env

AUTH_USER_MODEL = "accounts.User"
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

# A session ends after so many hours: a long shift.
SESSION_HOURS = env.float("SESSION_HOURS", default=12.0)
# A session ends when nobody has used it for so many minutes.
SESSION_IDLE_MINUTES = env.float("SESSION_IDLE_MINUTES", default=60.0)
SESSION_COOKIE_AGE = int(SESSION_HOURS * 3600)

# Seconds that a device's signature counts.
SIGNATURE_AGE_S = env.int("SIGNATURE_AGE_S", default=60)
# Seconds that a device's clock may be ahead of ours.
SIGNATURE_AHEAD_S = env.int("SIGNATURE_AHEAD_S", default=10)
# Seconds that a signature may come behind a later one of the same device.
SIGNATURE_APART_S = env.int("SIGNATURE_APART_S", default=5)
