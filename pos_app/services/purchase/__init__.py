"""Purchase orders: made, approved, received with batches, and what SAP hears of them."""
