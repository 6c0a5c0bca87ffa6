"""The addresses of alerts and sharing; `console.urls` takes them into its own."""

from django.urls import path

from trustedtruck.console.alerts import alerts, changes, hits, sharing

_ONE = "alerts/<uuid:alert_id>/"
_PARTNER = "partners/<str:agency>/"
alert_pages = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/issue/", alerts.issue, name="alert-issue"),
    path("alerts/hits/", hits.hits, name="hits"),
    path("alerts/hits/<uuid:hit_id>/<str:change>/", hits.judge, name="hit-judge"),
    path("alerts/patterns/", hits.patterns, name="patterns"),
    path(
        "alerts/patterns/<uuid:finding_id>/<str:change>/", hits.judge_pattern, name="pattern-judge"
    ),
    path("alerts/quarantine/", sharing.quarantine, name="quarantine"),
    path(
        "alerts/quarantine/<uuid:inbound_id>/<str:change>/", sharing.decide, name="inbound-decide"
    ),
    path("alerts/feedback/<uuid:feedback_id>/seizure/", changes.seizure, name="seizure"),
    path("alerts/releases/<int:seq>/recall/", changes.recall_copy, name="release-recall"),
    path(_ONE, alerts.alert, name="alert"),
    path(f"{_ONE}change/", alerts.amend, name="alert-amend"),
    path(f"{_ONE}withdraw/", changes.withdraw, name="alert-withdraw"),
    path(f"{_ONE}review/", changes.review, name="alert-review"),
    path(f"{_ONE}renew/", changes.renew, name="alert-renew"),
    path(f"{_ONE}feedback/", changes.feedback, name="alert-feedback"),
    path("partners/", sharing.partners, name="partners"),
    path(_PARTNER, sharing.partner, name="partner"),
    path(f"{_PARTNER}change/", sharing.change, name="partner-change"),
    path(f"{_PARTNER}agreements/", sharing.sign, name="agreement-sign"),
    path("agreements/<int:agreement_id>/end/", sharing.end, name="agreement-end"),
    path(f"{_PARTNER}keys/", sharing.key, name="partner-key"),
    path(f"{_PARTNER}keys/<str:prefix>/end/", sharing.end_key, name="partner-key-end"),
]
