"""From lines of ink to symbols. Nothing here knows PyTorch."""
