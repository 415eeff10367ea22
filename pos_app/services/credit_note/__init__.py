"""Credit notes of the back office: made, approved, posted as a till's, and read with those."""
