"""The first tab: its state, its widgets and its wording."""
