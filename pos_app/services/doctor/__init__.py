"""What to look at before the first sale of a day, each thing with its state and what to do."""
