"""The council's first tables.

On PostGIS the shape of a proposal is kept a second time as a ``geometry`` with an index, computed
by the database itself: QGIS reads it, nothing of ours does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

POSTGIS = "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'"


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("erased_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_account_pseudonym")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_key_at", "attempt", ["key", "at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id", "seq"], unique=False)
    op.create_table(
        "setting",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
    )
    op.create_table(
        "sitting",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=True),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("members", sa.JSON(), nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("current_proposal_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint("number", name=op.f("uq_sitting_number")),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("sitting_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        _refers("attendance", "account_id", "account"),
        _refers("attendance", "sitting_id", "sitting"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "sitting_id", "account_id", name=op.f("uq_attendance_sitting_id_account_id")
        ),
    )
    op.create_index(op.f("ix_attendance_account_id"), "attendance", ["account_id"], unique=False)
    op.create_index(op.f("ix_attendance_sitting_id"), "attendance", ["sitting_id"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("envelope_soles", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(length=30), nullable=False),
        sa.Column("phase_days", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("campaign", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(op.f("ix_campaign_account_id"), "campaign", ["account_id"], unique=False)
    op.create_table(
        "phase_change",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("from_phase", sa.String(length=30), nullable=False),
        sa.Column("to_phase", sa.String(length=30), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _refers("phase_change", "campaign_id", "campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_change")),
    )
    op.create_index(
        op.f("ix_phase_change_campaign_id"), "phase_change", ["campaign_id"], unique=False
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_invitation_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    op.create_index(op.f("ix_invitation_created_by"), "invitation", ["created_by"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_login_session")),
    )
    op.create_index(
        op.f("ix_login_session_account_id"), "login_session", ["account_id"], unique=False
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_scenario_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
    )
    op.create_index(op.f("ix_scenario_account_id"), "scenario", ["account_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("srid", sa.Integer(), nullable=False),
        sa.Column("min_x", sa.Float(), nullable=False),
        sa.Column("min_y", sa.Float(), nullable=False),
        sa.Column("max_x", sa.Float(), nullable=False),
        sa.Column("max_y", sa.Float(), nullable=False),
        sa.Column("cost_min_soles", sa.BigInteger(), nullable=True),
        sa.Column("cost_max_soles", sa.BigInteger(), nullable=True),
        sa.Column("funds_source", sa.Text(), nullable=False),
        sa.Column("invierte_code", sa.String(length=20), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("commitment", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=30), nullable=False),
        sa.Column("origin_ref", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_since", sa.String(32), nullable=False),
        sa.Column("feasibility", sa.String(length=30), nullable=False),
        sa.Column("feasibility_reason", sa.Text(), nullable=False),
        sa.Column("feasibility_by", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_proposal_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("number", name=op.f("uq_proposal_number")),
    )
    op.create_index(op.f("ix_proposal_account_id"), "proposal", ["account_id"], unique=False)
    op.create_index(
        "ix_proposal_box", "proposal", ["min_x", "max_x", "min_y", "max_y"], unique=False
    )
    op.create_index(op.f("ix_proposal_campaign_id"), "proposal", ["campaign_id"], unique=False)
    op.create_index("ix_proposal_state_kind", "proposal", ["state", "kind", "account_id"])
    op.create_index(op.f("ix_proposal_zone"), "proposal", ["zone"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("sitting_id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at_close", sa.JSON(), nullable=True),
        _refers("agenda_item", "proposal_id", "proposal"),
        _refers("agenda_item", "sitting_id", "sitting"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint(
            "sitting_id", "proposal_id", name=op.f("uq_agenda_item_sitting_id_proposal_id")
        ),
    )
    op.create_index(
        op.f("ix_agenda_item_proposal_id"), "agenda_item", ["proposal_id"], unique=False
    )
    op.create_index(op.f("ix_agenda_item_sitting_id"), "agenda_item", ["sitting_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("sitting_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("closes_at", sa.String(32), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("n_members", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("n_for", sa.Integer(), nullable=False),
        sa.Column("n_against", sa.Integer(), nullable=False),
        sa.Column("n_abstain", sa.Integer(), nullable=False),
        sa.Column("casting", sa.String(length=20), nullable=False),
        sa.Column("casting_reason", sa.Text(), nullable=False),
        _refers("ballot", "proposal_id", "proposal"),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_ballot_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_ballot_proposal_id_number")),
    )
    op.create_index(op.f("ix_ballot_proposal_id"), "ballot", ["proposal_id"], unique=False)
    op.create_index(op.f("ix_ballot_sitting_id"), "ballot", ["sitting_id"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("stance", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("hidden_at", sa.String(32), nullable=True),
        sa.Column("hidden_by", sa.String(length=64), nullable=False),
        sa.Column("hidden_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_comment_account_id")),
        _refers("comment", "proposal_id", "proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_account_id"), "comment", ["account_id"], unique=False)
    op.create_index(op.f("ix_comment_proposal_id"), "comment", ["proposal_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("removed_at", sa.String(32), nullable=True),
        sa.Column("removed_reason", sa.Text(), nullable=False),
        _refers("document", "proposal_id", "proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_proposal_id"), "document", ["proposal_id"], unique=False)
    op.create_table(
        "scenario_item",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("scenario_id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_scenario_item_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_item_scenario_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_item")),
        sa.UniqueConstraint(
            "scenario_id", "proposal_id", name=op.f("uq_scenario_item_scenario_id_proposal_id")
        ),
    )
    op.create_index(
        op.f("ix_scenario_item_proposal_id"), "scenario_item", ["proposal_id"], unique=False
    )
    op.create_index(
        op.f("ix_scenario_item_scenario_id"), "scenario_item", ["scenario_id"], unique=False
    )
    op.create_table(
        "sheet",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("geometry_sha256", sa.String(length=64), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_sheet_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
    )
    op.create_index(op.f("ix_sheet_proposal_id"), "sheet", ["proposal_id"], unique=False)
    op.create_table(
        "state_change",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=30), nullable=False),
        sa.Column("to_state", sa.String(length=30), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _refers("state_change", "proposal_id", "proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_change")),
    )
    op.create_index(
        op.f("ix_state_change_proposal_id"), "state_change", ["proposal_id"], unique=False
    )
    op.create_table(
        "support",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_support_account_id")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_support_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint(
            "proposal_id", "account_id", name=op.f("uq_support_proposal_id_account_id")
        ),
    )
    op.create_index(op.f("ix_support_account_id"), "support", ["account_id"], unique=False)
    op.create_index(op.f("ix_support_proposal_id"), "support", ["proposal_id"], unique=False)
    op.create_table(
        "vote",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ballot_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_vote_account_id")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_vote_ballot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("ballot_id", "account_id", name=op.f("uq_vote_ballot_id_account_id")),
    )
    op.create_index(op.f("ix_vote_account_id"), "vote", ["account_id"], unique=False)
    op.create_index(op.f("ix_vote_ballot_id"), "vote", ["ballot_id"], unique=False)

    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and connection.execute(sa.text(POSTGIS)).scalar():
        op.execute(
            "ALTER TABLE proposal ADD COLUMN geom geometry"
            " GENERATED ALWAYS AS (ST_GeomFromWKB(geometry, srid)) STORED"
        )
        op.execute("CREATE INDEX ix_proposal_geom ON proposal USING gist (geom)")
