"""SAP Business One through its Service Layer: client, documents, master data, simulator."""
