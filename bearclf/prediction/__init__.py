"""From a bundle and a photo to an answer. Only ``learned.py`` and what it imports need torch."""
