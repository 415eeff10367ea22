"""The way to SAP: documents queued where they are made, and posted step by step, each step once.

How to add a kind of document
-----------------------------

1. A module named by the document (`transfer.py`) with one frozen `step.Step` for each SAP document
   it becomes, in the order of sending, and a planner: ``plan(shop, connection, row)`` reads the
   document ``row["document_id"]`` and returns the steps; it sends nothing and changes nothing.
   It raises `step.EarlierAway` while a document it follows is not in SAP yet.
2. A `kinds.Kind` in `kinds.KINDS`: the planner, and what says on the document how far it has come.
3. `queueing.enqueue` in the transaction that makes the document. The key is the document's own
   identity: it was born with it, and SAP is asked for it before every attempt.

Nothing else: looking up first, sending once, waiting out what may still become visible, drafts,
adoption, attempts, incidents, retry and cancelling are the same for all of them.
"""
