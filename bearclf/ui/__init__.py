"""The page: widgets, each linked to state that knows no widget."""
