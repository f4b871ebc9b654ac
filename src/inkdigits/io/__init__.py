"""Files in and out: pictures and their limits, what was read as text, JSON, CSV, pictures."""
