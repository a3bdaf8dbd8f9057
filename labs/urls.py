from django.urls import URLPattern, path

from labs.ihc import views as ihc

app_name = "labs"

urlpatterns: list[URLPattern] = [
    path("ihc/", ihc.stain_list, name="stains"),
    path("ihc/<int:pk>/", ihc.stain_read, name="stain-read"),
    path("ihc/<int:pk>/history/", ihc.read_history, name="read-history"),
]
