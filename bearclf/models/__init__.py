"""Trained models on disk: the bundle and its card, which one is live, and how good one is."""
