"""Refuse UPDATE, DELETE and TRUNCATE on what was written once for all.

The owner of the database can remove a trigger: the signed checkpoints that other sides witnessed
are the proof that nobody did.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
"""

TRIGGERS = """
CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

NO_TRIGGERS = """
DROP TRIGGER append_only_row ON {table};
DROP TRIGGER append_only_table ON {table};
"""


def append_only(table: str) -> migrations.RunSQL:
    """Return the operation that freezes the rows of a table."""
    return migrations.RunSQL(TRIGGERS.format(table=table), NO_TRIGGERS.format(table=table))


class Migration(migrations.Migration):
    """The journal and the checkpoints witnessed."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION refuse_change();"),
        append_only("audit_journalentry"),
        append_only("audit_witnessedcheckpoint"),
    ]
