"""Who is named in alerts, filings, hits, messages and copies becomes a token.

What was found by names in the open is found by keyed hashes: the index is made anew.
"""

import django.db.models
from django.db import migrations

import trustedtruck.alerts.models.keys
import trustedtruck.core.sealed
from trustedtruck.alerts.kinds import NAMES, Value, key, keys_on, most_telling
from trustedtruck.alerts.queries.matching import signed
from trustedtruck.core.sealed import seal_in_place


def seal_rows(apps, schema_editor):
    seal_in_place(schema_editor, "alerts_alert", ["reason"])
    seal_in_place(schema_editor, "alerts_criterion", ["value"])
    seal_in_place(schema_editor, "alerts_filing", ["values"], key="ref")
    seal_in_place(schema_editor, "alerts_hit", ["matched"])
    seal_in_place(schema_editor, "alerts_feedback", ["note"])
    seal_in_place(schema_editor, "alerts_seizure", ["note"])
    seal_in_place(schema_editor, "alerts_release", ["payload"], key="seq")
    seal_in_place(schema_editor, "alerts_inbound", ["body"])
    for hit in apps.get_model("alerts", "Hit").objects.only("signature").iterator():
        hit.signature = signed(hit.signature)
        hit.save(update_fields=["signature"])
    for filing in apps.get_model("alerts", "Filing").objects.iterator():
        filing.save(update_fields=["keys"])
    for criterion in apps.get_model("alerts", "Criterion").objects.iterator():
        criterion.save(update_fields=["value_mark"])
    _index_anew(apps)


def _index_anew(apps):
    Term = apps.get_model("alerts", "Term")
    for alert in apps.get_model("alerts", "Alert").objects.filter(state="active").iterator():
        clauses = {}
        for one in alert.criteria.all():
            clauses.setdefault(one.clause, []).append(Value(one.kind, one.value))
        for clause, values in clauses.items():
            first = most_telling(values)
            rest = [value for value in values if value != first]
            named = [[v.kind, v.value] for v in (first, *rest) if v.kind in NAMES]
            Term.objects.bulk_create(
                Term(
                    alert=alert,
                    clause=clause,
                    kind=first.kind,
                    slot=slot,
                    key=found,
                    others=sorted(key(v) for v in rest if v.kind not in NAMES),
                    names=named or None,
                    active=True,
                    valid_from=alert.valid_from,
                    valid_until=alert.valid_until,
                )
                for slot, found in enumerate(keys_on(first))
            )


def _sealed_text(model, name, **options):
    field = trustedtruck.core.sealed.SealedTextField(max_length=4000, **options)
    return migrations.AlterField(model, name, field)


def _sealed_document(model, name, **options):
    return migrations.AlterField(model, name, trustedtruck.core.sealed.SealedJSONField(**options))


def _token(name):
    return migrations.AlterField(
        "partner", name, trustedtruck.core.sealed.SealedToken(blank=True, default="")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0002_copies_and_inboxes"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM alerts_term", migrations.RunSQL.noop),
        migrations.RemoveConstraint("alert", "alert_says_why_and_what_to_do"),
        migrations.AddConstraint(
            "alert",
            django.db.models.CheckConstraint(
                condition=django.db.models.Q(("instruction", ""), _negated=True),
                name="alert_says_what_to_do",
            ),
        ),
        migrations.RemoveConstraint("criterion", "criterion_once_in_clause"),
        migrations.AddField(
            "criterion",
            "value_mark",
            trustedtruck.alerts.models.keys.ValueMarkField(default=0),
            preserve_default=False,
        ),
        migrations.AlterField(
            "criterion", "value", trustedtruck.core.sealed.SealedCharField(max_length=120)
        ),
        migrations.RemoveField("term", "value"),
        migrations.RemoveField("term", "close"),
        migrations.RemoveField("term", "names"),
        migrations.AddField("term", "names", trustedtruck.core.sealed.SealedJSONField(null=True)),
        migrations.AddField("term", "slot", django.db.models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField(
            "term", "key", trustedtruck.alerts.models.keys.TermKeyField(max_length=160)
        ),
        migrations.AlterField(
            "filing", "keys", trustedtruck.alerts.models.keys.FilingKeysField(size=None)
        ),
        _sealed_document("filing", "values"),
        _sealed_document("hit", "matched", null=True),
        _sealed_document("release", "payload", null=True),
        _sealed_document("inbound", "body", null=True),
        _sealed_text("alert", "reason"),
        _sealed_text("feedback", "note", blank=True, default=""),
        _sealed_text("seizure", "note", blank=True, default=""),
        _token("sealed_secret"),
        _token("sealed_inbox_secret"),
        # Last: after rows have changed, a transaction can no longer change the table.
        migrations.RunPython(seal_rows, migrations.RunPython.noop),
    ]
