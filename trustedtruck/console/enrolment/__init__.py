"""Enrolment officers' pages: applications, visits, sanctions, plans, appeals."""
