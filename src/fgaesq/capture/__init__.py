"""What a file says of how and when it was taken, and which files are one photo."""
