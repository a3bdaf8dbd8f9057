"""The project's addresses, and two views that no project should have."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as project
from registry.people.access import public


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the name of the patient is 王")


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [path("broken/", public(broken)), path("undeclared/", undeclared), *project.urlpatterns]
handler500 = project.handler500
