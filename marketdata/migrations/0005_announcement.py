"""The messages that must reach everyone, beyond the memory of Redis."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('marketdata', '0004_source_day'),
    ]

    operations = [
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.TextField()),
                ('epoch', models.TextField()),
                ('seq', models.BigIntegerField()),
                ('market', models.TextField(default='')),
                ('text', models.TextField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'announcement',
                'constraints': [models.UniqueConstraint(fields=('topic', 'epoch', 'seq'), name='announcement_key')],
            },
        ),
    ]
