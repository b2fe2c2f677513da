"""The Voilà template of the page, and what it asks of Python."""

TEMPLATE = "bearclf"
"""Its name; "lab" is Voilà's own."""

FILTERS = {"bearclf_sentences": "bearclf.ui.first_look.sentences"}
"""Jinja filters that Voilà's exporter is to have for it, by name. It does without them, too."""
