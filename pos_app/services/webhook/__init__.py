"""Webhooks: who wants to hear what, what is to be told, and telling it."""
