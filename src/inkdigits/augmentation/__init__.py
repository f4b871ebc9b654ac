"""What happens to a picture before a network learns it: warps, and degraded ink."""
