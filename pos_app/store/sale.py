"""Posted sales: header, lines, batches, tenders; and the baskets put aside."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from pos_app.store.schema import BusinessDate, Flag, Instant, Json, Micro, Minor, table

sales = table(
    "sales",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # invoice | credit_note
    Column("origin", Text, nullable=False),  # till | api
    Column("receipt", Text, nullable=False, unique=True),
    Column("till", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("shift_id", Text),
    Column("reference", Text, unique=True),
    Column("content_hash", Text, nullable=False),
    Column("original_id", Text, ForeignKey("sales.id")),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rate", Micro),  # ZIG per USD, frozen at posting
    Column("is_gross", Flag, nullable=False),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("paid", Minor, nullable=False),
    Column("business_date", BusinessDate, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("taxes", Json, nullable=False),
    Column("settlement", Json, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    UniqueConstraint("till", "number"),
    CheckConstraint("net + vat = total", name="sale_adds_up"),
    Index("sales_by_time", "posted_at"),
    Index("sales_by_date", "business_date", "till"),
    Index("sales_by_partner", "partner", "posted_at"),
)

sale_lines = table(
    "sale_lines",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Column("tax_group", Text, nullable=False),
    Column("tax_percent", Micro),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("gross", Minor, nullable=False),
    Column("hs_code", Text, nullable=False, server_default=""),
    Column("price_list", Text, nullable=False),
    Column("price_rule", Text, nullable=False),
    Column("original_line", Integer),
    Column("warehouse", Text, nullable=False),
    Index("sale_lines_by_item", "item"),
)

sale_tenders = table(
    "sale_tenders",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("tendered", Minor, nullable=False),
    Column("settled", Minor, nullable=False),
    Column("in_document", Minor, nullable=False),
    Column("reference", Text, nullable=False, server_default=""),
)

sale_change = table(
    "sale_change",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", Minor, nullable=False),
)

held_sales = table(
    "held_sales",
    Column("id", Text, primary_key=True),  # the sale's own identity, kept through recall
    Column("till", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("state", Text, nullable=False),  # held | recalled | voided
    Column("note", Text, nullable=False, server_default=""),
    Column("partner", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("basket", Json, nullable=False),
    Column("reservation_id", Text),
    Column("held_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("held_sales_by_state", "till", "state"),
)
