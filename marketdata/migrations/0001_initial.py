"""The first rows. `quote` is made in SQL, because Django has no word for partitions."""

import marketdata.models
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.functions import Now


def quote_columns():
    return [
        ('symbol', models.TextField()),
        ('vendor', models.TextField()),
        ('as_of', models.DateTimeField()),
        ('received_at', models.DateTimeField()),
        ('price', models.FloatField(null=True)),
        ('bid', models.FloatField(null=True)),
        ('ask', models.FloatField(null=True)),
        ('bid_size', models.FloatField(null=True)),
        ('ask_size', models.FloatField(null=True)),
        ('quote_as_of', models.DateTimeField(null=True)),
        ('open', models.FloatField(null=True)),
        ('high', models.FloatField(null=True)),
        ('low', models.FloatField(null=True)),
        ('previous_close', models.FloatField(null=True)),
        ('volume', models.FloatField(null=True)),
        ('currency', models.TextField(null=True)),
        ('session', models.TextField()),
        ('ext_price', models.FloatField(null=True)),
        ('ext_as_of', models.DateTimeField(null=True)),
        ('feed', models.TextField(null=True)),
        ('delayed_by', models.IntegerField(null=True)),
        ('simulated', models.BooleanField(default=False)),
        ('flags', ArrayField(base_field=models.TextField(), default=list, size=None)),
        ('market', models.TextField()),
    ]


QUOTE = """
CREATE TABLE quote (
    symbol text NOT NULL,
    vendor text NOT NULL,
    as_of timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    price float8,
    bid float8,
    ask float8,
    bid_size float8,
    ask_size float8,
    quote_as_of timestamptz,
    open float8,
    high float8,
    low float8,
    previous_close float8,
    volume float8,
    currency text,
    session text NOT NULL,
    ext_price float8,
    ext_as_of timestamptz,
    feed text,
    delayed_by integer,
    simulated boolean NOT NULL,
    flags text[] NOT NULL DEFAULT '{}',
    market text NOT NULL,
    PRIMARY KEY (symbol, as_of, vendor)
) PARTITION BY RANGE (as_of);

-- The key above reads one symbol's history. This one costs nothing to keep: spans of time, and whether a day holds rows
-- of a market at all (asked by the retention).
CREATE INDEX quote_time ON quote USING brin (as_of, market) WITH (pages_per_range = 32);

CREATE VIEW quote_row AS
SELECT *, concat_ws('|', symbol, to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), vendor) AS id
FROM quote;
"""
TUNE = """
-- Rows that are rewritten every few seconds stay on their page, without touching an index.
ALTER TABLE latest SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);
ALTER TABLE bar SET (fillfactor = 90);
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='QuoteRow',
            fields=[
                *quote_columns(),
                ('id', models.TextField(primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'quote',
                'db_table': 'quote_row',
                'ordering': ('-as_of',),
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Bar',
            fields=[
                ('pk', models.CompositePrimaryKey('symbol', 'interval', 'market', 'start', blank=True, editable=False, primary_key=True, serialize=False)),
                ('symbol', models.TextField()),
                ('interval', models.TextField()),
                ('market', models.TextField()),
                ('start', models.DateTimeField()),
                ('open', models.FloatField()),
                ('high', models.FloatField()),
                ('low', models.FloatField()),
                ('close', models.FloatField()),
                ('volume', models.FloatField(null=True)),
                ('vendor', models.TextField()),
                ('adjusted', models.BooleanField()),
                ('simulated', models.BooleanField()),
                ('partial', models.BooleanField()),
            ],
            options={
                'db_table': 'bar',
            },
        ),
        migrations.CreateModel(
            name='Coverage',
            fields=[
                ('pk', models.CompositePrimaryKey('symbol', 'interval', 'market', 'page', blank=True, editable=False, primary_key=True, serialize=False)),
                ('symbol', models.TextField()),
                ('interval', models.TextField()),
                ('market', models.TextField()),
                ('page', models.DateField()),
                ('complete', marketdata.models.Ranges()),
                ('partial', marketdata.models.Ranges()),
                ('missing', marketdata.models.Ranges()),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'coverage',
            },
        ),
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('key', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'cursor',
            },
        ),
        migrations.CreateModel(
            name='Quarantine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=Now(), db_index=True)),
                ('symbol', models.TextField()),
                ('vendor', models.TextField()),
                ('reason', models.TextField()),
                ('quote', models.JSONField()),
            ],
            options={
                'verbose_name_plural': 'quarantine',
                'db_table': 'quarantine',
                'ordering': ('-at',),
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(QUOTE, "DROP VIEW quote_row; DROP TABLE quote"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='Quote',
                    fields=[
                        *quote_columns(),
                        ('pk', models.CompositePrimaryKey('symbol', 'as_of', 'vendor', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'db_table': 'quote',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='SourceSwitch',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('enabled', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'source',
                'db_table': 'source',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Symbol',
            fields=[
                ('symbol', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('position', models.IntegerField(default=0)),
                ('watched', models.BooleanField(default=True)),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'db_table': 'symbol',
                'ordering': ('position', 'symbol'),
            },
        ),
        migrations.CreateModel(
            name='Latest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                *quote_columns(),
            ],
            options={
                'verbose_name': 'latest quote',
                'db_table': 'latest',
                'ordering': ('symbol',),
                'constraints': [models.UniqueConstraint(fields=('symbol', 'market'), name='latest_key')],
            },
        ),
        migrations.RunSQL(TUNE, migrations.RunSQL.noop),
    ]
