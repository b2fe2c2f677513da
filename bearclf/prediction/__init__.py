"""The heart: a bundle and a photo give an answer. Only ``learned.py`` and what it imports need torch."""
