"""End-of-day consolidation: receipts that wait, lists that are fixed, and what became of them.

A receipt that qualifies is queued as ``Collected`` and no worker takes it. A run puts all of them
into lists, each of one business date, customer, currency, rate and tax group, and queues each list
for SAP in the same transaction; from then on nobody adds to it. `posting.consolidation` takes it
there as one invoice with its payments, like any other document, and says on each receipt how far
it has come.
"""
