"""Stock per item and warehouse, per batch, and the chain of moves that explains it.

Each quantity stands on a base told from above (the server for a till, SAP for the server) and on our own moves
that the base does not contain yet. `base_seq` says how far up the base reaches; a move counts on top of it while
its `upstream_seq` is unknown or later.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Text

from pos_app.store.schema import BusinessDate, Instant, Micro, autokey, big, table

stock = table(
    "stock",
    Column("item", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("on_hand", Micro, nullable=False),
    Column("base", Micro, nullable=False),
    Column("base_seq", big(), nullable=False),
    Column("committed", Micro, nullable=False),
    Column("ordered", Micro, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

batches = table(
    "batches",
    Column("item", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("on_hand", Micro, nullable=False),
    Column("base", Micro, nullable=False),
    Column("base_seq", big(), nullable=False),
    Column("status", Text, nullable=False),
    Column("expiry", BusinessDate),
    Column("admission", BusinessDate),
    Column("manufactured", BusinessDate),
    Column("changed_at", Instant, nullable=False),
)

stock_moves = table(
    "stock_moves",
    autokey("seq"),
    Column("document_kind", Text, nullable=False),  # sale | return | transfer | count | receipt | issue
    Column("document_id", Text, nullable=False),
    Column("line", big(), nullable=False),
    Column("item", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("quantity", Micro, nullable=False),
    Column("at", Instant, nullable=False),
    Column("upstream_seq", big()),
    Index("stock_moves_by_place", "item", "warehouse", "upstream_seq"),
    Index("stock_moves_by_document", "document_id"),
)
