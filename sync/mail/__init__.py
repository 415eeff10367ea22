"""Letters out of the house: over SMTP, or into a folder."""
