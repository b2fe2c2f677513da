"""Keeping a training folder clean: every move of a photo, and the way back."""
