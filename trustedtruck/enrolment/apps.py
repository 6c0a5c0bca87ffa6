from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    """Vetting and review: services over carriers, credentials and lanes. No tables."""

    name = "trustedtruck.enrolment"
    label = "enrolment"
