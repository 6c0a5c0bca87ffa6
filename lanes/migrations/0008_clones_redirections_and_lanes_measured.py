"""Clones by QR code, trucks redirected from a lane, passages found by lane."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_officers_notices"),
        ("lanes", "0007_exams_owed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Redirection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "route",
                    models.CharField(
                        choices=[("fast", "fast lane"), ("inspection", "inspection")], max_length=10
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("lane_closed", "the lane was closed"),
                            ("lane_changed", "the lane was changed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("redirected_by", models.CharField(max_length=64)),
                ("redirected_at", models.DateTimeField()),
            ],
        ),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(
                choices=[
                    (
                        "fast_without_decision",
                        "a truck went through a fast lane without a decision for it",
                    ),
                    ("alert", "a truck that is here has come under an alert"),
                    (
                        "clone",
                        "the same tag or QR code was seen at two gates within an impossible time",
                    ),
                    ("no_show", "a truck did not appear at the station that it was ordered to"),
                    ("long_stop", "a released truck stopped for too long before the second point"),
                ],
                max_length=32,
            ),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(
                django.db.models.functions.text.MD5("qr"),
                models.OrderBy(models.F("received_at"), descending=True),
                condition=models.Q(("qr", ""), _negated=True),
                name="arrival_by_qr_and_time",
            ),
        ),
        migrations.AddIndex(
            model_name="passage",
            index=models.Index(
                condition=models.Q(("point", "lane")),
                fields=["lane", "-at"],
                name="passage_by_lane_and_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "clone")),
                fields=("arrival",),
                name="clone_alarm_once_an_arrival",
            ),
        ),
        migrations.AddField(
            model_name="redirection",
            name="arrival",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redirections",
                to="lanes.arrival",
            ),
        ),
        migrations.AddField(
            model_name="redirection",
            name="from_lane",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lanes.lane"
            ),
        ),
        migrations.AddField(
            model_name="redirection",
            name="lane",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lanes.lane"
            ),
        ),
        migrations.AddField(
            model_name="redirection",
            name="port",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lanes.port"
            ),
        ),
        migrations.AddConstraint(
            model_name="redirection",
            constraint=models.CheckConstraint(
                condition=models.Q(("lane", models.F("from_lane")), _negated=True),
                name="redirection_leads_elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="redirection",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["fast", "inspection"])),
                name="redirection_route_is_known",
            ),
        ),
    ]
