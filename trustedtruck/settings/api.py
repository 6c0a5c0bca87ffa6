"""The API: who is let in, what it reads and writes, how it is described."""

from trustedtruck.settings.installation import BASE_DIR, BASE_URL

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
