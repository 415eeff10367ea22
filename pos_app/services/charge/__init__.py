"""Money asked of a wallet: asked once, settled by reading, booked once, given back once."""
