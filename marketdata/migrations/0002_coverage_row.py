"""The gap ledger with counts instead of sets, as a person reads it."""

from django.db import migrations, models

VIEW = """
CREATE VIEW coverage_row AS
SELECT concat_ws('|', symbol, "interval", market, page) AS id, symbol, "interval", market, page, checked_at,
       counted.complete, counted.partial, counted.missing
FROM coverage, LATERAL (
    SELECT {}
) AS counted;
"""
COUNT = """
(SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)::bigint
        / CASE "interval" WHEN '1d' THEN 86400 ELSE 60 END FROM unnest(coverage.{0}) AS span) AS {0}"""


class Migration(migrations.Migration):

    dependencies = [
        ('marketdata', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoverageRow',
            fields=[
                ('id', models.TextField(primary_key=True, serialize=False)),
                ('symbol', models.TextField()),
                ('interval', models.TextField()),
                ('market', models.TextField()),
                ('page', models.DateField()),
                ('complete', models.IntegerField()),
                ('partial', models.IntegerField()),
                ('missing', models.IntegerField()),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'coverage',
                'verbose_name_plural': 'coverage',
                'db_table': 'coverage_row',
                'ordering': ('-page', 'symbol'),
                'managed': False,
            },
        ),
        migrations.RunSQL(
            VIEW.format(",".join(COUNT.format(state) for state in ("complete", "partial", "missing"))),
            "DROP VIEW coverage_row",
        ),
    ]
