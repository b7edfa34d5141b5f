"""Refuse UPDATE, DELETE and TRUNCATE on the evidence of a delay."""

from importlib import import_module

from django.db import migrations

append_only = import_module("ecluse.portal.audit.migrations.0002_append_only").append_only


class Migration(migrations.Migration):
    """What grounds a measure against a holder stays as it was frozen."""

    dependencies = [("audit", "0002_append_only"), ("holders", "0001_initial")]

    operations = [append_only("holders_delayevidence")]
