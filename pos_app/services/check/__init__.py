"""What must always hold in the books, recomputed from the stored facts: a module each."""
