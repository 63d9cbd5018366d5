"""The scoreboard: what each source did on each day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('marketdata', '0003_corporate_actions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.TextField()),
                ('day', models.DateField()),
                ('answers', models.IntegerField(default=0)),
                ('pushes', models.BigIntegerField(default=0)),
                ('errors', models.IntegerField(default=0)),
                ('gaps', models.IntegerField(default=0)),
                ('disagreements', models.IntegerField(default=0)),
                ('outages', models.IntegerField(default=0)),
                ('outage_seconds', models.IntegerField(default=0)),
                ('latency_p50_ms', models.FloatField(null=True)),
                ('latency_p95_ms', models.FloatField(null=True)),
                ('push_p50_ms', models.FloatField(null=True)),
                ('push_p95_ms', models.FloatField(null=True)),
            ],
            options={
                'verbose_name': "source's day",
                'verbose_name_plural': 'scoreboard',
                'db_table': 'source_day',
                'ordering': ('-day', 'source'),
                'constraints': [models.UniqueConstraint(fields=('source', 'day'), name='source_day_key')],
            },
        ),
    ]
