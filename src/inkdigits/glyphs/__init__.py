"""Single glyphs: digits, letters and signs as people write them, print, and what is no digit."""
