"""How pages reach what computes: by a line to either of two workers, which all pages share."""
