"""Openly licensed photos from elsewhere into class folders, each with its attribution; begin with gather."""
