"""Refuse UPDATE, DELETE and TRUNCATE on documents sent and received, and on the files they name."""

from importlib import import_module

from django.db import migrations

append_only = import_module("ecluse.portal.audit.migrations.0002_append_only").append_only


class Migration(migrations.Migration):
    """Documents never change: what was signed is what stays."""

    dependencies = [("mailbox", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        append_only("mailbox_outgoingdocument"),
        append_only("mailbox_incomingdocument"),
        append_only("mailbox_announcedfile"),
        append_only("mailbox_offeredfile"),
        append_only("mailbox_numberslost"),
    ]
