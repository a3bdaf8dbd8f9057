from collections.abc import Iterator

from django.urls import URLPattern, path

from registry.clinical import enrolment_views as enrolments
from registry.clinical import views as clinical
from registry.clinical.kinds import KINDS
from registry.cohorts import views as cohorts
from registry.export import views as exports
from registry.patients import due_views as dues
from registry.patients import history_views as histories
from registry.patients import identity_views as identities
from registry.patients import views as patients
from registry.people import views as people
from registry.tokens import views as tokens

app_name = "registry"


def fact_urls(slug: str) -> Iterator[URLPattern]:
    """The pages of one kind of fact, each address spelled out so that every one has its row in the access matrix."""
    base, kind = f"patients/<str:study_number>/{slug}", {"slug": slug}
    yield path(f"{base}/add/", clinical.fact_add, kind, name=f"{slug}-add")
    yield path(f"{base}/<int:pk>/", clinical.fact_correct, kind, name=f"{slug}-correct")
    yield path(f"{base}/<int:pk>/retire/", clinical.fact_retire_page, kind, name=f"{slug}-retire")
    yield path(f"{base}/<int:pk>/history/", histories.fact_history, kind, name=f"{slug}-history")


MEMBER = "patients/<str:study_number>/in/<slug:code>"

urlpatterns: list[URLPattern] = [
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("password/", people.own_password, name="password-change"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/revoke/", tokens.token_revoke_page, name="token-revoke"),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("cohorts/<slug:code>/", cohorts.cohort, name="cohort"),
    path("cohorts/<slug:code>/edit/", cohorts.cohort_edit, name="cohort-edit"),
    path("cohorts/<slug:code>/history/", cohorts.cohort_history, name="cohort-history"),
    path("patients/", patients.patients, name="patients"),
    path("new-patient/", patients.patient_new, name="patient-new"),
    path("patients/<str:study_number>/", patients.patient, name="patient"),
    path("patients/<str:study_number>/correct/", patients.patient_correct, name="patient-correct"),
    path("patients/<str:study_number>/enrol/", patients.enrol, name="enrol"),
    path("patients/<str:study_number>/identity/", identities.identity, name="identity"),
    path("patients/<str:study_number>/history/", histories.patient_history, name="patient-history"),
    path(f"{MEMBER}/baseline/", enrolments.baseline, name="baseline"),
    path(f"{MEMBER}/response/", enrolments.response, name="response"),
    path(f"{MEMBER}/variables/", enrolments.extra_values, name="extra-values"),
    path(f"{MEMBER}/index-date/", enrolments.index_date, name="index-date"),
    path(f"{MEMBER}/withdraw/", enrolments.withdraw, name="withdraw"),
    path("follow-up/", dues.due, name="due"),
    path("follow-up/contact/", dues.due_contact, name="due-contact"),
    path("follow-up/file/", dues.due_file, name="due-file"),
    path("export/", exports.export, name="export"),
    *(pattern for slug in KINDS for pattern in fact_urls(slug)),
]
