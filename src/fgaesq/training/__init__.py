"""Training: recipe, batches, task, loop."""
