"""The daily proof: receipts, fiscal receipts, server documents and SAP documents side by side."""
