"""Django settings. Configuration is by environment; `docs/guide/running.md` lists every
variable. Importing this reaches neither the database nor the network."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONE, SELF

from throughline.running.database import database_settings
from throughline.running.home import home, secret

PACKAGE = Path(__file__).resolve().parent.parent


def _flag(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default).lower() in {"1", "true", "yes", "on"}


DEBUG = _flag("THROUGHLINE_DEBUG")
SECRET_KEY = os.environ.get("THROUGHLINE_SECRET_KEY") or secret("django-secret-key")
ALLOWED_HOSTS = os.environ.get("THROUGHLINE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
HTTPS = _flag("THROUGHLINE_HTTPS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "throughline.kernel",
    "throughline.ui",
    "throughline.running",
    "throughline.places",
    "throughline.bodies",
    "throughline.files",
    "throughline.notices",
    "throughline.subjects",
    "throughline.procedures",
    "throughline.plans",
    "throughline.figures",
    "throughline.cascade",
    "throughline.projects",
    "throughline.reporting",
    "throughline.config",
    # Guards against two migrations in one place; only maintainers have it.
    *(["django_linear_migrations"] if find_spec("django_linear_migrations") else []),
]

# The worker knows the tasks of every room's jobs.py.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

MIDDLEWARE = [
    "throughline.running.logs.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "throughline.bodies.middleware.ActorMiddleware",
    "throughline.config.zones.ZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "throughline.config.errors.TextMiddleware",
    "throughline.config.errors.ErrorMiddleware",
]

ROOT_URLCONF = "throughline.config.urls"
WSGI_APPLICATION = "throughline.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "throughline.config.navigation.context",
            ],
            "builtins": ["django.templatetags.i18n", "throughline.ui.templatetags.ui"],
        },
    }
]

DATABASES = database_settings()
DATABASE_ROUTERS: list[str] = []

AUTH_USER_MODEL = "bodies.Person"
AUTHENTICATION_BACKENDS = ["throughline.bodies.sessions.Backend"]
SESSION_ENGINE = "throughline.bodies.sessions"
PASSWORD_HASHERS = [
    "throughline.bodies.hashing.Argon2PasswordHasher",
]
# How many passwords are hashed at once on a host: each hash keeps up to eight processors busy.
THROUGHLINE_HASHES = int(
    os.environ.get("THROUGHLINE_HASHES") or max(1, len(os.sched_getaffinity(0)) // 8)
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "my-work"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("THROUGHLINE_ORIGINS", "").split(",") if o]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

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
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = home() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
THROUGHLINE_UPLOAD_LIMIT = int(os.environ.get("THROUGHLINE_UPLOAD_LIMIT", 50 * 1024 * 1024))

# What rooms above `running` have `throughline doctor` look at.
THROUGHLINE_CHECKS = ["throughline.figures.checks.cube"]

# How many proxies stand before us: so many entries of X-Forwarded-For are believed.
THROUGHLINE_PROXIES = int(os.environ.get("THROUGHLINE_PROXIES", "0"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "throughline.running.logs.JsonFormatter"}},
    "handlers": {"stderr": {"()": "throughline.running.logs.StderrHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("THROUGHLINE_LOG_LEVEL", "WARNING")},
    "loggers": {
        "throughline": {"level": os.environ.get("THROUGHLINE_LOG_LEVEL", "INFO")},
        "django": {"handlers": [], "level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]  # TLS ends at the proxy; see the guide
