"""bearclf: a photo classifier that people who never program can use, build and keep clean.

``import bearclf`` costs next to nothing: torch and the widgets are imported only by the modules that use
them, so that a visitor's kernel stays small.
"""

__version__ = "0.1.0"
