"""How well the reader reads, how fast, and what the costliest pictures cost."""
