"""What training costs and scores: recipes, published systems, other programs, this machine."""
