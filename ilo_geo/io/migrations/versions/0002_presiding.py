"""Who presides a sitting and cast a vote, and why a sitting was cancelled.

Nullable, and left out of the audit log's digests while they hold nothing: what was written before
stays as the log tells it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("sitting", sa.Column("cancel_reason", sa.Text(), nullable=True))
    op.add_column("sitting", sa.Column("presided_by", sa.Text(), nullable=True))
    op.add_column("ballot", sa.Column("casting_by", sa.Text(), nullable=True))
