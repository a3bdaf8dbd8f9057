import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

if not settings.TESTING:
    from analysis.engine.outage import watch_from_the_web  # the application has loaded the apps

    watch_from_the_web()
