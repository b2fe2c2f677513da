"""Who may change the training photos."""
