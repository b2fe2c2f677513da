"""How a page reaches the model: one worker for all visitors, and a client that never imports torch."""
