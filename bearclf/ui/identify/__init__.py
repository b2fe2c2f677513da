"""The first tab: what it knows, what it shows, and its words."""
