"""What goes with a document: its files, its papers by template, its signatures, its letters."""
