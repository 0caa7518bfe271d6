"""Networks: the vision transformer over mixed-resolution tokens, its specs and its weights."""
