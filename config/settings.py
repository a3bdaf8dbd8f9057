"""All settings, read from the environment; docs/administrator/settings.md lists each of them."""

import os
import sys
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from psycopg import IsolationLevel

from config import environment as env

# Before anything imports numpy: threads of linear algebra wait for each other where matrices are as small as these.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("HEPATICA_VAR", str(BASE_DIR / "var"))).resolve()
TESTING = "pytest" in sys.modules
REVISION = env.text("REVISION", "")

SECRET_KEY = env.secret_key("SECRET_KEY", VAR)
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", "")
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "registry",
    "labs",
    "analysis",
    "registry.people.admin_config.HepaticaAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_htmx",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "registry.api.slashes.AddSlashToPages",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "registry.people.middleware.IdleLogoutMiddleware",
    "registry.people.middleware.DenyByDefaultMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "registry.people.navigation.navigation",
                "analysis.engine.watch.scheduler_banner",
            ],
        },
    },
]

_database = env.database("DATABASE_URL", f"sqlite:///{VAR / 'hepatica.sqlite3'}")
# what the URL itself asks for, such as ?sslmode=require
_given: dict[str, Any] = _database.get("OPTIONS", {})
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR.mkdir(parents=True, exist_ok=True)
    _pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON"
    # A deferred transaction that turns from reading to writing fails at once under load, whatever the timeout.
    _write: dict[str, Any] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _pragmas}
    # Frames are read through a second connection: IMMEDIATE would make every reader wait for the writers.
    _read: dict[str, Any] = {"transaction_mode": "DEFERRED", "timeout": 20, "init_command": _pragmas}
else:
    _write = {"application_name": "hepatica"}
    _read = {
        "application_name": "hepatica-snapshot",
        "isolation_level": IsolationLevel.REPEATABLE_READ,
        "options": "-c default_transaction_read_only=on",
    }
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

