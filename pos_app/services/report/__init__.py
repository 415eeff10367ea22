"""Reports: what was sold, paid, owed, bought and moved over a range of business days."""
