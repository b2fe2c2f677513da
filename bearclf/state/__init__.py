"""What the page knows, in traits that views are linked to. Nothing here knows a widget."""
