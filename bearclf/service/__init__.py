"""How a page reaches what computes: two workers that all pages share, and the line to either."""
