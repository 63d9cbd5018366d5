"""The first rows, and the triggers by which they are written once."""

import django.contrib.postgres.fields
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION signals_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is written once: add what is new instead', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
CREATE FUNCTION signals_announce_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.announced_at IS NULL AND (to_jsonb(OLD) - 'announced_at') = (to_jsonb(NEW) - 'announced_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'of a signal only announced_at may be set, once' USING ERRCODE = '23001';
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON signal FOR EACH ROW EXECUTE FUNCTION signals_announce_once();
CREATE TRIGGER kept BEFORE DELETE ON signal FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON view_bar FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON view_summary FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON calibration FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE SEQUENCE judge_run;
"""
ALLOW = """
DROP SEQUENCE judge_run;
DROP FUNCTION signals_refuse CASCADE;
DROP FUNCTION signals_announce_once CASCADE;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ViewBar',
            fields=[
                ('pk', models.CompositePrimaryKey('symbol', 'interval', 'market', 'start', 'run', blank=True, editable=False, primary_key=True, serialize=False)),
                ('symbol', models.TextField()),
                ('interval', models.TextField()),
                ('market', models.TextField()),
                ('start', models.DateTimeField()),
                ('run', models.BigIntegerField()),
                ('seen_at', models.DateTimeField()),
                ('open', models.FloatField()),
                ('high', models.FloatField()),
                ('low', models.FloatField()),
                ('close', models.FloatField()),
                ('volume', models.FloatField(null=True)),
                ('vendor', models.TextField()),
                ('simulated', models.BooleanField()),
            ],
            options={
                'db_table': 'view_bar',
            },
        ),
        migrations.CreateModel(
            name='ViewSummary',
            fields=[
                ('pk', models.CompositePrimaryKey('underlying', 'market', 'session', 'run', blank=True, editable=False, primary_key=True, serialize=False)),
                ('underlying', models.TextField()),
                ('market', models.TextField()),
                ('session', models.DateField()),
                ('run', models.BigIntegerField()),
                ('seen_at', models.DateTimeField()),
                ('digest', models.TextField()),
                ('summary', models.JSONField()),
            ],
            options={
                'db_table': 'view_summary',
            },
        ),
        migrations.CreateModel(
            name='Calibration',
            fields=[
                ('version', models.BigAutoField(primary_key=True, serialize=False)),
                ('market', models.TextField()),
                ('horizon', models.TextField()),
                ('agent_set', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('through', models.DateTimeField(null=True)),
                ('outcomes', models.BigIntegerField()),
                ('is_warm', models.BooleanField()),
                ('state', models.JSONField()),
            ],
            options={
                'db_table': 'calibration',
                'ordering': ('-version',),
                'indexes': [models.Index(fields=['market', 'horizon', 'agent_set', '-version'], name='calibration_newest')],
            },
        ),
        migrations.CreateModel(
            name='Ledger',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('ref', models.UUIDField()),
                ('payload', models.TextField()),
                ('previous', models.TextField()),
                ('head', models.TextField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'ledger',
                'db_table': 'ledger',
                'ordering': ('-seq',),
                'indexes': [models.Index(fields=['ref'], name='ledger_by_ref')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('seq', models.BigAutoField(primary_key=True, serialize=False)),
                ('signal', models.UUIDField(unique=True)),
                ('market', models.TextField()),
                ('symbol', models.TextField()),
                ('horizon', models.TextField()),
                ('lean', models.TextField()),
                ('action', models.TextField()),
                ('score', models.FloatField()),
                ('confidence', models.FloatField(null=True)),
                ('at', models.DateTimeField()),
                ('entered_at', models.DateTimeField()),
                ('entry', models.FloatField()),
                ('exited_at', models.DateTimeField()),
                ('exit', models.FloatField()),
                ('gross', models.FloatField()),
                ('net', models.FloatField()),
                ('won', models.BooleanField()),
                ('in_range', models.BooleanField(null=True)),
                ('regime', models.TextField()),
                ('agent_set', models.TextField()),
                ('simulated', models.BooleanField()),
                ('opinions', models.JSONField()),
                ('base_rate', models.FloatField(null=True)),
                ('scored_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'outcome',
                'ordering': ('-exited_at', 'symbol'),
                'indexes': [models.Index(fields=['market', 'horizon', 'seq'], name='outcome_by_horizon'), models.Index(fields=['market', 'symbol', 'horizon', '-exited_at'], name='outcome_by_symbol')],
            },
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('market', models.TextField()),
                ('symbol', models.TextField()),
                ('horizon', models.TextField()),
                ('at', models.DateTimeField()),
                ('judged_at', models.DateTimeField()),
                ('action', models.TextField()),
                ('lean', models.TextField()),
                ('score', models.FloatField()),
                ('price', models.FloatField()),
                ('calibrated', models.JSONField(null=True)),
                ('expected', models.JSONField(null=True)),
                ('record', models.JSONField(null=True)),
                ('opinions', models.JSONField()),
                ('gates', models.JSONField()),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('reasoning', models.TextField()),
                ('agent_set', models.TextField()),
                ('weights', models.JSONField()),
                ('inputs', models.TextField()),
                ('decision', models.TextField()),
                ('simulated', models.BooleanField()),
                ('knowledge', models.JSONField()),
                ('announces', models.BooleanField()),
                ('announced_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'signal',
                'ordering': ('-at', 'symbol'),
                'indexes': [models.Index(fields=['market', 'symbol', 'horizon', '-at'], name='signal_by_symbol'), models.Index(fields=['market', '-at'], name='signal_by_time'), models.Index(condition=models.Q(('announced_at', None), ('announces', True)), fields=['judged_at'], name='signal_to_announce')],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
