"""Outcomes that are to be told; those that were known before are told no more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("signals", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutcomeNotice",
            fields=[
                ("signal", models.UUIDField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
            ],
            options={
                "db_table": "outcome_notice",
            },
        ),
    ]
