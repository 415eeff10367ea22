"""One place of the till per module, each with its own style sheet."""
