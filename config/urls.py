from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("analysis.urls")),
    path("", include("registry.urls")),
    path("", include("labs.urls")),
    path("api/v1/", include("config.api")),
    path("fhir/", include("labs.connectors.fhir.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "registry.api.errors.bad_request"
handler403 = "registry.api.errors.refused"
handler404 = "registry.api.errors.not_found"
handler500 = "registry.api.errors.server_error"
