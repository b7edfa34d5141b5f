"""Refuse UPDATE, DELETE and TRUNCATE on the history of the register."""

from importlib import import_module

from django.db import migrations

append_only = import_module("ecluse.portal.audit.migrations.0002_append_only").append_only


class Migration(migrations.Migration):
    """What was declared, added, done, computed and answered stays as it was written."""

    dependencies = [("audit", "0002_append_only"), ("aisystems", "0001_initial")]

    operations = [
        append_only("aisystems_systemversion"),
        append_only("aisystems_systementry"),
        append_only("aisystems_systemact"),
        append_only("aisystems_classifiedversion"),
        append_only("aisystems_surveyanswer"),
    ]
