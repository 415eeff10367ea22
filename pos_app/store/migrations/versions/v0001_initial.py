"""The schema of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORT_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Take the step, table by table."""
    for step in (
        _accounts,
        _api_keys,
        _audit,
        _backup_codes,
        _backups,
        _batches,
        _challenges,
        _charge_matters,
        _charges,
        _checkpoints,
        _consolidations,
        _cost_centres,
        _counts,
        _credit_notes,
        _currencies,
        _document_templates,
        _drawer_openings,
        _exchange_rates,
        _feed,
        _feed_head,
        _feed_seen,
        _files,
        _fiscal_days,
        _fiscal_devices,
        _fiscal_found,
        _fiscal_log,
        _fiscal_proxy,
        _fiscal_steps,
        _forgotten_references,
        _forgotten_sales,
        _guesses,
        _held_sales,
        _hub_calls,
        _idempotency,
        _incidents,
        _intake,
        _invoices,
        _item_groups,
        _items,
        _label_facts,
        _labels,
        _ledger_accounts,
        _ledger_entries,
        _made_papers,
        _mail_templates,
        _mails,
        _master_marks,
        _master_reads,
        _movements,
        _notification_marks,
        _notifications,
        _originals,
        _outbox,
        _partners,
        _password_history,
        _password_resets,
        _payment_terms,
        _payments,
        _posting_periods,
        _postings,
        _price_lists,
        _prices,
        _print_jobs,
        _printers,
        _prompts,
        _purchases,
        _rate_clients,
        _rate_days,
        _rate_windows,
        _refresh_tokens,
        _reservations,
        _sale_status,
        _sales,
        _series,
        _sessions,
        _settings,
        _shifts,
        _special_prices,
        _stock,
        _stock_levels,
        _stock_moves,
        _stock_snapshot_events,
        _stock_snapshots,
        _stock_values,
        _tallies,
        _tax_groups,
        _trades,
        _transfer_requests,
        _transfers,
        _two_factors,
        _users,
        _warehouses,
        _webhook_stock,
        _webhooks,
        _z_reports,
        _attachments,
        _barcodes,
        _charge_answers,
        _charge_refunds,
        _consolidation_members,
        _count_lines,
        _desktop_sales,
        _fiscal_journal,
        _item_recent,
        _ledger_goods,
        _ledger_lines,
        _movement_lines,
        _payment_invoices,
        _posting_steps,
        _purchase_lines,
        _purchase_receipts,
        _reservation_lines,
        _sale_change,
        _sale_lines,
        _sale_tenders,
        _shift_counts,
        _shift_movements,
        _shift_results,
        _signatures,
        _stock_snapshot_rows,
        _trade_invoices,
        _trade_lines,
        _transfer_lines,
        _transfer_request_lines,
        _webhook_deliveries,
        _webhook_messages,
        _purchase_receipt_lines,
    ):
        step()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", BIG, nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_accounts_is_active")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_accounts")),
        sqlite_strict=True,
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), server_default="", nullable=False),
        sa.Column("till", sa.Text(), server_default="", nullable=False),
        sa.Column("scope", sa.Text(), server_default="all", nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.CheckConstraint("(user_id = '') <> (till = '')", name=op.f("ck_api_keys_owner")),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_api_keys_is_active")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
        sqlite_strict=True,
    )
    op.create_index("api_keys_by_user", "api_keys", ["user_id"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
        sqlite_strict=True,
    )
    op.create_index("audit_by_action", "audit", ["action", "seq"], unique=False)
    op.create_index("audit_by_actor", "audit", ["actor", "seq"], unique=False)
    op.create_index("audit_by_subject", "audit", ["subject"], unique=False)
    op.create_index("audit_by_time", "audit", ["at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER audit_tally_insert AFTER INSERT ON audit
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('audit', '', -1, NEW.action, '', '', 0, 1),
                ('audit', '', NEW.seq / 1000, NEW.action, '', '', 0, 1),
                ('audit', '=' || NEW.actor, -1, NEW.action, '', '', 0, 1),
                ('audit', '=' || NEW.actor, NEW.seq / 1000, NEW.action, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER audit_tally_update AFTER UPDATE ON audit
            WHEN (OLD.seq / 1000, '=' || OLD.actor, OLD.action, '', '') IS NOT (NEW.seq / 1000, '=' || NEW.actor, NEW.action, '', '')
            BEGIN INSERT INTO tallies VALUES
                ('audit', '', -1, OLD.action, '', '', 0, -1),
                ('audit', '', OLD.seq / 1000, OLD.action, '', '', 0, -1),
                ('audit', '=' || OLD.actor, -1, OLD.action, '', '', 0, -1),
                ('audit', '=' || OLD.actor, OLD.seq / 1000, OLD.action, '', '', 0, -1),
                ('audit', '', -1, NEW.action, '', '', 0, 1),
                ('audit', '', NEW.seq / 1000, NEW.action, '', '', 0, 1),
                ('audit', '=' || NEW.actor, -1, NEW.action, '', '', 0, 1),
                ('audit', '=' || NEW.actor, NEW.seq / 1000, NEW.action, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER audit_tally_delete AFTER DELETE ON audit
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('audit', '', -1, OLD.action, '', '', 0, -1),
                ('audit', '', OLD.seq / 1000, OLD.action, '', '', 0, -1),
                ('audit', '=' || OLD.actor, -1, OLD.action, '', '', 0, -1),
                ('audit', '=' || OLD.actor, OLD.seq / 1000, OLD.action, '', '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION audit_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'audit', '', -1, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '', r.seq / 1000, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, -1, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, r.seq / 1000, r.action, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER audit_tally_insert AFTER INSERT ON audit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION audit_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'audit', '', -1, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '', r.seq / 1000, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, -1, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, r.seq / 1000, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '', -1, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '', r.seq / 1000, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, -1, r.action, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, r.seq / 1000, r.action, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER audit_tally_update AFTER UPDATE ON audit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION audit_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'audit', '', -1, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '', r.seq / 1000, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, -1, r.action, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'audit', '=' || r.actor, r.seq / 1000, r.action, '', '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER audit_tally_delete AFTER DELETE ON audit REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_tally_delete()
        """)


def _backup_codes() -> None:
    op.create_table(
        "backup_codes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("used_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("user_id", "number", name=op.f("pk_backup_codes")),
        sqlite_strict=True,
    )


def _backups() -> None:
    op.create_table(
        "backups",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("size", BIG, server_default="0", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.Text(), server_default="", nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("lease_until", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_backups")),
        sa.UniqueConstraint("name", name=op.f("uq_backups_name")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("backups_by_time", "backups", ["started_at"], unique=False)
    op.create_index(
        "backups_one_at_a_time",
        "backups",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'InProgress'"),
        postgresql_where=sa.text("state = 'InProgress'"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("base", BIG, nullable=False),
        sa.Column("base_seq", BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Text(), nullable=True),
        sa.Column("admission", sa.Text(), nullable=True),
        sa.Column("manufactured", sa.Text(), nullable=True),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("length(admission) = 10", name=op.f("ck_batches_admission")),
        sa.CheckConstraint("length(expiry) = 10", name=op.f("ck_batches_expiry")),
        sa.CheckConstraint("length(manufactured) = 10", name=op.f("ck_batches_manufactured")),
        sa.PrimaryKeyConstraint("item", "warehouse", "batch", name=op.f("pk_batches")),
        sqlite_strict=True,
    )


def _challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("hash", name=op.f("uq_challenges_hash")),
        sqlite_strict=True,
    )


def _charge_matters() -> None:
    op.create_table(
        "charge_matters",
        sa.Column("matter", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("closed_at", BIG, nullable=True),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_charge_matters")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "charge_matters_open_once",
        "charge_matters",
        ["subject", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _charges() -> None:
    op.create_table(
        "charges",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("invoice", sa.Text(), server_default="", nullable=False),
        sa.Column("invoice_number", BIG, nullable=True),
        sa.Column("till", sa.Text(), server_default="", nullable=False),
        sa.Column("sale", sa.Text(), server_default="", nullable=False),
        sa.Column("left_at", BIG, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_accepted", sa.Integer(), nullable=False),
        sa.Column("is_held", sa.Integer(), nullable=False),
        sa.Column("provider_status", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("external_id", sa.Text(), server_default="", nullable=False),
        sa.Column("poll_url", sa.Text(), server_default="", nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("received", BIG, nullable=True),
        sa.Column("refunded", BIG, server_default="0", nullable=False),
        sa.Column("booking", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_look_at", BIG, nullable=True),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("completed_at", BIG, nullable=True),
        sa.Column("answered_at", BIG, nullable=True),
        sa.CheckConstraint("is_accepted IN (0, 1)", name=op.f("ck_charges_is_accepted")),
        sa.CheckConstraint("is_held IN (0, 1)", name=op.f("ck_charges_is_held")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_charges")),
        sa.UniqueConstraint("id", name=op.f("uq_charges_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("charges_by_booking", "charges", ["booking"], unique=False)
    op.create_index("charges_by_external", "charges", ["external_id"], unique=False)
    op.create_index("charges_by_look", "charges", ["next_look_at"], unique=False)
    op.create_index("charges_by_provider", "charges", ["provider", "entry"], unique=False)
    op.create_index("charges_by_state", "charges", ["state", "entry"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER charges_tally_insert AFTER INSERT ON charges
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('charges', '', -1, NEW.provider, NEW.state, '', 0, 1),
                ('charges', '', NEW.entry / 1000, NEW.provider, NEW.state, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER charges_tally_update AFTER UPDATE ON charges
            WHEN (OLD.entry / 1000, '', OLD.provider, OLD.state, '') IS NOT (NEW.entry / 1000, '', NEW.provider, NEW.state, '')
            BEGIN INSERT INTO tallies VALUES
                ('charges', '', -1, OLD.provider, OLD.state, '', 0, -1),
                ('charges', '', OLD.entry / 1000, OLD.provider, OLD.state, '', 0, -1),
                ('charges', '', -1, NEW.provider, NEW.state, '', 0, 1),
                ('charges', '', NEW.entry / 1000, NEW.provider, NEW.state, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER charges_tally_delete AFTER DELETE ON charges
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('charges', '', -1, OLD.provider, OLD.state, '', 0, -1),
                ('charges', '', OLD.entry / 1000, OLD.provider, OLD.state, '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION charges_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'charges', '', -1, r.provider, r.state, '', 1 FROM new_rows r
                UNION ALL SELECT 'charges', '', r.entry / 1000, r.provider, r.state, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER charges_tally_insert AFTER INSERT ON charges REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION charges_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION charges_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'charges', '', -1, r.provider, r.state, '', -1 FROM old_rows r
                UNION ALL SELECT 'charges', '', r.entry / 1000, r.provider, r.state, '', -1 FROM old_rows r
                UNION ALL SELECT 'charges', '', -1, r.provider, r.state, '', 1 FROM new_rows r
                UNION ALL SELECT 'charges', '', r.entry / 1000, r.provider, r.state, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER charges_tally_update AFTER UPDATE ON charges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION charges_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION charges_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'charges', '', -1, r.provider, r.state, '', -1 FROM old_rows r
                UNION ALL SELECT 'charges', '', r.entry / 1000, r.provider, r.state, '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER charges_tally_delete AFTER DELETE ON charges REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION charges_tally_delete()
        """)


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("fetched_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_checkpoints")),
        sqlite_strict=True,
    )


def _consolidations() -> None:
    op.create_table(
        "consolidations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", BIG, nullable=True),
        sa.Column("tax_group", sa.Text(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("net", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(business_date) = 10", name=op.f("ck_consolidations_business_date")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consolidations")),
        sa.UniqueConstraint("reference", name=op.f("uq_consolidations_reference")),
        sqlite_strict=True,
    )
    op.create_index("consolidations_by_date", "consolidations", ["business_date"], unique=False)


def _cost_centres() -> None:
    op.create_table(
        "cost_centres",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=True),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_cost_centres_is_active")),
        sa.CheckConstraint("length(valid_from) = 10", name=op.f("ck_cost_centres_valid_from")),
        sa.CheckConstraint("length(valid_to) = 10", name=op.f("ck_cost_centres_valid_to")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_cost_centres")),
        sqlite_strict=True,
    )


def _counts() -> None:
    op.create_table(
        "counts",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("is_blind", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("counted_at", BIG, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.CheckConstraint("is_blind IN (0, 1)", name=op.f("ck_counts_is_blind")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_counts")),
        sa.UniqueConstraint("id", name=op.f("uq_counts_id")),
        sa.UniqueConstraint("number", name=op.f("uq_counts_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("counts_by_place", "counts", ["warehouse", "state"], unique=False)


def _credit_notes() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("original_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("applied", BIG, nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("is_restocked", sa.Integer(), nullable=False),
        sa.Column("warehouse", sa.Text(), server_default="", nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", BIG, nullable=True),
        sa.CheckConstraint("is_restocked IN (0, 1)", name=op.f("ck_credit_notes_is_restocked")),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_credit_notes_doc_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("id", name=op.f("uq_credit_notes_id")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_notes_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("credit_notes_by_date", "credit_notes", ["doc_date", "entry"], unique=False)
    op.create_index("credit_notes_by_original", "credit_notes", ["original_id"], unique=False)
    op.create_index(
        "credit_notes_by_partner", "credit_notes", ["partner", "doc_date", "entry"], unique=False
    )
    op.create_index(
        "credit_notes_by_state", "credit_notes", ["state", "doc_date", "entry"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER credit_notes_tally_insert AFTER INSERT ON credit_notes
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('credit_notes', '', -1, NEW.state, '', '', 0, 1),
                ('credit_notes', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, '', '', 0, 1),
                ('credit_notes', '=' || NEW.partner, -1, NEW.state, '', '', 0, 1),
                ('credit_notes', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER credit_notes_tally_update AFTER UPDATE ON credit_notes
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '=' || OLD.partner, OLD.state, '', '') IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '=' || NEW.partner, NEW.state, '', '')
            BEGIN INSERT INTO tallies VALUES
                ('credit_notes', '', -1, OLD.state, '', '', 0, -1),
                ('credit_notes', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, '', '', 0, -1),
                ('credit_notes', '=' || OLD.partner, -1, OLD.state, '', '', 0, -1),
                ('credit_notes', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, '', '', 0, -1),
                ('credit_notes', '', -1, NEW.state, '', '', 0, 1),
                ('credit_notes', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, '', '', 0, 1),
                ('credit_notes', '=' || NEW.partner, -1, NEW.state, '', '', 0, 1),
                ('credit_notes', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER credit_notes_tally_delete AFTER DELETE ON credit_notes
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('credit_notes', '', -1, OLD.state, '', '', 0, -1),
                ('credit_notes', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, '', '', 0, -1),
                ('credit_notes', '=' || OLD.partner, -1, OLD.state, '', '', 0, -1),
                ('credit_notes', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, '', '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION credit_notes_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'credit_notes', '', -1, r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, -1, r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER credit_notes_tally_insert AFTER INSERT ON credit_notes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credit_notes_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION credit_notes_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'credit_notes', '', -1, r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, -1, r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '', -1, r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, -1, r.state, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER credit_notes_tally_update AFTER UPDATE ON credit_notes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credit_notes_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION credit_notes_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'credit_notes', '', -1, r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, -1, r.state, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'credit_notes', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, '', '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER credit_notes_tally_delete AFTER DELETE ON credit_notes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION credit_notes_tally_delete()
        """)


def _currencies() -> None:
    op.create_table(
        "currencies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fiscal_code", sa.Text(), nullable=False),
        sa.Column("sap_code", sa.Text(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_currencies")),
        sqlite_strict=True,
    )


def _document_templates() -> None:
    op.create_table(
        "document_templates",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("css", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("paper_size", sa.Text(), nullable=False),
        sa.Column("orientation", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=True),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_document_templates_is_active")),
        sa.CheckConstraint("is_default IN (0, 1)", name=op.f("ck_document_templates_is_default")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_templates")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "document_templates_by_kind", "document_templates", ["kind", "name"], unique=False
    )
    op.create_index(
        "document_templates_default",
        "document_templates",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("is_default = 1"),
        postgresql_where=sa.text("is_default = 1"),
    )


def _drawer_openings() -> None:
    op.create_table(
        "drawer_openings",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("till", sa.Text(), nullable=False),
        sa.Column("shift_id", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("opened_at", BIG, nullable=True),
        sa.Column("closed_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_drawer_openings")),
        sa.UniqueConstraint("id", name=op.f("uq_drawer_openings_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("drawer_openings_by_shift", "drawer_openings", ["shift_id"], unique=False)
    op.create_index("drawer_openings_by_state", "drawer_openings", ["state", "seq"], unique=False)
    op.create_index("drawer_openings_by_time", "drawer_openings", ["asked_at"], unique=False)


def _exchange_rates() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("rate", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("base", "quote", "at", name=op.f("pk_exchange_rates")),
        sqlite_strict=True,
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_feed")),
        sqlite_strict=True,
    )
    op.create_index("feed_by_seq", "feed", ["seq"], unique=True)


def _feed_head() -> None:
    op.create_table(
        "feed_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", BIG, server_default="0", nullable=False),
        sa.Column("epoch", sa.Text(), server_default="", nullable=False),
        sa.Column("lineage", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
        sqlite_strict=True,
    )


def _feed_seen() -> None:
    op.create_table(
        "feed_seen",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_feed_seen")),
        sqlite_strict=True,
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_files")),
        sqlite_strict=True,
    )


def _fiscal_days() -> None:
    op.create_table(
        "fiscal_days",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("fiscal_day", sa.Integer(), nullable=False),
        sa.Column("opened_at", BIG, nullable=True),
        sa.Column("opened_by", sa.Text(), server_default="", nullable=False),
        sa.Column("is_opening_foreign", sa.Integer(), nullable=False),
        sa.Column("base_global_no", sa.Integer(), nullable=True),
        sa.Column("closed_at", BIG, nullable=True),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("is_closing_foreign", sa.Integer(), nullable=False),
        sa.Column("last_global_no", sa.Integer(), nullable=True),
        sa.Column("z", sa.Text(), nullable=True),
        sa.Column("needs_look", sa.Integer(), nullable=False),
        sa.Column("signed_at", BIG, nullable=True),
        sa.Column("signed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "is_closing_foreign IN (0, 1)", name=op.f("ck_fiscal_days_is_closing_foreign")
        ),
        sa.CheckConstraint(
            "is_opening_foreign IN (0, 1)", name=op.f("ck_fiscal_days_is_opening_foreign")
        ),
        sa.CheckConstraint("needs_look IN (0, 1)", name=op.f("ck_fiscal_days_needs_look")),
        sa.PrimaryKeyConstraint("device_id", "fiscal_day", name=op.f("pk_fiscal_days")),
        sqlite_strict=True,
    )


def _fiscal_devices() -> None:
    op.create_table(
        "fiscal_devices",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("last_global_no", sa.Integer(), nullable=False),
        sa.Column("said_global_no", sa.Integer(), nullable=False),
        sa.Column("fiscal_day", sa.Integer(), nullable=False),
        sa.Column("is_day_open", sa.Integer(), nullable=False),
        sa.Column("clock_seconds", sa.Integer(), nullable=True),
        sa.Column("stop", sa.Text(), server_default="", nullable=False),
        sa.Column("met_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.CheckConstraint("is_day_open IN (0, 1)", name=op.f("ck_fiscal_devices_is_day_open")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_fiscal_devices")),
        sqlite_strict=True,
    )


def _fiscal_found() -> None:
    op.create_table(
        "fiscal_found",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("receipt_global_no", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("receipt_counter", sa.Integer(), nullable=True),
        sa.Column("fiscal_day", sa.Integer(), nullable=True),
        sa.Column("found_at", BIG, nullable=False),
        sa.Column("settled_at", BIG, nullable=True),
        sa.Column("settled_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("device_id", "receipt_global_no", name=op.f("pk_fiscal_found")),
        sqlite_strict=True,
    )
    op.create_index("fiscal_found_by_number", "fiscal_found", ["number"], unique=False)


def _fiscal_log() -> None:
    op.create_table(
        "fiscal_log",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("doc_num", BIG, nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("verification_code", sa.Text(), server_default="", nullable=False),
        sa.Column("qr", sa.Text(), server_default="", nullable=False),
        sa.Column("device_serial", sa.Text(), server_default="", nullable=False),
        sa.Column("device_id", sa.Text(), server_default="", nullable=False),
        sa.Column("fiscal_day", sa.Text(), server_default="", nullable=False),
        sa.Column("receipt_global_no", BIG, nullable=True),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("partner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("original", sa.Text(), server_default="", nullable=False),
        sa.Column("raw_request", sa.Text(), server_default="", nullable=False),
        sa.Column("raw_response", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("synced_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fiscal_log")),
        sa.UniqueConstraint("key", name=op.f("uq_fiscal_log_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("fiscal_log_by_time", "fiscal_log", ["at", "number"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_insert AFTER INSERT ON fiscal_log
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('fiscal_log', '', -1, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '', NEW.number / 1000, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '=' || NEW.username, -1, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '=' || NEW.username, NEW.number / 1000, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_update AFTER UPDATE ON fiscal_log
            WHEN (OLD.number / 1000, '=' || OLD.username, lower(OLD.status), lower(OLD.document_type), lower(OLD.source)) IS NOT (NEW.number / 1000, '=' || NEW.username, lower(NEW.status), lower(NEW.document_type), lower(NEW.source))
            BEGIN INSERT INTO tallies VALUES
                ('fiscal_log', '', -1, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '', OLD.number / 1000, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '=' || OLD.username, -1, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '=' || OLD.username, OLD.number / 1000, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '', -1, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '', NEW.number / 1000, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '=' || NEW.username, -1, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1),
                ('fiscal_log', '=' || NEW.username, NEW.number / 1000, lower(NEW.status), lower(NEW.document_type), lower(NEW.source), 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_delete AFTER DELETE ON fiscal_log
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('fiscal_log', '', -1, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '', OLD.number / 1000, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '=' || OLD.username, -1, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1),
                ('fiscal_log', '=' || OLD.username, OLD.number / 1000, lower(OLD.status), lower(OLD.document_type), lower(OLD.source), 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION fiscal_log_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'fiscal_log', '', -1, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '', r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, -1, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_insert AFTER INSERT ON fiscal_log REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fiscal_log_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION fiscal_log_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'fiscal_log', '', -1, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '', r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, -1, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '', -1, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '', r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, -1, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_update AFTER UPDATE ON fiscal_log REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fiscal_log_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION fiscal_log_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'fiscal_log', '', -1, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '', r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, -1, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
                UNION ALL SELECT 'fiscal_log', '=' || r.username, r.number / 1000, lower(r.status), lower(r.document_type), lower(r.source), -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER fiscal_log_tally_delete AFTER DELETE ON fiscal_log REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION fiscal_log_tally_delete()
        """)


def _fiscal_proxy() -> None:
    op.create_table(
        "fiscal_proxy",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("intended_at", BIG, nullable=False),
        sa.Column("sent_at", BIG, nullable=True),
        sa.Column("settled_at", BIG, nullable=True),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("device_serial", sa.Text(), nullable=True),
        sa.Column("qr", sa.Text(), nullable=True),
        sa.Column("verification_code", sa.Text(), nullable=True),
        sa.Column("verification_link", sa.Text(), nullable=True),
        sa.Column("receipt_global_no", sa.Integer(), nullable=True),
        sa.Column("receipt_counter", sa.Integer(), nullable=True),
        sa.Column("fiscal_day", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fiscal_proxy")),
        sqlite_strict=True,
    )
    op.create_index("fiscal_proxy_by_state", "fiscal_proxy", ["state", "intended_at"], unique=False)


def _fiscal_steps() -> None:
    op.create_table(
        "fiscal_steps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("fiscal_day", sa.Integer(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("look_at", BIG, nullable=True),
        sa.Column("sent_at", BIG, nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiscal_steps")),
        sqlite_strict=True,
    )
    op.create_index("fiscal_steps_by_state", "fiscal_steps", ["state", "asked_at"], unique=False)


def _forgotten_references() -> None:
    op.create_table(
        "forgotten_references",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "reference", name=op.f("pk_forgotten_references")),
        sqlite_strict=True,
    )


def _forgotten_sales() -> None:
    op.create_table(
        "forgotten_sales",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_forgotten_sales")),
        sa.UniqueConstraint("reference", name=op.f("uq_forgotten_sales_reference")),
        sqlite_strict=True,
    )


def _guesses() -> None:
    op.create_table(
        "guesses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", BIG, nullable=True),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_guesses")),
        sqlite_strict=True,
    )
    op.create_index("guesses_by_time", "guesses", ["changed_at"], unique=False)


def _held_sales() -> None:
    op.create_table(
        "held_sales",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("till", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("basket", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.Text(), nullable=True),
        sa.Column("held_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_sales")),
        sqlite_strict=True,
    )
    op.create_index("held_sales_by_state", "held_sales", ["till", "state"], unique=False)


def _hub_calls() -> None:
    op.create_table(
        "hub_calls",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_calls")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("hub_calls_by_time", "hub_calls", ["at"], unique=False)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("lease_until", BIG, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("principal", "method", "path", "key", name=op.f("pk_idempotency")),
        sqlite_strict=True,
    )
    op.create_index("idempotency_by_expiry", "idempotency", ["expires_at"], unique=False)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", BIG, autoincrement=True, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("most_rows", sa.Integer(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "incidents_open_once",
        "incidents",
        ["cause"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _intake() -> None:
    op.create_table(
        "intake",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("till", sa.Text(), nullable=False),
        sa.Column("till_seq", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("upstream_seq", BIG, nullable=False),
        sa.Column("accepted_at", BIG, nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sqlite_strict=True,
    )
    op.create_index("intake_by_key", "intake", ["kind", "key"], unique=False)
    op.create_index("intake_by_till", "intake", ["till", "till_seq"], unique=False)
    op.create_index(
        "intake_flagged",
        "intake",
        ["accepted_at"],
        unique=False,
        sqlite_where=sa.text("flags <> '[]'"),
        postgresql_where=sa.text("flags <> '[]'"),
    )


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("paid", BIG, nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=True),
        sa.Column("num_at_card", sa.Text(), server_default="", nullable=False),
        sa.Column("van_order", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("sales_person", sa.Integer(), nullable=True),
        sa.Column("fiscalize", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("above_limit", BIG, nullable=True),
        sa.Column("limit_currency", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("fiscalize IN (0, 1)", name=op.f("ck_invoices_fiscalize")),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_invoices_doc_date")),
        sa.CheckConstraint("length(due_date) = 10", name=op.f("ck_invoices_due_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_invoices")),
        sa.UniqueConstraint("id", name=op.f("uq_invoices_id")),
        sa.UniqueConstraint("van_order", name=op.f("uq_invoices_van_order")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("invoices_by_date", "invoices", ["doc_date", "entry"], unique=False)
    op.create_index(
        "invoices_by_partner", "invoices", ["partner", "doc_date", "entry"], unique=False
    )
    op.create_index(
        "invoices_by_warehouse", "invoices", ["warehouse", "doc_date", "entry"], unique=False
    )
    op.create_index(
        "invoices_drafts",
        "invoices",
        ["doc_date", "entry"],
        unique=False,
        sqlite_where=sa.text("state = 'Draft'"),
        postgresql_where=sa.text("state = 'Draft'"),
    )
    op.create_index(
        "invoices_due",
        "invoices",
        ["doc_date", "entry"],
        unique=False,
        sqlite_where=sa.text("state = 'Posted' AND paid < total"),
        postgresql_where=sa.text("state = 'Posted' AND paid < total"),
    )
    op.create_index(
        "invoices_open",
        "invoices",
        ["partner", "doc_date"],
        unique=False,
        sqlite_where=sa.text("state = 'Posted' AND paid < total"),
        postgresql_where=sa.text("state = 'Posted' AND paid < total"),
    )
    op.create_index(
        "invoices_paid",
        "invoices",
        ["doc_date", "entry"],
        unique=False,
        sqlite_where=sa.text("state = 'Posted' AND paid >= total"),
        postgresql_where=sa.text("state = 'Posted' AND paid >= total"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER invoices_tally_insert AFTER INSERT ON invoices
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('invoices', '', -1, CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '=' || NEW.partner, -1, CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER invoices_tally_update AFTER UPDATE ON invoices
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '=' || OLD.partner, CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '') IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '=' || NEW.partner, CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '')
            BEGIN INSERT INTO tallies VALUES
                ('invoices', '', -1, CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '=' || OLD.partner, -1, CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '', -1, CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '=' || NEW.partner, -1, CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1),
                ('invoices', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), CASE WHEN NEW.state = 'Draft' THEN 'Draft' WHEN NEW.paid >= NEW.total THEN 'Closed' ELSE 'Open' END, NEW.warehouse, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER invoices_tally_delete AFTER DELETE ON invoices
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('invoices', '', -1, CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '=' || OLD.partner, -1, CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1),
                ('invoices', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), CASE WHEN OLD.state = 'Draft' THEN 'Draft' WHEN OLD.paid >= OLD.total THEN 'Closed' ELSE 'Open' END, OLD.warehouse, '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION invoices_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'invoices', '', -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER invoices_tally_insert AFTER INSERT ON invoices REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION invoices_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION invoices_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'invoices', '', -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '', -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER invoices_tally_update AFTER UPDATE ON invoices REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION invoices_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION invoices_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'invoices', '', -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, -1, CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'invoices', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), CASE WHEN r.state = 'Draft' THEN 'Draft' WHEN r.paid >= r.total THEN 'Closed' ELSE 'Open' END, r.warehouse, '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER invoices_tally_delete AFTER DELETE ON invoices REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION invoices_tally_delete()
        """)


def _item_groups() -> None:
    op.create_table(
        "item_groups",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_item_groups")),
        sqlite_strict=True,
    )


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("tax_group", sa.Text(), nullable=False),
        sa.Column("hs_code", sa.Text(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("is_batch_managed", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("is_free", sa.Integer(), nullable=False),
        sa.Column("is_weighed", sa.Integer(), nullable=False),
        sa.Column("words", SORT_TEXT, nullable=False),
        sa.Column("code_backwards", SORT_TEXT, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_items_is_active")),
        sa.CheckConstraint("is_batch_managed IN (0, 1)", name=op.f("ck_items_is_batch_managed")),
        sa.CheckConstraint("is_free IN (0, 1)", name=op.f("ck_items_is_free")),
        sa.CheckConstraint("is_weighed IN (0, 1)", name=op.f("ck_items_is_weighed")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_items")),
        sa.UniqueConstraint("code", name=op.f("uq_items_code")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("items_by_code_backwards", "items", ["code_backwards"], unique=False)
    op.create_index("items_by_group", "items", ["group_code", "code"], unique=False)
    op.create_index("items_by_words", "items", ["words"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE VIRTUAL TABLE items_text USING fts5(
            words, content='', contentless_delete=1, detail='none', prefix='1 2 3 4',
            tokenize='unicode61 remove_diacritics 0')
        """)
        op.execute("""
            CREATE TRIGGER items_text_added AFTER INSERT ON items BEGIN
            INSERT INTO items_text(rowid, words) VALUES (new.number, new.words); END
        """)
        op.execute("""
            CREATE TRIGGER items_text_changed AFTER UPDATE OF words ON items
            WHEN old.words <> new.words BEGIN
            UPDATE items_text SET words = new.words WHERE rowid = new.number; END
        """)
        op.execute("""
            CREATE TRIGGER items_text_removed AFTER DELETE ON items BEGIN
            DELETE FROM items_text WHERE rowid = old.number; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE INDEX items_text ON items
            USING gin (array_to_tsvector(string_to_array(words, ' ')))
        """)


def _label_facts() -> None:
    op.create_table(
        "label_facts",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_label_facts")),
        sqlite_strict=True,
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("weight", BIG, nullable=True),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", BIG, nullable=False),
        sa.Column("asked_at", BIG, nullable=True),
        sa.Column("try_at", BIG, nullable=True),
        sa.Column("printed_at", BIG, nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_labels")),
        sa.UniqueConstraint("id", name=op.f("uq_labels_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("labels_by_item", "labels", ["item", "state"], unique=False)
    op.create_index("labels_by_state", "labels", ["state", "seq"], unique=False)


def _ledger_accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_ledger_accounts_is_active")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ledger_accounts")),
        sqlite_strict=True,
    )


def _ledger_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Text(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint("length(booked_on) = 10", name=op.f("ck_ledger_entries_booked_on")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_ledger_entries_kind_key")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_ledger_entries_kind_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ledger_entries_by_day", "ledger_entries", ["booked_on"], unique=False)
    op.create_index("ledger_entries_by_document", "ledger_entries", ["document_id"], unique=False)


def _made_papers() -> None:
    op.create_table(
        "made_papers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template_id", BIG, nullable=True),
        sa.Column("template_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_made_papers")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("made_papers_by_document", "made_papers", ["document_id"], unique=False)
    op.create_index("made_papers_by_kind", "made_papers", ["kind", "id"], unique=False)


def _mail_templates() -> None:
    op.create_table(
        "mail_templates",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("bcc", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=True),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_mail_templates_is_active")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_templates")),
        sa.UniqueConstraint("code", name=op.f("uq_mail_templates_code")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("left_over", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("queued_at", BIG, nullable=False),
        sa.Column("try_at", BIG, nullable=False),
        sa.Column("good_until", BIG, nullable=True),
        sa.Column("handed_at", BIG, nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_mails")),
        sa.UniqueConstraint("id", name=op.f("uq_mails_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("mails_by_document", "mails", ["document_id"], unique=False)
    op.create_index("mails_by_state", "mails", ["state", "try_at"], unique=False)


def _master_marks() -> None:
    op.create_table(
        "master_marks",
        sa.Column("document_set", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.PrimaryKeyConstraint("document_set", name=op.f("pk_master_marks")),
        sqlite_strict=True,
    )


def _master_reads() -> None:
    op.create_table(
        "master_reads",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("read_at", BIG, nullable=True),
        sa.Column("whole_at", BIG, nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("flaws", sa.Integer(), nullable=False),
        sa.Column("flaw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_master_reads")),
        sqlite_strict=True,
    )


def _movements() -> None:
    op.create_table(
        "movements",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_movements_doc_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_movements")),
        sa.UniqueConstraint("id", name=op.f("uq_movements_id")),
        sa.UniqueConstraint("number", name=op.f("uq_movements_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_movements_reference")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("movements_by_date", "movements", ["kind", "doc_date", "entry"], unique=False)
    op.create_index(
        "movements_by_place", "movements", ["kind", "warehouse", "doc_date", "entry"], unique=False
    )
    op.create_index("movements_by_transfer", "movements", ["transfer_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER movements_tally_insert AFTER INSERT ON movements
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('movements', '', -1, NEW.kind, NEW.warehouse, '', 0, 1),
                ('movements', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.warehouse, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER movements_tally_update AFTER UPDATE ON movements
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', OLD.kind, OLD.warehouse, '') IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', NEW.kind, NEW.warehouse, '')
            BEGIN INSERT INTO tallies VALUES
                ('movements', '', -1, OLD.kind, OLD.warehouse, '', 0, -1),
                ('movements', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.warehouse, '', 0, -1),
                ('movements', '', -1, NEW.kind, NEW.warehouse, '', 0, 1),
                ('movements', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.warehouse, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER movements_tally_delete AFTER DELETE ON movements
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('movements', '', -1, OLD.kind, OLD.warehouse, '', 0, -1),
                ('movements', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.warehouse, '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION movements_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'movements', '', -1, r.kind, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'movements', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.warehouse, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER movements_tally_insert AFTER INSERT ON movements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION movements_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION movements_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'movements', '', -1, r.kind, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'movements', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'movements', '', -1, r.kind, r.warehouse, '', 1 FROM new_rows r
                UNION ALL SELECT 'movements', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.warehouse, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER movements_tally_update AFTER UPDATE ON movements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION movements_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION movements_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'movements', '', -1, r.kind, r.warehouse, '', -1 FROM old_rows r
                UNION ALL SELECT 'movements', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.warehouse, '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER movements_tally_delete AFTER DELETE ON movements REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION movements_tally_delete()
        """)


def _notification_marks() -> None:
    op.create_table(
        "notification_marks",
        sa.Column("notification_id", BIG, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("read_at", BIG, nullable=False),
        sa.Column("hidden_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("notification_id", "user_id", name=op.f("pk_notification_marks")),
        sqlite_strict=True,
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), server_default="", nullable=False),
        sa.Column("entity_id", sa.Text(), server_default="", nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("target_user", sa.Text(), server_default="", nullable=False),
        sa.Column("target_role", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("key", name=op.f("uq_notifications_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("notifications_by_expiry", "notifications", ["expires_at"], unique=False)


def _originals() -> None:
    op.create_table(
        "originals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("device_serial", sa.Text(), nullable=False),
        sa.Column("receipt_global_no", sa.Integer(), nullable=False),
        sa.Column("fiscal_day", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", BIG, nullable=True),
        sa.Column("total", BIG, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("length(business_date) = 10", name=op.f("ck_originals_business_date")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originals")),
        sqlite_strict=True,
    )
    op.create_index(
        "originals_by_filing", "originals", ["device_id", "receipt_global_no"], unique=False
    )
    op.create_index("originals_by_number", "originals", ["number"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("queued_at", BIG, nullable=False),
        sa.Column("try_at", BIG, nullable=False),
        sa.Column("delivered_at", BIG, nullable=True),
        sa.Column("upstream_seq", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("outbox_by_key", "outbox", ["key"], unique=False)
    op.create_index("outbox_by_state", "outbox", ["state", "seq"], unique=False)
    op.create_index("outbox_by_stream", "outbox", ["stream", "seq"], unique=False)


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price_list", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("credit_limit", BIG, nullable=True),
        sa.Column("balance", BIG, nullable=True),
        sa.Column("money_currency", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("tin", sa.Text(), nullable=False),
        sa.Column("vat_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("words", SORT_TEXT, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_partners_is_active")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_partners")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_code")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("partners_by_kind", "partners", ["kind", "code"], unique=False)
    op.create_index("partners_by_words", "partners", ["words"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE VIRTUAL TABLE partners_text USING fts5(
            words, content='', contentless_delete=1, detail='none', prefix='1 2 3 4',
            tokenize='unicode61 remove_diacritics 0')
        """)
        op.execute("""
            CREATE TRIGGER partners_text_added AFTER INSERT ON partners BEGIN
            INSERT INTO partners_text(rowid, words) VALUES (new.number, new.words); END
        """)
        op.execute("""
            CREATE TRIGGER partners_text_changed AFTER UPDATE OF words ON partners
            WHEN old.words <> new.words BEGIN
            UPDATE partners_text SET words = new.words WHERE rowid = new.number; END
        """)
        op.execute("""
            CREATE TRIGGER partners_text_removed AFTER DELETE ON partners BEGIN
            DELETE FROM partners_text WHERE rowid = old.number; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE INDEX partners_text ON partners
            USING gin (array_to_tsvector(string_to_array(words, ' ')))
        """)


def _password_history() -> None:
    op.create_table(
        "password_history",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_password_history")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "password_history_by_user", "password_history", ["user_id", "seq"], unique=False
    )


def _password_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("worked_at", BIG, nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("expires_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("hash", name=op.f("uq_password_resets_hash")),
        sqlite_strict=True,
    )
    op.create_index(
        "password_resets_by_address", "password_resets", ["address", "asked_at"], unique=False
    )
    op.create_index("password_resets_by_time", "password_resets", ["asked_at"], unique=False)
    op.create_index("password_resets_by_user", "password_resets", ["user_id"], unique=False)


def _payment_terms() -> None:
    op.create_table(
        "payment_terms",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_payment_terms")),
        sqlite_strict=True,
    )


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("cash", BIG, nullable=False),
        sa.Column("transfer", BIG, nullable=False),
        sa.Column("cheque", BIG, nullable=False),
        sa.Column("card", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("transfer_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("transfer_date", sa.Text(), nullable=True),
        sa.Column("transfer_account", sa.Text(), server_default="", nullable=False),
        sa.Column("cash_account", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_payments_doc_date")),
        sa.CheckConstraint("length(transfer_date) = 10", name=op.f("ck_payments_transfer_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_payments")),
        sa.UniqueConstraint("id", name=op.f("uq_payments_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("payments_by_date", "payments", ["doc_date", "entry"], unique=False)
    op.create_index(
        "payments_by_partner", "payments", ["partner", "doc_date", "entry"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER payments_tally_insert AFTER INSERT ON payments
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('payments', '', -1, '', '', '', 0, 1),
                ('payments', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', '', '', 0, 1),
                ('payments', '=' || NEW.partner, -1, '', '', '', 0, 1),
                ('payments', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER payments_tally_update AFTER UPDATE ON payments
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '=' || OLD.partner, '', '', '') IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '=' || NEW.partner, '', '', '')
            BEGIN INSERT INTO tallies VALUES
                ('payments', '', -1, '', '', '', 0, -1),
                ('payments', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', '', '', 0, -1),
                ('payments', '=' || OLD.partner, -1, '', '', '', 0, -1),
                ('payments', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', '', '', 0, -1),
                ('payments', '', -1, '', '', '', 0, 1),
                ('payments', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', '', '', 0, 1),
                ('payments', '=' || NEW.partner, -1, '', '', '', 0, 1),
                ('payments', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER payments_tally_delete AFTER DELETE ON payments
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('payments', '', -1, '', '', '', 0, -1),
                ('payments', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', '', '', 0, -1),
                ('payments', '=' || OLD.partner, -1, '', '', '', 0, -1),
                ('payments', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', '', '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION payments_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'payments', '', -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER payments_tally_insert AFTER INSERT ON payments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION payments_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION payments_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'payments', '', -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '', -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER payments_tally_update AFTER UPDATE ON payments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION payments_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION payments_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'payments', '', -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'payments', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), '', '', '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER payments_tally_delete AFTER DELETE ON payments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION payments_tally_delete()
        """)


def _posting_periods() -> None:
    op.create_table(
        "posting_periods",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        sa.Column("allows_sales", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.CheckConstraint("allows_sales IN (0, 1)", name=op.f("ck_posting_periods_allows_sales")),
        sa.CheckConstraint("is_open IN (0, 1)", name=op.f("ck_posting_periods_is_open")),
        sa.CheckConstraint("length(first) = 10", name=op.f("ck_posting_periods_first")),
        sa.CheckConstraint("length(last) = 10", name=op.f("ck_posting_periods_last")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_posting_periods")),
        sqlite_strict=True,
    )


def _postings() -> None:
    op.create_table(
        "postings",
        sa.Column("queue_id", BIG, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.Text(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_max", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("reason_code", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("failed_since", BIG, nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", BIG, nullable=False),
        sa.Column("lease_until", BIG, nullable=True),
        sa.Column("try_at", BIG, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("started_at", BIG, nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_postings")),
        sa.UniqueConstraint("key", name=op.f("uq_postings_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("postings_by_document", "postings", ["document_id"], unique=False)
    op.create_index(
        "postings_by_state", "postings", ["state", "priority", "queue_id"], unique=False
    )
    op.create_index("postings_by_turn", "postings", ["priority", "queue_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER postings_tally_insert AFTER INSERT ON postings
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('postings', '', -1, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '', NEW.queue_id / 1000, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '=' || NEW.source, -1, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '=' || NEW.source, NEW.queue_id / 1000, NEW.state, NEW.kind, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER postings_tally_update AFTER UPDATE ON postings
            WHEN (OLD.queue_id / 1000, '=' || OLD.source, OLD.state, OLD.kind, '') IS NOT (NEW.queue_id / 1000, '=' || NEW.source, NEW.state, NEW.kind, '')
            BEGIN INSERT INTO tallies VALUES
                ('postings', '', -1, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '', OLD.queue_id / 1000, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '=' || OLD.source, -1, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '=' || OLD.source, OLD.queue_id / 1000, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '', -1, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '', NEW.queue_id / 1000, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '=' || NEW.source, -1, NEW.state, NEW.kind, '', 0, 1),
                ('postings', '=' || NEW.source, NEW.queue_id / 1000, NEW.state, NEW.kind, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER postings_tally_delete AFTER DELETE ON postings
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('postings', '', -1, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '', OLD.queue_id / 1000, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '=' || OLD.source, -1, OLD.state, OLD.kind, '', 0, -1),
                ('postings', '=' || OLD.source, OLD.queue_id / 1000, OLD.state, OLD.kind, '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION postings_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'postings', '', -1, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '', r.queue_id / 1000, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '=' || r.source, -1, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '=' || r.source, r.queue_id / 1000, r.state, r.kind, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER postings_tally_insert AFTER INSERT ON postings REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION postings_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION postings_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'postings', '', -1, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '', r.queue_id / 1000, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '=' || r.source, -1, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '=' || r.source, r.queue_id / 1000, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '', -1, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '', r.queue_id / 1000, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '=' || r.source, -1, r.state, r.kind, '', 1 FROM new_rows r
                UNION ALL SELECT 'postings', '=' || r.source, r.queue_id / 1000, r.state, r.kind, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER postings_tally_update AFTER UPDATE ON postings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION postings_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION postings_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'postings', '', -1, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '', r.queue_id / 1000, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '=' || r.source, -1, r.state, r.kind, '', -1 FROM old_rows r
                UNION ALL SELECT 'postings', '=' || r.source, r.queue_id / 1000, r.state, r.kind, '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER postings_tally_delete AFTER DELETE ON postings REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION postings_tally_delete()
        """)


def _price_lists() -> None:
    op.create_table(
        "price_lists",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_gross", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_gross IN (0, 1)", name=op.f("ck_price_lists_is_gross")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_price_lists")),
        sqlite_strict=True,
    )


def _prices() -> None:
    op.create_table(
        "prices",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("price_list", sa.Text(), nullable=False),
        sa.Column("price", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", "price_list", name=op.f("pk_prices")),
        sqlite_strict=True,
    )
    op.create_index("prices_by_list", "prices", ["price_list", "item"], unique=False)


def _print_jobs() -> None:
    op.create_table(
        "print_jobs",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("copy_number", sa.Integer(), nullable=False),
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("fallback_bytes", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", BIG, nullable=False),
        sa.Column("started_at", BIG, nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("try_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_print_jobs")),
        sa.UniqueConstraint("id", name=op.f("uq_print_jobs_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("print_jobs_by_document", "print_jobs", ["document_id"], unique=False)
    op.create_index("print_jobs_by_state", "print_jobs", ["state", "seq"], unique=False)


def _printers() -> None:
    op.create_table(
        "printers",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_printers")),
        sqlite_strict=True,
    )


def _prompts() -> None:
    op.create_table(
        "prompts",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), server_default="", nullable=False),
        sa.Column("used_by", sa.Text(), server_default="", nullable=False),
        sa.Column("is_told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received", BIG, nullable=True),
        sa.Column("external_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("next_look_at", BIG, nullable=True),
        sa.CheckConstraint("is_told IN (0, 1)", name=op.f("ck_prompts_is_told")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_prompts")),
        sa.UniqueConstraint("id", name=op.f("uq_prompts_id")),
        sa.UniqueConstraint("request", name=op.f("uq_prompts_request")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("prompts_by_external", "prompts", ["external_id"], unique=False)
    op.create_index("prompts_by_look", "prompts", ["next_look_at"], unique=False)
    op.create_index("prompts_by_sale", "prompts", ["sale_id"], unique=False)
    op.create_index("prompts_by_state", "prompts", ["state", "use"], unique=False)


def _purchases() -> None:
    op.create_table(
        "purchases",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_deleted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.Column("subtotal", BIG, nullable=False),
        sa.Column("discount", BIG, nullable=False),
        sa.Column("tax", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer_code", sa.Integer(), nullable=True),
        sa.Column("buyer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("ship_to", sa.Text(), server_default="", nullable=False),
        sa.Column("bill_to", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", BIG, nullable=True),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint("is_deleted IN (0, 1)", name=op.f("ck_purchases_is_deleted")),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_purchases_doc_date")),
        sa.CheckConstraint("length(due_date) = 10", name=op.f("ck_purchases_due_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_purchases")),
        sa.UniqueConstraint("id", name=op.f("uq_purchases_id")),
        sa.UniqueConstraint("number", name=op.f("uq_purchases_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("purchases_by_date", "purchases", ["doc_date", "entry"], unique=False)
    op.create_index(
        "purchases_by_partner", "purchases", ["partner", "doc_date", "entry"], unique=False
    )
    op.create_index("purchases_by_state", "purchases", ["state", "doc_date", "entry"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER purchases_tally_insert AFTER INSERT ON purchases
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('purchases', '', -1, NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '=' || NEW.partner, -1, NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER purchases_tally_update AFTER UPDATE ON purchases
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '=' || OLD.partner, OLD.state, CAST(OLD.is_deleted AS TEXT), '') IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '=' || NEW.partner, NEW.state, CAST(NEW.is_deleted AS TEXT), '')
            BEGIN INSERT INTO tallies VALUES
                ('purchases', '', -1, OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '=' || OLD.partner, -1, OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '', -1, NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '=' || NEW.partner, -1, NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1),
                ('purchases', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.state, CAST(NEW.is_deleted AS TEXT), '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER purchases_tally_delete AFTER DELETE ON purchases
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('purchases', '', -1, OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '=' || OLD.partner, -1, OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1),
                ('purchases', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.state, CAST(OLD.is_deleted AS TEXT), '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION purchases_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'purchases', '', -1, r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, -1, r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER purchases_tally_insert AFTER INSERT ON purchases REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION purchases_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION purchases_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'purchases', '', -1, r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, -1, r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '', -1, r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, -1, r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER purchases_tally_update AFTER UPDATE ON purchases REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION purchases_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION purchases_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'purchases', '', -1, r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, -1, r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
                UNION ALL SELECT 'purchases', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.state, CAST(r.is_deleted AS TEXT), '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER purchases_tally_delete AFTER DELETE ON purchases REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION purchases_tally_delete()
        """)


def _rate_clients() -> None:
    op.create_table(
        "rate_clients",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("last_request_at", BIG, nullable=False),
        sa.Column("refused", BIG, server_default="0", nullable=False),
        sa.Column("blocked_until", BIG, nullable=True),
        sa.Column("block_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("blocked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("blocks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reset_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_rate_clients")),
        sa.UniqueConstraint("client", name=op.f("uq_rate_clients_client")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("rate_clients_by_block", "rate_clients", ["blocked_until"], unique=False)
    op.create_index("rate_clients_by_reset", "rate_clients", ["reset_at"], unique=False)


def _rate_days() -> None:
    op.create_table(
        "rate_days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("requests", BIG, nullable=False),
        sa.Column("refused", BIG, nullable=False),
        sa.CheckConstraint("length(day) = 10", name=op.f("ck_rate_days_day")),
        sa.PrimaryKeyConstraint("day", "client", name=op.f("pk_rate_days")),
        sqlite_strict=True,
    )


def _rate_windows() -> None:
    op.create_table(
        "rate_windows",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("segment", BIG, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "client", "counts", "segment", "owner", name=op.f("pk_rate_windows")
        ),
        sqlite_strict=True,
    )
    op.create_index("rate_windows_by_segment", "rate_windows", ["segment"], unique=False)


def _refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_tokens")),
        sqlite_strict=True,
    )
    op.create_index("refresh_tokens_by_expiry", "refresh_tokens", ["expires_at"], unique=False)
    op.create_index("refresh_tokens_by_session", "refresh_tokens", ["session_id"], unique=False)


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("partner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_reservations_external_reference")),
        sa.UniqueConstraint("number", name=op.f("uq_reservations_number")),
        sqlite_strict=True,
    )
    op.create_index("reservations_by_partner", "reservations", ["partner", "number"], unique=False)
    op.create_index("reservations_by_state", "reservations", ["state", "expires_at"], unique=False)
    op.create_index("reservations_by_turn", "reservations", ["state", "number"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER reservations_tally_insert AFTER INSERT ON reservations
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('reservations', '', -1, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '', NEW.number / 1000, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '=' || NEW.partner, -1, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '=' || NEW.partner, NEW.number / 1000, NEW.state, NEW.source, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER reservations_tally_update AFTER UPDATE ON reservations
            WHEN (OLD.number / 1000, '=' || OLD.partner, OLD.state, OLD.source, '') IS NOT (NEW.number / 1000, '=' || NEW.partner, NEW.state, NEW.source, '')
            BEGIN INSERT INTO tallies VALUES
                ('reservations', '', -1, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '', OLD.number / 1000, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '=' || OLD.partner, -1, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '=' || OLD.partner, OLD.number / 1000, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '', -1, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '', NEW.number / 1000, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '=' || NEW.partner, -1, NEW.state, NEW.source, '', 0, 1),
                ('reservations', '=' || NEW.partner, NEW.number / 1000, NEW.state, NEW.source, '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER reservations_tally_delete AFTER DELETE ON reservations
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('reservations', '', -1, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '', OLD.number / 1000, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '=' || OLD.partner, -1, OLD.state, OLD.source, '', 0, -1),
                ('reservations', '=' || OLD.partner, OLD.number / 1000, OLD.state, OLD.source, '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION reservations_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'reservations', '', -1, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '', r.number / 1000, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, -1, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, r.number / 1000, r.state, r.source, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER reservations_tally_insert AFTER INSERT ON reservations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION reservations_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION reservations_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'reservations', '', -1, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '', r.number / 1000, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, -1, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, r.number / 1000, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '', -1, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '', r.number / 1000, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, -1, r.state, r.source, '', 1 FROM new_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, r.number / 1000, r.state, r.source, '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER reservations_tally_update AFTER UPDATE ON reservations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION reservations_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION reservations_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'reservations', '', -1, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '', r.number / 1000, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, -1, r.state, r.source, '', -1 FROM old_rows r
                UNION ALL SELECT 'reservations', '=' || r.partner, r.number / 1000, r.state, r.source, '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER reservations_tally_delete AFTER DELETE ON reservations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION reservations_tally_delete()
        """)


def _sale_status() -> None:
    op.create_table(
        "sale_status",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("in_sap", sa.Text(), nullable=False),
        sa.Column("doc_entry", sa.Integer(), nullable=True),
        sa.Column("doc_num", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_sale_status")),
        sqlite_strict=True,
    )


def _sales() -> None:
    op.create_table(
        "sales",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("till", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("original_id", sa.Text(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", BIG, nullable=True),
        sa.Column("is_gross", sa.Integer(), nullable=False),
        sa.Column("net", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("paid", BIG, nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("posted_at", BIG, nullable=False),
        sa.Column("taxes", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("is_fiscal", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("is_fiscal IN (0, 1)", name=op.f("ck_sales_is_fiscal")),
        sa.CheckConstraint("is_gross IN (0, 1)", name=op.f("ck_sales_is_gross")),
        sa.CheckConstraint("length(business_date) = 10", name=op.f("ck_sales_business_date")),
        sa.CheckConstraint("net + vat = total", name=op.f("ck_sales_sale_adds_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("receipt", name=op.f("uq_sales_receipt")),
        sa.UniqueConstraint("reference", name=op.f("uq_sales_reference")),
        sa.UniqueConstraint("till", "number", name=op.f("uq_sales_till_number")),
        sqlite_strict=True,
    )
    op.create_index("sales_by_date", "sales", ["business_date", "till"], unique=False)
    op.create_index("sales_by_original", "sales", ["original_id"], unique=False)
    op.create_index("sales_by_partner", "sales", ["partner", "posted_at"], unique=False)
    op.create_index("sales_by_time", "sales", ["posted_at"], unique=False)
    op.create_index(
        "sales_notes",
        "sales",
        ["partner", "business_date"],
        unique=False,
        sqlite_where=sa.text("kind != 'invoice'"),
        postgresql_where=sa.text("kind != 'invoice'"),
    )


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_series")),
        sqlite_strict=True,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("used_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )
    op.create_index("sessions_by_expiry", "sessions", ["expires_at"], unique=False)
    op.create_index("sessions_by_user", "sessions", ["user_id"], unique=False)


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
        sqlite_strict=True,
    )


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("till", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("closed_at", BIG, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.CheckConstraint("length(business_date) = 10", name=op.f("ck_shifts_business_date")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("till", "number", name=op.f("uq_shifts_till_number")),
        sqlite_strict=True,
    )
    op.create_index(
        "shifts_one_open",
        "shifts",
        ["till"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )


def _special_prices() -> None:
    op.create_table(
        "special_prices",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("price", BIG, nullable=True),
        sa.Column("discount_percent", BIG, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=True),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("from_quantity", BIG, nullable=False),
        sa.Column("price_list", sa.Text(), nullable=True),
        sa.Column("is_period", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_period IN (0, 1)", name=op.f("ck_special_prices_is_period")),
        sa.CheckConstraint("length(valid_from) = 10", name=op.f("ck_special_prices_valid_from")),
        sa.CheckConstraint("length(valid_to) = 10", name=op.f("ck_special_prices_valid_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_prices")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("special_prices_by_item", "special_prices", ["item"], unique=False)


def _stock() -> None:
    op.create_table(
        "stock",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("base", BIG, nullable=False),
        sa.Column("base_seq", BIG, nullable=False),
        sa.Column("committed", BIG, nullable=False),
        sa.Column("ordered", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", "warehouse", name=op.f("pk_stock")),
        sqlite_strict=True,
    )


def _stock_levels() -> None:
    op.create_table(
        "stock_levels",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("minimum", BIG, nullable=False),
        sa.Column("cost", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", "warehouse", name=op.f("pk_stock_levels")),
        sqlite_strict=True,
    )


def _stock_moves() -> None:
    op.create_table(
        "stock_moves",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("line", BIG, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("upstream_seq", BIG, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stock_moves")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("stock_moves_by_document", "stock_moves", ["document_id"], unique=False)
    op.create_index(
        "stock_moves_by_place", "stock_moves", ["item", "warehouse", "upstream_seq"], unique=False
    )


def _stock_snapshot_events() -> None:
    op.create_table(
        "stock_snapshot_events",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("told_at", BIG, nullable=False),
        sa.CheckConstraint("length(day) = 10", name=op.f("ck_stock_snapshot_events_day")),
        sa.PrimaryKeyConstraint("key", "batch", name=op.f("pk_stock_snapshot_events")),
        sqlite_strict=True,
    )


def _stock_snapshots() -> None:
    op.create_table(
        "stock_snapshots",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("taken_at", BIG, nullable=True),
        sa.CheckConstraint("length(day) = 10", name=op.f("ck_stock_snapshots_day")),
        sa.PrimaryKeyConstraint("day", "warehouse", name=op.f("pk_stock_snapshots")),
        sqlite_strict=True,
    )


def _stock_values() -> None:
    op.create_table(
        "stock_values",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unvalued", BIG, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.Column("cost", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", "warehouse", name=op.f("pk_stock_values")),
        sqlite_strict=True,
    )


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("span", BIG, autoincrement=False, nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("third", sa.Text(), nullable=False),
        sa.Column("slot", BIG, autoincrement=False, nullable=False),
        sa.Column("many", BIG, nullable=False),
        sa.PrimaryKeyConstraint(
            "list", "who", "span", "first", "second", "third", "slot", name=op.f("pk_tallies")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE SEQUENCE tally_slots
        """)
        op.execute("""
            ALTER SEQUENCE tally_slots OWNED BY tallies.slot
        """)
        op.execute("""
            CREATE FUNCTION tally_add(
                of_list text, of_who text, of_span bigint, one text, two text, three text, by bigint
            ) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                free bigint;
            BEGIN
                SELECT slot INTO free FROM tallies
                WHERE (list, who, span, first, second, third)
                    = (of_list, of_who, of_span, one, two, three)
                LIMIT 1 FOR UPDATE SKIP LOCKED;
                IF FOUND THEN
                    UPDATE tallies SET many = many + by
                    WHERE (list, who, span, first, second, third, slot)
                        = (of_list, of_who, of_span, one, two, three, free);
                ELSE
                    INSERT INTO tallies
                    VALUES (of_list, of_who, of_span, one, two, three, nextval('tally_slots'), by);
                END IF;
            END $$
        """)


def _tax_groups() -> None:
    op.create_table(
        "tax_groups",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("percent", BIG, nullable=True),
        sa.Column("fiscal_tax_id", sa.Text(), nullable=False),
        sa.Column("fiscal_code", sa.Text(), nullable=False),
        sa.Column("sap_vat_group", sa.Text(), nullable=False),
        sa.CheckConstraint("length(valid_from) = 10", name=op.f("ck_tax_groups_valid_from")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_tax_groups")),
        sqlite_strict=True,
    )


def _trades() -> None:
    op.create_table(
        "trades",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", BIG, nullable=True),
        sa.Column("is_gross", sa.Integer(), nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.Column("subtotal", BIG, nullable=False),
        sa.Column("discount", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("taxes", sa.Text(), nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("ship_to", sa.Text(), server_default="", nullable=False),
        sa.Column("bill_to", sa.Text(), server_default="", nullable=False),
        sa.Column("sales_person", sa.Integer(), nullable=True),
        sa.Column("sales_person_name", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("has_other_prices", sa.Integer(), nullable=False),
        sa.Column("client_request", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("base_id", sa.Text(), nullable=True),
        sa.Column("in_sap", sa.Text(), server_default="", nullable=False),
        sa.Column("sap_key", sa.Text(), nullable=True),
        sa.Column("doc_entry", sa.Integer(), nullable=True),
        sa.Column("doc_num", sa.Integer(), nullable=True),
        sa.Column("sap_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", BIG, nullable=True),
        sa.Column("above_limit", BIG, nullable=True),
        sa.Column("limit_currency", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("has_other_prices IN (0, 1)", name=op.f("ck_trades_has_other_prices")),
        sa.CheckConstraint("is_gross IN (0, 1)", name=op.f("ck_trades_is_gross")),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_trades_doc_date")),
        sa.CheckConstraint("length(due_date) = 10", name=op.f("ck_trades_due_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_trades")),
        sa.UniqueConstraint("id", name=op.f("uq_trades_id")),
        sa.UniqueConstraint("kind", "client_request", name=op.f("uq_trades_kind_client_request")),
        sa.UniqueConstraint("number", name=op.f("uq_trades_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("trades_by_base", "trades", ["base_id"], unique=False)
    op.create_index("trades_by_date", "trades", ["kind", "doc_date", "entry"], unique=False)
    op.create_index(
        "trades_by_partner", "trades", ["partner", "kind", "doc_date", "entry"], unique=False
    )
    op.create_index("trades_by_sap", "trades", ["kind", "doc_entry"], unique=False)
    op.create_index(
        "trades_by_state", "trades", ["kind", "state", "doc_date", "entry"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER trades_tally_insert AFTER INSERT ON trades
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('trades', '', -1, NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '=' || NEW.partner, -1, NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.state, NEW.source, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER trades_tally_update AFTER UPDATE ON trades
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '=' || OLD.partner, OLD.kind, OLD.state, OLD.source) IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '=' || NEW.partner, NEW.kind, NEW.state, NEW.source)
            BEGIN INSERT INTO tallies VALUES
                ('trades', '', -1, OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '=' || OLD.partner, -1, OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '', -1, NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '=' || NEW.partner, -1, NEW.kind, NEW.state, NEW.source, 0, 1),
                ('trades', '=' || NEW.partner, CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.kind, NEW.state, NEW.source, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER trades_tally_delete AFTER DELETE ON trades
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('trades', '', -1, OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '=' || OLD.partner, -1, OLD.kind, OLD.state, OLD.source, 0, -1),
                ('trades', '=' || OLD.partner, CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.kind, OLD.state, OLD.source, 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION trades_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'trades', '', -1, r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, -1, r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER trades_tally_insert AFTER INSERT ON trades REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trades_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION trades_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'trades', '', -1, r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, -1, r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '', -1, r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, -1, r.kind, r.state, r.source, 1 FROM new_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER trades_tally_update AFTER UPDATE ON trades REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trades_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION trades_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'trades', '', -1, r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, -1, r.kind, r.state, r.source, -1 FROM old_rows r
                UNION ALL SELECT 'trades', '=' || r.partner, CAST(replace(r.doc_date, '-', '') AS BIGINT), r.kind, r.state, r.source, -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER trades_tally_delete AFTER DELETE ON trades REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION trades_tally_delete()
        """)


def _transfer_requests() -> None:
    op.create_table(
        "transfer_requests",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("from_warehouse", sa.Text(), nullable=False),
        sa.Column("to_warehouse", sa.Text(), nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("requester_name", sa.Text(), server_default="", nullable=False),
        sa.Column("requester_email", sa.Text(), server_default="", nullable=False),
        sa.Column("requester_branch", sa.Integer(), nullable=True),
        sa.Column("requester_department", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", BIG, nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_transfer_requests_doc_date")),
        sa.CheckConstraint("length(due_date) = 10", name=op.f("ck_transfer_requests_due_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_transfer_requests")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_requests_id")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_requests_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_transfer_requests_reference")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "transfer_requests_by_source",
        "transfer_requests",
        ["from_warehouse", "state"],
        unique=False,
    )
    op.create_index(
        "transfer_requests_by_state", "transfer_requests", ["state", "entry"], unique=False
    )
    op.create_index(
        "transfer_requests_by_target", "transfer_requests", ["to_warehouse", "state"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_insert AFTER INSERT ON transfer_requests
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('transfer_requests', '', -1, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1),
                ('transfer_requests', '', NEW.entry / 1000, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_update AFTER UPDATE ON transfer_requests
            WHEN (OLD.entry / 1000, '', OLD.from_warehouse, OLD.to_warehouse, OLD.state) IS NOT (NEW.entry / 1000, '', NEW.from_warehouse, NEW.to_warehouse, NEW.state)
            BEGIN INSERT INTO tallies VALUES
                ('transfer_requests', '', -1, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfer_requests', '', OLD.entry / 1000, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfer_requests', '', -1, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1),
                ('transfer_requests', '', NEW.entry / 1000, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_delete AFTER DELETE ON transfer_requests
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('transfer_requests', '', -1, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfer_requests', '', OLD.entry / 1000, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION transfer_requests_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfer_requests', '', -1, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
                UNION ALL SELECT 'transfer_requests', '', r.entry / 1000, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_insert AFTER INSERT ON transfer_requests REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION transfer_requests_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION transfer_requests_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfer_requests', '', -1, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfer_requests', '', r.entry / 1000, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfer_requests', '', -1, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
                UNION ALL SELECT 'transfer_requests', '', r.entry / 1000, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_update AFTER UPDATE ON transfer_requests REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION transfer_requests_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION transfer_requests_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfer_requests', '', -1, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfer_requests', '', r.entry / 1000, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfer_requests_tally_delete AFTER DELETE ON transfer_requests REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION transfer_requests_tally_delete()
        """)


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("from_warehouse", sa.Text(), nullable=False),
        sa.Column("to_warehouse", sa.Text(), nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", BIG, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", BIG, nullable=True),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_transfers_doc_date")),
        sa.CheckConstraint("length(due_date) = 10", name=op.f("ck_transfers_due_date")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_transfers")),
        sa.UniqueConstraint("id", name=op.f("uq_transfers_id")),
        sa.UniqueConstraint("number", name=op.f("uq_transfers_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_transfers_reference")),
        sa.UniqueConstraint("request_id", name=op.f("uq_transfers_request_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("transfers_by_date", "transfers", ["doc_date", "entry"], unique=False)
    op.create_index(
        "transfers_by_source", "transfers", ["from_warehouse", "doc_date"], unique=False
    )
    op.create_index("transfers_by_state", "transfers", ["state", "doc_date", "entry"], unique=False)
    op.create_index("transfers_by_target", "transfers", ["to_warehouse", "doc_date"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER transfers_tally_insert AFTER INSERT ON transfers
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('transfers', '', -1, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1),
                ('transfers', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER transfers_tally_update AFTER UPDATE ON transfers
            WHEN (CAST(replace(OLD.doc_date, '-', '') AS BIGINT), '', OLD.from_warehouse, OLD.to_warehouse, OLD.state) IS NOT (CAST(replace(NEW.doc_date, '-', '') AS BIGINT), '', NEW.from_warehouse, NEW.to_warehouse, NEW.state)
            BEGIN INSERT INTO tallies VALUES
                ('transfers', '', -1, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfers', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfers', '', -1, NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1),
                ('transfers', '', CAST(replace(NEW.doc_date, '-', '') AS BIGINT), NEW.from_warehouse, NEW.to_warehouse, NEW.state, 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER transfers_tally_delete AFTER DELETE ON transfers
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('transfers', '', -1, OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1),
                ('transfers', '', CAST(replace(OLD.doc_date, '-', '') AS BIGINT), OLD.from_warehouse, OLD.to_warehouse, OLD.state, 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION transfers_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfers', '', -1, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
                UNION ALL SELECT 'transfers', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfers_tally_insert AFTER INSERT ON transfers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION transfers_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION transfers_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfers', '', -1, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfers', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfers', '', -1, r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
                UNION ALL SELECT 'transfers', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.from_warehouse, r.to_warehouse, r.state, 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfers_tally_update AFTER UPDATE ON transfers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION transfers_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION transfers_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'transfers', '', -1, r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
                UNION ALL SELECT 'transfers', '', CAST(replace(r.doc_date, '-', '') AS BIGINT), r.from_warehouse, r.to_warehouse, r.state, -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER transfers_tally_delete AFTER DELETE ON transfers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION transfers_tally_delete()
        """)


def _two_factors() -> None:
    op.create_table(
        "two_factors",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("enabled_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_two_factors")),
        sqlite_strict=True,
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=True),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("permissions_extra", sa.Text(), nullable=False),
        sa.Column("warehouses", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("password_failures", sa.Integer(), nullable=False),
        sa.Column("password_locked_until", BIG, nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("pin_locked_until", BIG, nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("signed_in_at", BIG, nullable=True),
        sa.Column("deleted_at", BIG, nullable=True),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_users_is_active")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("number", name=op.f("uq_users_number")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
        sqlite_strict=True,
    )


def _warehouses() -> None:
    op.create_table(
        "warehouses",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_warehouses_is_active")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_warehouses")),
        sqlite_strict=True,
    )


def _webhook_stock() -> None:
    op.create_table(
        "webhook_stock",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", "warehouse", name=op.f("pk_webhook_stock")),
        sqlite_strict=True,
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), server_default="", nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("attempts_most", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("triggered_at", BIG, nullable=True),
        sa.Column("succeeded", BIG, server_default="0", nullable=False),
        sa.Column("failed", BIG, server_default="0", nullable=False),
        sa.Column("failing_since", BIG, nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("is_active IN (0, 1)", name=op.f("ck_webhooks_is_active")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhooks")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )


def _z_reports() -> None:
    op.create_table(
        "z_reports",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("fiscal_day", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("settled_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("device_id", "fiscal_day", name=op.f("pk_z_reports")),
        sqlite_strict=True,
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("goes_with_mail", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("added_at", BIG, nullable=False),
        sa.CheckConstraint("goes_with_mail IN (0, 1)", name=op.f("ck_attachments_goes_with_mail")),
        sa.ForeignKeyConstraint(["hash"], ["files.hash"], name=op.f("fk_attachments_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("attachments_by_document", "attachments", ["document_id"], unique=False)
    op.create_index("attachments_by_hash", "attachments", ["hash"], unique=False)


def _barcodes() -> None:
    op.create_table(
        "barcodes",
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("factor", BIG, nullable=False),
        sa.Column("backwards", SORT_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.code"], name=op.f("fk_barcodes_item")),
        sa.PrimaryKeyConstraint("barcode", "item", name=op.f("pk_barcodes")),
        sqlite_strict=True,
    )
    op.create_index("barcodes_by_backwards", "barcodes", ["backwards"], unique=False)
    op.create_index("barcodes_by_item", "barcodes", ["item"], unique=False)


def _charge_answers() -> None:
    op.create_table(
        "charge_answers",
        sa.Column("answer", BIG, autoincrement=True, nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_charge_answers_charge_id")
        ),
        sa.PrimaryKeyConstraint("answer", name=op.f("pk_charge_answers")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "charge_answers_once", "charge_answers", ["charge_id", "source", "digest"], unique=True
    )


def _charge_refunds() -> None:
    op.create_table(
        "charge_refunds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("external_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_look_at", BIG, nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.CheckConstraint("is_accepted IN (0, 1)", name=op.f("ck_charge_refunds_is_accepted")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_charge_refunds_charge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_refunds")),
        sqlite_strict=True,
    )
    op.create_index("charge_refunds_by_charge", "charge_refunds", ["charge_id"], unique=False)
    op.create_index("charge_refunds_by_look", "charge_refunds", ["next_look_at"], unique=False)


def _consolidation_members() -> None:
    op.create_table(
        "consolidation_members",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("tax_group", sa.Text(), nullable=False),
        sa.Column("consolidation_id", sa.Text(), nullable=False),
        sa.Column("net", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("gross", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["consolidation_id"],
            ["consolidations.id"],
            name=op.f("fk_consolidation_members_consolidation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sales.id"], name=op.f("fk_consolidation_members_sale_id")
        ),
        sa.PrimaryKeyConstraint("sale_id", "tax_group", name=op.f("pk_consolidation_members")),
        sqlite_strict=True,
    )
    op.create_index(
        "consolidation_members_by_list", "consolidation_members", ["consolidation_id"], unique=False
    )


def _count_lines() -> None:
    op.create_table(
        "count_lines",
        sa.Column("count_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("book", BIG, nullable=False),
        sa.Column("counted", BIG, nullable=False),
        sa.Column("counted_by", sa.Text(), nullable=False),
        sa.Column("counted_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["counts.id"], name=op.f("fk_count_lines_count_id")),
        sa.PrimaryKeyConstraint("count_id", "item", "batch", name=op.f("pk_count_lines")),
        sqlite_strict=True,
    )


def _desktop_sales() -> None:
    op.create_table(
        "desktop_sales",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("posted_at", BIG, nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(business_date) = 10", name=op.f("ck_desktop_sales_business_date")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_desktop_sales_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_desktop_sales")),
        sqlite_strict=True,
    )
    op.create_index(
        "desktop_sales_by_partner",
        "desktop_sales",
        ["partner", "posted_at", "receipt"],
        unique=False,
    )
    op.create_index(
        "desktop_sales_by_place",
        "desktop_sales",
        ["warehouse", "posted_at", "receipt"],
        unique=False,
    )
    op.create_index(
        "desktop_sales_by_time", "desktop_sales", ["posted_at", "receipt"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_insert AFTER INSERT ON desktop_sales
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('desktop_sales', '', -1, NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '', CAST(replace(NEW.business_date, '-', '') AS BIGINT), NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '=' || NEW.partner, -1, NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '=' || NEW.partner, CAST(replace(NEW.business_date, '-', '') AS BIGINT), NEW.warehouse, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_update AFTER UPDATE ON desktop_sales
            WHEN (CAST(replace(OLD.business_date, '-', '') AS BIGINT), '=' || OLD.partner, OLD.warehouse, '', '') IS NOT (CAST(replace(NEW.business_date, '-', '') AS BIGINT), '=' || NEW.partner, NEW.warehouse, '', '')
            BEGIN INSERT INTO tallies VALUES
                ('desktop_sales', '', -1, OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '', CAST(replace(OLD.business_date, '-', '') AS BIGINT), OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '=' || OLD.partner, -1, OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '=' || OLD.partner, CAST(replace(OLD.business_date, '-', '') AS BIGINT), OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '', -1, NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '', CAST(replace(NEW.business_date, '-', '') AS BIGINT), NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '=' || NEW.partner, -1, NEW.warehouse, '', '', 0, 1),
                ('desktop_sales', '=' || NEW.partner, CAST(replace(NEW.business_date, '-', '') AS BIGINT), NEW.warehouse, '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_delete AFTER DELETE ON desktop_sales
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('desktop_sales', '', -1, OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '', CAST(replace(OLD.business_date, '-', '') AS BIGINT), OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '=' || OLD.partner, -1, OLD.warehouse, '', '', 0, -1),
                ('desktop_sales', '=' || OLD.partner, CAST(replace(OLD.business_date, '-', '') AS BIGINT), OLD.warehouse, '', '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION desktop_sales_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'desktop_sales', '', -1, r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '', CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, -1, r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_insert AFTER INSERT ON desktop_sales REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION desktop_sales_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION desktop_sales_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'desktop_sales', '', -1, r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '', CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, -1, r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '', -1, r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '', CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, -1, r.warehouse, '', '', 1 FROM new_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_update AFTER UPDATE ON desktop_sales REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION desktop_sales_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION desktop_sales_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'desktop_sales', '', -1, r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '', CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, -1, r.warehouse, '', '', -1 FROM old_rows r
                UNION ALL SELECT 'desktop_sales', '=' || r.partner, CAST(replace(r.business_date, '-', '') AS BIGINT), r.warehouse, '', '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER desktop_sales_tally_delete AFTER DELETE ON desktop_sales REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION desktop_sales_tally_delete()
        """)


def _fiscal_journal() -> None:
    op.create_table(
        "fiscal_journal",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("intended_at", BIG, nullable=False),
        sa.Column("sent_at", BIG, nullable=True),
        sa.Column("settled_at", BIG, nullable=True),
        sa.Column("look_at", BIG, nullable=True),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("device_serial", sa.Text(), nullable=True),
        sa.Column("qr", sa.Text(), nullable=True),
        sa.Column("verification_code", sa.Text(), nullable=True),
        sa.Column("receipt_global_no", sa.Integer(), nullable=True),
        sa.Column("receipt_counter", sa.Integer(), nullable=True),
        sa.Column("fiscal_day", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.Text(), nullable=True),
        sa.Column("correction", sa.Text(), server_default="", nullable=False),
        sa.Column("corrected_at", BIG, nullable=True),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_fiscal_journal_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_fiscal_journal")),
        sa.UniqueConstraint("number", name=op.f("uq_fiscal_journal_number")),
        sa.UniqueConstraint("seq", name=op.f("uq_fiscal_journal_seq")),
        sqlite_strict=True,
    )
    op.create_index("fiscal_journal_by_state", "fiscal_journal", ["state", "seq"], unique=False)


def _item_recent() -> None:
    op.create_table(
        "item_recent",
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("last_sold_at", BIG, nullable=False),
        sa.Column("sold_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.code"], name=op.f("fk_item_recent_item")),
        sa.PrimaryKeyConstraint("warehouse", "item", name=op.f("pk_item_recent")),
        sqlite_strict=True,
    )
    op.create_index(
        "item_recent_by_time", "item_recent", ["warehouse", "last_sold_at"], unique=False
    )


def _ledger_goods() -> None:
    op.create_table(
        "ledger_goods",
        sa.Column("entry", BIG, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"], ["ledger_entries.entry"], name=op.f("fk_ledger_goods_entry")
        ),
        sa.PrimaryKeyConstraint("entry", "item", "warehouse", name=op.f("pk_ledger_goods")),
        sqlite_strict=True,
    )
    op.create_index("ledger_goods_by_place", "ledger_goods", ["item", "warehouse"], unique=False)


def _ledger_lines() -> None:
    op.create_table(
        "ledger_lines",
        sa.Column("entry", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("tag", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("debit", BIG, nullable=False),
        sa.Column("credit", BIG, nullable=False),
        sa.CheckConstraint(
            "(debit = 0) <> (credit = 0)", name=op.f("ck_ledger_lines_ledger_line_one_side")
        ),
        sa.CheckConstraint(
            "debit >= 0 AND credit >= 0", name=op.f("ck_ledger_lines_ledger_line_positive")
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["ledger_accounts.code"], name=op.f("fk_ledger_lines_account")
        ),
        sa.ForeignKeyConstraint(
            ["entry"], ["ledger_entries.entry"], name=op.f("fk_ledger_lines_entry")
        ),
        sa.PrimaryKeyConstraint("entry", "line", name=op.f("pk_ledger_lines")),
        sqlite_strict=True,
    )
    op.create_index(
        "ledger_lines_by_account", "ledger_lines", ["account", "currency"], unique=False
    )
    op.create_index("ledger_lines_by_partner", "ledger_lines", ["partner", "account"], unique=False)


def _movement_lines() -> None:
    op.create_table(
        "movement_lines",
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unit_cost", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_movement_lines_movement_id")
        ),
        sa.PrimaryKeyConstraint("movement_id", "line", name=op.f("pk_movement_lines")),
        sqlite_strict=True,
    )


def _payment_invoices() -> None:
    op.create_table(
        "payment_invoices",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("applied", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_invoices_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", "line", name=op.f("pk_payment_invoices")),
        sqlite_strict=True,
    )
    op.create_index("payment_invoices_by_invoice", "payment_invoices", ["invoice_id"], unique=False)


def _posting_steps() -> None:
    op.create_table(
        "posting_steps",
        sa.Column("queue_id", BIG, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("sent_at", BIG, nullable=True),
        sa.Column("done_at", BIG, nullable=True),
        sa.Column("doc_entry", sa.Integer(), nullable=True),
        sa.Column("doc_num", sa.Integer(), nullable=True),
        sa.Column("doc_total", BIG, nullable=True),
        sa.Column("adopted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["postings.queue_id"], name=op.f("fk_posting_steps_queue_id")
        ),
        sa.PrimaryKeyConstraint("queue_id", "step", name=op.f("pk_posting_steps")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_posting_steps_kind_key")),
        sqlite_strict=True,
    )


def _purchase_lines() -> None:
    op.create_table(
        "purchase_lines",
        sa.Column("purchase_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("received", BIG, server_default="0", nullable=False),
        sa.Column("unit_price", BIG, nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.Column("tax_percent", BIG, nullable=False),
        sa.Column("net", BIG, nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_purchase_lines_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "line", name=op.f("pk_purchase_lines")),
        sqlite_strict=True,
    )


def _purchase_receipts() -> None:
    op.create_table(
        "purchase_receipts",
        sa.Column("entry", BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Text(), nullable=False),
        sa.Column("doc_date", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.CheckConstraint("length(doc_date) = 10", name=op.f("ck_purchase_receipts_doc_date")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_purchase_receipts_purchase_id")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_purchase_receipts")),
        sa.UniqueConstraint("id", name=op.f("uq_purchase_receipts_id")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_receipts_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("purchase_receipts_by_date", "purchase_receipts", ["doc_date"], unique=False)
    op.create_index(
        "purchase_receipts_by_purchase", "purchase_receipts", ["purchase_id"], unique=False
    )


def _reservation_lines() -> None:
    op.create_table(
        "reservation_lines",
        sa.Column("reservation_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unit_price", BIG, nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.id"],
            name=op.f("fk_reservation_lines_reservation_id"),
        ),
        sa.PrimaryKeyConstraint(
            "reservation_id", "line", "part", name=op.f("pk_reservation_lines")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "reservation_lines_by_place", "reservation_lines", ["item", "warehouse"], unique=False
    )


def _sale_change() -> None:
    op.create_table(
        "sale_change",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_change_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "currency", name=op.f("pk_sale_change")),
        sqlite_strict=True,
    )


def _sale_lines() -> None:
    op.create_table(
        "sale_lines",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unit_price", BIG, nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.Column("tax_group", sa.Text(), nullable=False),
        sa.Column("tax_percent", BIG, nullable=True),
        sa.Column("net", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("gross", BIG, nullable=False),
        sa.Column("hs_code", sa.Text(), server_default="", nullable=False),
        sa.Column("price_list", sa.Text(), nullable=False),
        sa.Column("price_rule", sa.Text(), nullable=False),
        sa.Column("original_line", sa.Integer(), nullable=True),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_lines_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "line", name=op.f("pk_sale_lines")),
        sqlite_strict=True,
    )
    op.create_index("sale_lines_by_item", "sale_lines", ["item"], unique=False)


def _sale_tenders() -> None:
    op.create_table(
        "sale_tenders",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tendered", BIG, nullable=False),
        sa.Column("settled", BIG, nullable=False),
        sa.Column("in_document", BIG, nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_tenders_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "line", name=op.f("pk_sale_tenders")),
        sqlite_strict=True,
    )
    op.create_index("sale_tenders_by_reference", "sale_tenders", ["reference"], unique=False)


def _shift_counts() -> None:
    op.create_table(
        "shift_counts",
        sa.Column("shift_id", sa.Text(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("denomination", BIG, nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_shift_counts_shift_id")),
        sa.PrimaryKeyConstraint(
            "shift_id", "moment", "currency", "denomination", name=op.f("pk_shift_counts")
        ),
        sqlite_strict=True,
    )


def _shift_movements() -> None:
    op.create_table(
        "shift_movements",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("shift_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tender_type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_shift_movements_shift_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_shift_movements")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "shift_movements_by_shift",
        "shift_movements",
        ["shift_id", "tender_type", "currency", "amount"],
        unique=False,
    )


def _shift_results() -> None:
    op.create_table(
        "shift_results",
        sa.Column("shift_id", sa.Text(), nullable=False),
        sa.Column("tender_type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("expected", BIG, nullable=False),
        sa.Column("counted", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_shift_results_shift_id")
        ),
        sa.PrimaryKeyConstraint(
            "shift_id", "tender_type", "currency", name=op.f("pk_shift_results")
        ),
        sqlite_strict=True,
    )


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signer_name", sa.Text(), nullable=False),
        sa.Column("signer_email", sa.Text(), nullable=False),
        sa.Column("signer_role", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("signed_at", BIG, nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("verified_at", BIG, nullable=True),
        sa.ForeignKeyConstraint(["hash"], ["files.hash"], name=op.f("fk_signatures_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("signatures_by_document", "signatures", ["document_id"], unique=False)
    op.create_index("signatures_by_hash", "signatures", ["hash"], unique=False)


def _stock_snapshot_rows() -> None:
    op.create_table(
        "stock_snapshot_rows",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("expiry", sa.Text(), nullable=True),
        sa.CheckConstraint("length(day) = 10", name=op.f("ck_stock_snapshot_rows_day")),
        sa.CheckConstraint("length(expiry) = 10", name=op.f("ck_stock_snapshot_rows_expiry")),
        sa.ForeignKeyConstraint(
            ["day", "warehouse"],
            ["stock_snapshots.day", "stock_snapshots.warehouse"],
            name=op.f("fk_stock_snapshot_rows_day_warehouse"),
        ),
        sa.PrimaryKeyConstraint(
            "day", "warehouse", "item", "batch", name=op.f("pk_stock_snapshot_rows")
        ),
        sqlite_strict=True,
    )


def _trade_invoices() -> None:
    op.create_table(
        "trade_invoices",
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("invoice_line", sa.Integer(), nullable=False),
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trades.id"], name=op.f("fk_trade_invoices_trade_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "invoice_line", name=op.f("pk_trade_invoices")),
        sqlite_strict=True,
    )
    op.create_index("trade_invoices_by_trade", "trade_invoices", ["trade_id"], unique=False)


def _trade_lines() -> None:
    op.create_table(
        "trade_lines",
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("fulfilled", BIG, nullable=False),
        sa.Column("unit_price", BIG, nullable=False),
        sa.Column("discount_percent", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("tax_group", sa.Text(), nullable=False),
        sa.Column("tax_percent", BIG, nullable=True),
        sa.Column("net", BIG, nullable=False),
        sa.Column("vat", BIG, nullable=False),
        sa.Column("gross", BIG, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("price_list", sa.Text(), nullable=False),
        sa.Column("price_rule", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["trade_id"], ["trades.id"], name=op.f("fk_trade_lines_trade_id")),
        sa.PrimaryKeyConstraint("trade_id", "line", name=op.f("pk_trade_lines")),
        sqlite_strict=True,
    )


def _transfer_lines() -> None:
    op.create_table(
        "transfer_lines",
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("from_warehouse", sa.Text(), nullable=False),
        sa.Column("to_warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("received", BIG, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_lines_transfer_id")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "line", name=op.f("pk_transfer_lines")),
        sqlite_strict=True,
    )


def _transfer_request_lines() -> None:
    op.create_table(
        "transfer_request_lines",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), nullable=False),
        sa.Column("from_warehouse", sa.Text(), nullable=False),
        sa.Column("to_warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transfer_requests.id"],
            name=op.f("fk_transfer_request_lines_request_id"),
        ),
        sa.PrimaryKeyConstraint("request_id", "line", name=op.f("pk_transfer_request_lines")),
        sqlite_strict=True,
    )


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("webhook", BIG, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("is_success", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.CheckConstraint("is_success IN (0, 1)", name=op.f("ck_webhook_deliveries_is_success")),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhooks.number"], name=op.f("fk_webhook_deliveries_webhook")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhook_deliveries")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("webhook_deliveries_by_time", "webhook_deliveries", ["at"], unique=False)
    op.create_index(
        "webhook_deliveries_by_webhook", "webhook_deliveries", ["webhook", "number"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_insert AFTER INSERT ON webhook_deliveries
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('webhook_deliveries', '', -1, '', '', '', 0, 1),
                ('webhook_deliveries', '', NEW.number / 1000, '', '', '', 0, 1),
                ('webhook_deliveries', '=' || NEW.webhook, -1, '', '', '', 0, 1),
                ('webhook_deliveries', '=' || NEW.webhook, NEW.number / 1000, '', '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_update AFTER UPDATE ON webhook_deliveries
            WHEN (OLD.number / 1000, '=' || OLD.webhook, '', '', '') IS NOT (NEW.number / 1000, '=' || NEW.webhook, '', '', '')
            BEGIN INSERT INTO tallies VALUES
                ('webhook_deliveries', '', -1, '', '', '', 0, -1),
                ('webhook_deliveries', '', OLD.number / 1000, '', '', '', 0, -1),
                ('webhook_deliveries', '=' || OLD.webhook, -1, '', '', '', 0, -1),
                ('webhook_deliveries', '=' || OLD.webhook, OLD.number / 1000, '', '', '', 0, -1),
                ('webhook_deliveries', '', -1, '', '', '', 0, 1),
                ('webhook_deliveries', '', NEW.number / 1000, '', '', '', 0, 1),
                ('webhook_deliveries', '=' || NEW.webhook, -1, '', '', '', 0, 1),
                ('webhook_deliveries', '=' || NEW.webhook, NEW.number / 1000, '', '', '', 0, 1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_delete AFTER DELETE ON webhook_deliveries
            WHEN 1
            BEGIN INSERT INTO tallies VALUES
                ('webhook_deliveries', '', -1, '', '', '', 0, -1),
                ('webhook_deliveries', '', OLD.number / 1000, '', '', '', 0, -1),
                ('webhook_deliveries', '=' || OLD.webhook, -1, '', '', '', 0, -1),
                ('webhook_deliveries', '=' || OLD.webhook, OLD.number / 1000, '', '', '', 0, -1)
            ON CONFLICT DO UPDATE SET many = many + excluded.many; END
        """)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION webhook_deliveries_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'webhook_deliveries', '', -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '', r.number / 1000, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, r.number / 1000, '', '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_insert AFTER INSERT ON webhook_deliveries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION webhook_deliveries_tally_insert()
        """)
        op.execute("""
            CREATE FUNCTION webhook_deliveries_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'webhook_deliveries', '', -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '', r.number / 1000, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, r.number / 1000, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '', -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '', r.number / 1000, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, -1, '', '', '', 1 FROM new_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, r.number / 1000, '', '', '', 1 FROM new_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_update AFTER UPDATE ON webhook_deliveries REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION webhook_deliveries_tally_update()
        """)
        op.execute("""
            CREATE FUNCTION webhook_deliveries_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM tally_add(l, w, s, a, b, c, sum(n)::bigint)
            FROM (
                SELECT 'webhook_deliveries', '', -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '', r.number / 1000, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, -1, '', '', '', -1 FROM old_rows r
                UNION ALL SELECT 'webhook_deliveries', '=' || r.webhook, r.number / 1000, '', '', '', -1 FROM old_rows r
            ) AS counted (l, w, s, a, b, c, n)
            GROUP BY l, w, s, a, b, c HAVING sum(n) <> 0;
            RETURN NULL; END $$
        """)
        op.execute("""
            CREATE TRIGGER webhook_deliveries_tally_delete AFTER DELETE ON webhook_deliveries REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION webhook_deliveries_tally_delete()
        """)


def _webhook_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("webhook", BIG, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("try_at", BIG, nullable=False),
        sa.Column("token", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhooks.number"], name=op.f("fk_webhook_messages_webhook")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_webhook_messages")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "webhook_messages_by_state", "webhook_messages", ["state", "try_at"], unique=False
    )
    op.create_index(
        "webhook_messages_by_subject",
        "webhook_messages",
        ["webhook", "subject", "seq"],
        unique=False,
    )
    op.create_index("webhook_messages_by_time", "webhook_messages", ["at"], unique=False)


def _purchase_receipt_lines() -> None:
    op.create_table(
        "purchase_receipt_lines",
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("purchase_line", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("expiry", sa.Text(), nullable=True),
        sa.CheckConstraint("length(expiry) = 10", name=op.f("ck_purchase_receipt_lines_expiry")),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["purchase_receipts.id"],
            name=op.f("fk_purchase_receipt_lines_receipt_id"),
        ),
        sa.PrimaryKeyConstraint("receipt_id", "line", name=op.f("pk_purchase_receipt_lines")),
        sqlite_strict=True,
    )
