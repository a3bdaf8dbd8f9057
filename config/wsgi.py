import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Now, before the processes of the server are forked, and not in each of them at its first request.
get_resolver().url_patterns  # noqa: B018
