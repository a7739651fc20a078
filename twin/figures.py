"""What all pictures share: the style, the making and the saving of matplotlib figures.

pyplot and its global state are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from meshing.errors import InputError
from twin.files import atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

#: Colours for the three axes that readers with any colour vision tell apart (Okabe and Ito,
#: https://jfly.uni-koeln.de/color/).
AXIS_COLOURS: Final = {"x": "#0072B2", "y": "#D55E00", "z": "#009E73"}

STYLE: Final[Any] = {  # matplotlib types the keys of its settings one by one
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "legend.fontsize": 8.5,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "axes.linewidth": 0.7,
    "savefig.dpi": 200.0,
    "mathtext.fontset": "dejavusans",
}


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run with our fonts and line widths, and leave matplotlib's settings as they were."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return function(*args, **kwargs)

    return run


def new_figure(size: tuple[float, float]) -> Figure:
    """Make an empty figure of a size in inches, with a canvas of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06))
    FigureCanvasAgg(figure)
    return figure


def saved(figure: Figure, path: str | Path | None) -> Figure:
    """Write a figure to a file, where one is wanted; the suffix says the format.

    Parameters
    ----------
    figure : the figure.
    path : the file, ``.png``, ``.pdf``, ``.svg`` or another format that matplotlib writes; or None.

    Returns
    -------
    Figure
        The figure.

    Raises
    ------
    InputError
        When the suffix is none that matplotlib writes, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from matplotlib.figure import Figure
    >>> from twin.figures import saved
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = saved(Figure(), Path(folder) / "empty.png")
    """
    if path is not None:
        check_format(Path(path))
        with atomic(Path(path)) as temporary:
            styled(figure.savefig)(temporary)
    return figure


def check_format(path: Path) -> None:
    """Make sure that matplotlib writes the format of a picture's suffix.

    Raises
    ------
    InputError
        When it does not; the sentence lists the formats.

    Examples
    --------
    >>> from pathlib import Path
    >>> from twin.figures import check_format
    >>> check_format(Path("picture.png"))
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    formats = FigureCanvasAgg.get_supported_filetypes()
    if path.suffix.lower().lstrip(".") not in formats:
        raise InputError(
            f"cannot draw {path}: {path.suffix or 'no suffix'} is no format of pictures; use one "
            f"of {', '.join(f'.{name}' for name in sorted(formats))}"
        )


def plain_lengths(panel: Axes) -> None:
    """Write 5, 10, 20 and so on along a logarithmic axis of lengths, and no powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())


def plain_spines(panel: Axes) -> None:
    """Take away the frame above and to the right."""
    panel.spines[["top", "right"]].set_visible(False)
