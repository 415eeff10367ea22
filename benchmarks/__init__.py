"""How fast and how large the shop is, each figure beside one measured in the same run."""
