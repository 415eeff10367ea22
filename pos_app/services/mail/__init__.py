"""Mail: queued in the transaction of its cause, sent by the server's background work."""
