from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("analysis.urls")),
    path("", include("registry.urls")),
    path("", include("labs.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "registry.people.errors.server_error"
