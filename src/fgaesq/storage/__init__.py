"""Databases in files: opening, transactions, versions, and errors with remedies."""
