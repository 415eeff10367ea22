"""Notifications: made by people and by the server itself, read by each for themselves."""
