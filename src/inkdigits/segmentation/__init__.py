"""From a picture to lines of ink: hypotheses of one page. Nothing here knows PyTorch."""
