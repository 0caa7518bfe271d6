"""The finished dataset: its splits, its files in four formats, its card; and the way back."""
