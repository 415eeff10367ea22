"""Master data: what tills sell from, fetched from SAP kind by kind, whole or by what changed.

Each kind is read to its end first and stored in one transaction: a read that fails leaves the
former copy in place (production lesson L40). Only what really changed enters the feed.
"""
