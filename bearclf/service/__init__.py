"""How a page reaches the model: one worker process for all visitors, and a client that never imports torch."""
