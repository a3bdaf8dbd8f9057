"""A Django site of somebody else's that has the registry and the laboratory of Hepatica among its apps."""

import os
from pathlib import Path

import registry

HERE = Path(__file__).resolve().parent.parent
# The checkout that `registry` and `labs` come from: its pages and styles lie beside them.
HEPATICA = Path(registry.__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY", "only for trying it out")
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
ROOT_URLCONF = "hospital.urls"

INSTALLED_APPS = [
    # 1. Hepatica's, before Django's own: their templates come first.
    "registry",
    "labs",
    "registry.people.admin_config.HepaticaAdminConfig",
    # 2. What they need.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # The site's own.
    "hospital",
]

# 3. The users are Hepatica's: roles and sites decide who sees which patient.
AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "registry:sign-in"
LOGIN_REDIRECT_URL = "registry:cohorts"
LOGOUT_REDIRECT_URL = "registry:sign-in"
AXES_LOCKOUT_CALLABLE = "registry.people.lockout.locked_out"
IDLE_LOGOUT_SECONDS = 1800

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "registry.api.slashes.AddSlashToPages",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "registry.people.middleware.IdleLogoutMiddleware",
    # Whatever view does not say who may call it is closed: the site's own views say it with @allow or @everybody.
    "registry.people.middleware.DenyByDefaultMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates", HEPATICA / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "registry.people.navigation.navigation",
            ],
        },
    },
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [HEPATICA / "static"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", str(HERE / "hospital.sqlite3")),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA foreign_keys=ON"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# 4. Where slide images go, and what may be one.
SLIDES_ROOT = HERE / "slides"
SLIDE_MEGABYTES, SLIDE_MEGAPIXELS, SLIDE_SERVER = 300, 150, ""

# 5. What the inbox and the listener ask for, and the addresses in FHIR.
MESSAGE_ROWS, SWEEP_SECONDS = 10_000, 60
SITE_URL, REVISION = "http://localhost:8000", ""

# 6. REST and FHIR.
API_PER_MINUTE, API_WRITES_PER_MINUTE = 600, 240
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "registry.api.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.RolesOfTheView"],
    "DEFAULT_PARSER_CLASSES": ["registry.api.parsers.StorableJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "registry.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "registry.api.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": ["registry.api.throttling.Requests", "registry.api.throttling.Writes"],
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Hepatica",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": None,
    "SERVE_PERMISSIONS": ["registry.api.permissions.RolesOfTheView"],
    "SWAGGER_UI_DIST": "SIDECAR",
}

# 7. Connectors, each where it is wanted (docs/integrator/connectors.md).
DROP_FOLDER = None
SENAITE = OPENELIS = None
