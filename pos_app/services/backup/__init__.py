"""Backups of the whole database: made while the shop works, read back, thinned out, restored."""
