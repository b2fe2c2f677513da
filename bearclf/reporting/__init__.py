"""How well a model does on a folder, as one page to hand on."""
