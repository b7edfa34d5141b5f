"""Refuse UPDATE, DELETE and TRUNCATE on interests, votes and signatures."""

from importlib import import_module

from django.db import migrations

append_only = import_module("ecluse.portal.audit.migrations.0002_append_only").append_only


class Migration(migrations.Migration):
    """What a member declared, voted or signed stays as it was."""

    dependencies = [("audit", "0002_append_only"), ("committees", "0001_initial")]

    operations = [
        append_only("committees_interest"),
        append_only("committees_ballot"),
        append_only("committees_signature"),
    ]
