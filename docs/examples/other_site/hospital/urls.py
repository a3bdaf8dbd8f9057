from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("hepatica/", include("registry.urls")),
    path("hepatica/", include("labs.urls")),
    path("admin/", admin.site.urls),
]
