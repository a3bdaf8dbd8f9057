from django.urls import URLPattern, path

from registry.people import views as people

app_name = "registry"

urlpatterns: list[URLPattern] = [
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("password/", people.own_password, name="password-change"),
]
