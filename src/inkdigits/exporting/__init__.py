"""Models that read: ONNX files from networks, checked against PyTorch, and in eight bits."""
