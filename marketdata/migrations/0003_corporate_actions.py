"""Splits and dividends, and which of them the prices of a bar contain."""

from django.db import migrations, models

BASIS = """UPDATE bar SET basis = (now() AT TIME ZONE 'America/New_York')::date WHERE adjusted"""


class Migration(migrations.Migration):

    dependencies = [
        ('marketdata', '0002_coverage_row'),
    ]

    operations = [
        migrations.CreateModel(
            name='CorporateAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('symbol', models.TextField()),
                ('market', models.TextField()),
                ('ex_date', models.DateField()),
                ('kind', models.TextField()),
                ('value', models.FloatField()),
                ('factor', models.FloatField(null=True)),
                ('vendor', models.TextField()),
            ],
            options={
                'db_table': 'corporate_action',
                'ordering': ('-ex_date', 'symbol'),
                'constraints': [models.UniqueConstraint(fields=('symbol', 'market', 'ex_date', 'kind'), name='corporate_action_key')],
                'indexes': [models.Index(fields=['market', 'kind', 'ex_date'], name='corporate_action_by_date')],
            },
        ),
        migrations.AddField(
            model_name='bar',
            name='basis',
            field=models.DateField(null=True),
        ),
        migrations.RunSQL(BASIS, migrations.RunSQL.noop),
    ]
