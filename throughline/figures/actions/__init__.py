"""What happens to figures."""

from throughline.figures.actions.defining import load_series
from throughline.figures.actions.dismissing import dismiss_load
from throughline.figures.actions.judging import record_confidence
from throughline.figures.actions.loading import load_file, load_observations, receive_load
from throughline.figures.actions.recording import record_observation
from throughline.figures.actions.simulating import simulate_figures

__all__ = [
    "dismiss_load",
    "load_file",
    "load_observations",
    "load_series",
    "receive_load",
    "record_confidence",
    "record_observation",
    "simulate_figures",
]
