"""Pick the best image of a series of near-identical ones, and say how sure the pick is."""
