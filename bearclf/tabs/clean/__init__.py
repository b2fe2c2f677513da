"""The second tab: a contact sheet of the training photos, and the panels beside it; begin with curate."""
