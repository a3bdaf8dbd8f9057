from django.urls import URLPattern, path

from registry.api import cohorts, enrolments, patients
from registry.api.documentation import offer
from registry.api.endpoints import expose
from registry.api.facts import fact_urls

offer("cohorts", cohorts.Cohorts)
offer("patients", patients.Patients)
offer("enrolments", enrolments.Enrolments)

urlpatterns: list[URLPattern] = [
    path("cohorts/", expose(cohorts.Cohorts), name="cohorts"),
    path("cohorts/<slug:code>/", expose(cohorts.OneCohort), name="cohort"),
    path("patients/", expose(patients.Patients), name="patients"),
    path("patients/<str:study_number>/", expose(patients.OnePatient), name="patient"),
    path("patients/<str:study_number>/identity/", expose(patients.Identity), name="identity"),
    path("enrolments/", expose(enrolments.Enrolments), name="enrolments"),
    path("enrolments/<int:pk>/", expose(enrolments.OneEnrolment), name="enrolment"),
    path("enrolments/<int:pk>/withdraw/", expose(enrolments.Withdrawal), name="withdraw"),
    path("enrolments/<int:pk>/baseline/", expose(enrolments.BaselineOfEnrolment), name="baseline"),
    path("enrolments/<int:pk>/response/", expose(enrolments.ResponseOfEnrolment), name="response"),
    path("enrolments/<int:pk>/outcomes/", expose(enrolments.OutcomesOfEnrolment), name="outcomes"),
    *fact_urls(),
]
