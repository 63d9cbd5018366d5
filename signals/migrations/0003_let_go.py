"""What is let go and when, and the one narrow door for it through the triggers."""

import django.contrib.postgres.fields
from django.db import migrations, models

DOOR = """
CREATE FUNCTION signals_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE door let_go%ROWTYPE;
BEGIN
    SELECT * INTO door FROM let_go WHERE id = nullif(current_setting('signals.let_go', true), '')::uuid;
    IF EXISTS (
        SELECT FROM gone LEFT JOIN ledger ON ledger.ref = gone.id AND ledger.kind = 'signal'
        WHERE door.id IS NULL OR gone.announces OR gone.horizon NOT LIKE '%m' OR gone.market <> door.market
           OR gone.at >= door.before OR gone.at >= now() - interval '8 days' OR ledger.seq IS NULL
           OR ledger.seq NOT IN (
               SELECT generate_series(door.entries_first[i], door.entries_last[i])
               FROM generate_subscripts(door.entries_first, 1) i
           )
    ) THEN
        RAISE EXCEPTION 'a row of signal is written once: add what is new instead' USING ERRCODE = '23001';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION signals_let_bars_go() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE door let_go%ROWTYPE;
BEGIN
    SELECT * INTO door FROM let_go WHERE id = nullif(current_setting('signals.let_go', true), '')::uuid;
    IF EXISTS (
        SELECT FROM gone
        WHERE door.id IS NULL OR gone."interval" <> '1m' OR gone.market <> door.market OR gone.start >= door.before
           OR gone.start >= now() - interval '8 days'
    ) THEN
        RAISE EXCEPTION 'a row of view_bar is written once: add what is new instead' USING ERRCODE = '23001';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON let_go FOR EACH ROW EXECUTE FUNCTION signals_refuse();
DROP TRIGGER kept ON signal;
CREATE TRIGGER kept AFTER DELETE ON signal REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION signals_let_go();
DROP TRIGGER written_once ON view_bar;
CREATE TRIGGER written_once BEFORE UPDATE ON view_bar FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER kept AFTER DELETE ON view_bar REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION signals_let_bars_go();
"""
WALL = """
DROP FUNCTION signals_let_bars_go CASCADE;
DROP FUNCTION signals_let_go CASCADE;
DROP TRIGGER written_once ON let_go;
DROP TRIGGER written_once ON view_bar;
CREATE TRIGGER kept BEFORE DELETE ON signal FOR EACH ROW EXECUTE FUNCTION signals_refuse();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON view_bar FOR EACH ROW EXECUTE FUNCTION signals_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("signals", "0002_outcome_notice"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetGo",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
                ("at", models.DateTimeField()),
                ("before", models.DateTimeField()),
                ("days", models.IntegerField()),
                ("first", models.DateTimeField()),
                ("last", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("entries_first", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("entries_last", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                "verbose_name_plural": "let go",
                "db_table": "let_go",
                "ordering": ("-at",),
            },
        ),
        migrations.RunSQL(DOOR, WALL),
    ]
