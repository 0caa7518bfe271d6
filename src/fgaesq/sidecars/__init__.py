"""XMP sidecars: what they say of a photo, and merging into them without touching anything else."""
