"""Photos: decoding them, the folders they lie in, and what was found out about each."""
