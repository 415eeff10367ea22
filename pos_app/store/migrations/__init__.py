"""Steps from one schema to the next; run by `pos_app.store.migrate`."""
