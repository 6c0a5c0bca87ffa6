"""The product's database and broker, and next to nothing of its middleware."""

import copy

from trustedtruck import settings as product

SECRET_KEY = product.SECRET_KEY
ALLOWED_HOSTS = product.ALLOWED_HOSTS
BASE_DIR = product.BASE_DIR
HOME = product.HOME
# More connections than ours, and patience: at full load it may be slow, but must not fail.
DATABASES = copy.deepcopy(product.DATABASES)
DATABASES["default"]["OPTIONS"]["pool"] |= {"max_size": 32, "timeout": 30.0}
AUTH_USER_MODEL = product.AUTH_USER_MODEL
DEFAULT_AUTO_FIELD = product.DEFAULT_AUTO_FIELD
FIELD_ENCRYPTION_KEYS = product.FIELD_ENCRYPTION_KEYS
# The trucks, credentials and manifests that it asks about are ours.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "rest_framework",
    "trustedtruck.core",
    "trustedtruck.accounts",
    "trustedtruck.audit",
    "trustedtruck.carriers",
    "trustedtruck.credentials",
    "trustedtruck.manifests",
    "lanes.benchmarks.yardstick",
]
# For the length of an answer, without which no connection is kept.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
TEMPLATES = product.TEMPLATES
ROOT_URLCONF = "lanes.benchmarks.yardstick.urls"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
CELERY_BROKER_URL = product.CELERY_BROKER_URL
CELERY_RESULT_BACKEND = product.REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "yardstick"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery's default of 4 serves throughput and is what one would have.
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
