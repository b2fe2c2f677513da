"""The second tab: its state and its widgets."""
