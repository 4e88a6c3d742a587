"""Format 1: the events, which nothing changes any more, and how far they go."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a journal is only appended to: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$
"""
_FORWARDS = """
CREATE FUNCTION only_forwards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sequence <= OLD.sequence THEN
    RAISE EXCEPTION 'the head of a journal moves forwards: % after % is refused',
      NEW.sequence, OLD.sequence;
  END IF;
  RETURN NEW;
END $$
"""
_TRIGGERS = (
    (
        "CREATE TRIGGER no_row_changes BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    "CREATE TRIGGER not_emptied BEFORE TRUNCATE ON event EXECUTE FUNCTION refuse_change()",
    (
        "CREATE TRIGGER only_forwards BEFORE UPDATE ON head "
        "FOR EACH ROW EXECUTE FUNCTION only_forwards()"
    ),
    "CREATE TRIGGER not_removed BEFORE DELETE OR TRUNCATE ON head EXECUTE FUNCTION refuse_change()",
    # also where the session plays a replica, in which ordinary triggers are passed over
    "ALTER TABLE event ENABLE ALWAYS TRIGGER no_row_changes",
    "ALTER TABLE event ENABLE ALWAYS TRIGGER not_emptied",
    "ALTER TABLE head ENABLE ALWAYS TRIGGER only_forwards",
    "ALTER TABLE head ENABLE ALWAYS TRIGGER not_removed",
)


def upgrade() -> None:
    """Make the tables, and what keeps them from being changed."""
    op.create_table(
        "event",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("schema", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "head",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.execute("INSERT INTO head VALUES (true, 0, decode(repeat('00', 32), 'hex'))")
    for statement in (_REFUSE, _FORWARDS, *_TRIGGERS):
        op.execute(statement)
