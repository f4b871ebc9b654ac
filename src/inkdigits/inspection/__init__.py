"""Looking into networks: what each layer gives for a picture, and which pixels mattered.

It knows networks, and nothing of runs, training or the page that shows it.
"""

from .attribution import IntegratedGradients, Occlusion, integrated_gradients, occlusion
from .trace import Layer, Trace, layers, trace

__all__ = [
    "IntegratedGradients",
    "Layer",
    "Occlusion",
    "Trace",
    "integrated_gradients",
    "layers",
    "occlusion",
    "trace",
]
