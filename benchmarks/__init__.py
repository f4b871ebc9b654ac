"""All measuring of this project: ``python -m benchmarks``. No part of the package."""
