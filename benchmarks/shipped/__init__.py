"""What the package ships with: models, and samples of the guide, made and described."""
