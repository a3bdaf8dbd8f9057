from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("hepatica/", include("registry.urls")),
    path("hepatica/", include("labs.urls")),
    # These two stand at their own addresses: errors have another shape there.
    path("api/v1/", include("hospital.api")),
    path("fhir/", include("labs.connectors.fhir.urls")),
    path("admin/", admin.site.urls),
]