DATABASES: dict[str, dict[str, Any]] = {
    "default": _database | {"OPTIONS": _given | _write},
    "snapshot": _database | {"OPTIONS": _given | _read, "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["config.routers.SnapshotReadsOnly"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "registry:sign-in"
LOGIN_REDIRECT_URL = "analysis:home"
LOGOUT_REDIRECT_URL = "registry:sign-in"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
# The pair, so that a stranger elsewhere in the building cannot lock a colleague out of a running clinic.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "registry.people.lockout.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

IDLE_LOGOUT_SECONDS = env.whole_number("IDLE_LOGOUT_SECONDS", 1800, at_least=60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("SECURE_HTTPS", default=False):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/(live/)?$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# 0: no limit. A test asks a thousand times in a minute as the same person.
API_PER_MINUTE = env.whole_number("API_PER_MINUTE", 0 if TESTING else 600)
API_WRITES_PER_MINUTE = env.whole_number("API_WRITES_PER_MINUTE", 0 if TESTING else 240)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "registry.api.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.RolesOfTheView"],
    "DEFAULT_PARSER_CLASSES": ["registry.api.parsers.StorableJson"],
    # No browsable API: it would be a second set of pages, with forms of its own.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "registry.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "registry.api.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": ["registry.api.throttling.Requests", "registry.api.throttling.Writes"],
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hepatica",
    "DESCRIPTION": "Everything that the pages show and store, by the same rules and for the same roles.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": None,
    "SERVE_PERMISSIONS": ["registry.api.permissions.RolesOfTheView"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    # Choices stand where they are used; gathered into components they would need invented names.
    "POSTPROCESSING_HOOKS": [],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "COMPONENT_SPLIT_REQUEST": True,
    # Whoever may not see an address sees no secret in its description.
    "SERVE_PUBLIC": True,
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", *([VAR / "built"] if (VAR / "built").is_dir() else [])]
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# Files of one request: the GDC gives one a sample.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000

SLIDES_ROOT = Path(env.text("SLIDES_ROOT", str(VAR / "slides"))).resolve()
SLIDE_MEGABYTES = env.whole_number("SLIDE_MEGABYTES", 300, at_least=1)
SLIDE_MEGAPIXELS = env.whole_number("SLIDE_MEGAPIXELS", 150, at_least=1)
SLIDE_SERVER = env.slide_server("SLIDE_SERVER")
if SLIDE_SERVER:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(env.origin(SLIDE_SERVER))
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"].append(env.origin(SLIDE_SERVER))

DATASETS_ROOT = Path(env.text("DATASETS_ROOT", str(VAR / "datasets"))).resolve()
DATASET_MEGABYTES = env.whole_number("DATASET_MEGABYTES", 500, at_least=1)

EXPORTS_ROOT = Path(env.text("EXPORTS_ROOT", str(VAR / "exports"))).resolve()
EXPORT_DAYS = env.whole_number("EXPORT_DAYS", 7, at_least=1)

DROP_FOLDER = env.folder("DROP_FOLDER")
DROP_SETTLE_SECONDS = env.whole_number("DROP_SETTLE_SECONDS", 5)

# None where no address is set. The passwords are here and in no table.
_senaite: dict[str, Any] = {
    "site": env.address("SENAITE_URL"),
    "user": env.text("SENAITE_USER"),
    "password": env.text("SENAITE_PASSWORD"),
    "login": env.one_of("SENAITE_LOGIN", "basic", "cookie"),
    "client": env.text("SENAITE_CLIENT"),
    "contact": env.text("SENAITE_CONTACT"),
    "sample_type": env.text("SENAITE_SAMPLE_TYPE"),
    "scores": env.pairs("SENAITE_SCORES"),
}
_openelis: dict[str, Any] = {
    "site": env.address("OPENELIS_URL"),
    "fhir": env.address("OPENELIS_FHIR_URL"),
    "user": env.text("OPENELIS_USER"),
    "password": env.text("OPENELIS_PASSWORD"),
    "analyzer": env.text("OPENELIS_ANALYZER", "hepatica"),
    "scores": env.pairs("OPENELIS_SCORES"),
}
SENAITE = _senaite if _senaite["site"] else None
OPENELIS = _openelis if _openelis["site"] else None

globals().update(env.email("EMAIL_URL", f"filemail:///{VAR / 'mail'}"))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "hepatica@localhost")

SWEEP_SECONDS = env.whole_number("SWEEP_SECONDS", 60, at_least=1)
LEASE_SECONDS = env.whole_number("LEASE_SECONDS", 60, at_least=2)
DEAF_SECONDS = env.whole_number("DEAF_SECONDS", 180)
SETTLE_MILLISECONDS = env.whole_number("SETTLE_MILLISECONDS", 300)
STALE_MINUTES = env.whole_number("STALE_MINUTES", 30, at_least=1)
FAILED_MAILS = env.whole_number("FAILED_MAILS", 10)
MESSAGE_ROWS = env.whole_number("MESSAGE_ROWS", 10_000, at_least=1)
CELERY_BROKER_URL = env.broker("REDIS_URL", f"redis+socket://{VAR / 'valkey.sock'}")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "live"
# What takes minutes: nobody who saved a read waits behind it.
CELERY_TASK_ROUTES = {
    f"analysis.tasks.{name}": {"queue": "heavy"}
    for name in ("run_parts", "run_exports", "run_reexecutions", "verify_results")
}
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# After a hundred times, three quarters of an hour, workers and beat would end.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CONSUMER = "config.consumer:Consumer"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A dead broker must cost a save milliseconds: the doorbell may be lost, the sweep finds the work.
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,
    # What is taken is gone from the broker: an acknowledgement that it did not answer in time would hold its place in
    # the worker for ever, and a worker with all its places held takes nothing.
    "ack_emulation": False,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# When beat last rang is its sign of life, so it is written down each time.
CELERY_BEAT_SYNC_EVERY = 1
DJANGO_CELERY_BEAT_TZ_AWARE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {"axes": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}

if LOGGING["root"]["level"] not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:  # type: ignore[index]  # mixed dict
    raise ImproperlyConfigured("LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.")
if not DEBUG and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' is accepted only with DEBUG=1.")
