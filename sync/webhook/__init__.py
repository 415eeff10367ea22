"""Notices to other programs over HTTP: signed, and sent to public addresses alone."""
