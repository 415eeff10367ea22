"""What a till asks of wallets: intent first, sent once, settled by reading, taken once."""
