"""Languages, times, and what the written pages of the docs are made from."""

from trustedtruck.settings.installation import BASE_DIR

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
COUNTRIES_FIRST = ["US", "MX", "CA"]
