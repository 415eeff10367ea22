"""Labels of goods: due when a price changes, printed, and confirmed once they are on the shelf."""
