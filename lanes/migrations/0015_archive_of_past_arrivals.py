"""Where past arrivals go: partitioned by month, and by port below it, which Django cannot say."""

from django.db import migrations, models

TABLE = """
CREATE TABLE lanes_archivedarrival (
    arrival_id uuid NOT NULL,
    port_id varchar(4) NOT NULL,
    event_id varchar(64) NOT NULL,
    received_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by varchar(16) NOT NULL,
    route varchar(10) NOT NULL,
    carrier_id bigint,
    truck_id bigint,
    arrival jsonb NOT NULL,
    assignment jsonb NOT NULL,
    passages jsonb NOT NULL,
    redirections jsonb NOT NULL,
    PRIMARY KEY (received_at, port_id, arrival_id)
) PARTITION BY RANGE (received_at);
CREATE INDEX archived_by_arrival ON lanes_archivedarrival (arrival_id);
CREATE INDEX archived_by_event ON lanes_archivedarrival (port_id, event_id);
CREATE INDEX archived_by_truck ON lanes_archivedarrival (truck_id, decided_at DESC);
CREATE INDEX archived_by_carrier ON lanes_archivedarrival (carrier_id, decided_at DESC);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lanes", "0014_commit_tells_the_answer"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE lanes_archivedarrival;")],
            state_operations=[
                migrations.CreateModel(
                    name="ArchivedArrival",
                    fields=[
                        ("arrival_id", models.UUIDField(primary_key=True, serialize=False)),
                        ("port_id", models.CharField(max_length=4)),
                        ("event_id", models.CharField(max_length=64)),
                        ("received_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField()),
                        ("decided_by", models.CharField(max_length=16)),
                        ("route", models.CharField(max_length=10)),
                        ("carrier_id", models.BigIntegerField(null=True)),
                        ("truck_id", models.BigIntegerField(null=True)),
                        ("arrival", models.JSONField()),
                        ("assignment", models.JSONField()),
                        ("passages", models.JSONField()),
                        ("redirections", models.JSONField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["arrival_id"], name="archived_by_arrival"),
                            models.Index(fields=["port_id", "event_id"], name="archived_by_event"),
                            models.Index(
                                fields=["truck_id", "-decided_at"], name="archived_by_truck"
                            ),
                            models.Index(
                                fields=["carrier_id", "-decided_at"], name="archived_by_carrier"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
