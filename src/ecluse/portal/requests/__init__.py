"""Data requests: asked by a form, decided, answered by protected tables alone (EHDS art. 69)."""
