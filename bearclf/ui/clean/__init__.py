"""The second tab: what it knows and what it shows."""
