"""Images to tokens of mixed resolution: NumPy and Pillow only, pure functions."""
