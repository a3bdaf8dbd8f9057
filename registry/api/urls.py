from django.urls import URLPattern, path

from registry.api import cohorts, due, enrolments, patients, variables
from registry.api.documentation import offer
from registry.api.endpoints import expose
from registry.api.facts import fact_urls

offer("cohorts", cohorts.Cohorts)
offer("patients", patients.Patients)
offer("enrolments", enrolments.Enrolments)
offer("follow-up-due", due.FollowUpDue)

urlpatterns: list[URLPattern] = [
    path("cohorts/", expose(cohorts.Cohorts), name="cohorts"),
    path("cohorts/<slug:code>/", expose(cohorts.OneCohort), name="cohort"),
    path("cohorts/<slug:code>/variables/", expose(variables.CohortVariables), name="cohort-variables"),
    path("patients/", expose(patients.Patients), name="patients"),
    path("patients/<str:study_number>/", expose(patients.OnePatient), name="patient"),
    path("patients/<str:study_number>/identity/", expose(patients.Identity), name="identity"),
    path("enrolments/", expose(enrolments.Enrolments), name="enrolments"),
    path("enrolments/<int:pk>/", expose(enrolments.OneEnrolment), name="enrolment"),
    path("enrolments/<int:pk>/withdraw/", expose(enrolments.Withdrawal), name="withdraw"),
    path("enrolments/<int:pk>/baseline/", expose(enrolments.BaselineOfEnrolment), name="baseline"),
    path("enrolments/<int:pk>/response/", expose(enrolments.ResponseOfEnrolment), name="response"),
    path("enrolments/<int:pk>/outcomes/", expose(enrolments.OutcomesOfEnrolment), name="outcomes"),
    path("enrolments/<int:pk>/variables/", expose(variables.ValuesOfEnrolment), name="variables"),
    path("follow-up-due/", expose(due.FollowUpDue), name="follow-up-due"),
    *fact_urls(),
]
