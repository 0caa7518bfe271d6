"""The product's core: from photos to a ranking with honest probabilities."""
