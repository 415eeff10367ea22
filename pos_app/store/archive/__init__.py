"""Whole databases as files: copied while others write, compared row by row, put back."""
