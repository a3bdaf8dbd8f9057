"""The REST interface of the two apps."""

from django.urls import path

from labs.api.urls import urlpatterns as labs_urls
from registry.api.documentation import documentation, index, schema
from registry.api.urls import urlpatterns as registry_urls

app_name = "api"

urlpatterns = [
    path("", index, name="index"),
    path("schema/", schema, name="schema"),
    path("docs/", documentation, name="documentation"),
    *registry_urls,
    *labs_urls,
]
