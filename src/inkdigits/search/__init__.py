"""Searches: learning rates, and any other setting, by validation samples alone."""
