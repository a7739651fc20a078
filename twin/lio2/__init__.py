"""Li-O2 cells: parameters, discharges across the thickness, and what ends them."""

from __future__ import annotations

from solvers.time_stepping import Stepping as Stepping
from twin.lio2.at_depth import discharge_at as discharge_at
from twin.lio2.closure import Closure as Closure
from twin.lio2.discharging import DischargeFailed as DischargeFailed
from twin.lio2.discharging import discharge as discharge
from twin.lio2.image import discharge_image as discharge_image
from twin.lio2.image_model import Growth as Growth
from twin.lio2.image_model import ImageStepping as ImageStepping
from twin.lio2.image_model import NanoPorous as NanoPorous
from twin.lio2.image_results import ImageDischarge as ImageDischarge
from twin.lio2.laws import AreaTable as AreaTable
from twin.lio2.laws import PowerArea as PowerArea
from twin.lio2.laws import TransportTable as TransportTable
from twin.lio2.layer import Grid as Grid
from twin.lio2.parameters import Parameters as Parameters
from twin.lio2.plots import draw_curves as draw_curves
from twin.lio2.plots import draw_profiles as draw_profiles
from twin.lio2.protocol import Step as Step
from twin.lio2.results import Discharge as Discharge
from twin.lio2.verdict import Verdict as Verdict

__all__ = [
    "AreaTable",
    "Closure",
    "Discharge",
    "DischargeFailed",
    "Grid",
    "Growth",
    "ImageDischarge",
    "ImageStepping",
    "NanoPorous",
    "Parameters",
    "PowerArea",
    "Step",
    "Stepping",
    "TransportTable",
    "Verdict",
    "discharge",
    "discharge_at",
    "discharge_image",
    "draw_curves",
    "draw_profiles",
]
