"""Refuse UPDATE, DELETE and TRUNCATE on invoices and on the money that moved."""

from importlib import import_module

from django.db import migrations

append_only = import_module("ecluse.portal.audit.migrations.0002_append_only").append_only


class Migration(migrations.Migration):
    """A wrong invoice is taken back by a credit note, never changed."""

    dependencies = [("audit", "0002_append_only"), ("fees", "0001_initial")]

    operations = [
        append_only("fees_invoice"),
        append_only("fees_payment"),
        append_only("fees_transfer"),
        append_only("fees_invoicereminder"),
    ]
