"""Alerts whose verdict is to be told; those that were judged before are told no more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("options", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="optionalert",
            name="verdict_waits",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="optionalert",
            index=models.Index(condition=models.Q(("verdict_waits", True)), fields=["market"], name="option_alert_verdict"),
        ),
    ]
