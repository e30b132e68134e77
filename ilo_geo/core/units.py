"""Conversions between the units used in names (``_m _m2 _ha _km``) and how numbers are written."""

M2_PER_HA = 10_000.0
MISSING = "–"


def m2_to_ha(area_m2: float) -> float:
    """Return square metres as hectares."""
    return area_m2 / M2_PER_HA


def peru_number(value: float | None, decimals: int = 0) -> str:
    """Return a number as written in Peru: comma for thousands, point for decimals.

    Examples
    --------
    >>> peru_number(79927), peru_number(2.777, 2), peru_number(None)
    ('79,927', '2.78', '–')
    """
    if value is None or value != value:  # NaN is the only value unequal to itself
        return MISSING
    return f"{value:,.{decimals}f}"


def peru_date(iso_date: str) -> str:
    """Return ``YYYY-MM-DD`` as ``dd/mm/aaaa``; a bare year or year-month stays as short as it is.

    Examples
    --------
    >>> peru_date("2026-11-22"), peru_date("2023")
    ('22/11/2026', '2023')
    """
    return "/".join(reversed(iso_date.split("-")))


def iso_date(peruvian: str) -> str:
    """Return ``dd/mm/aaaa`` as ``YYYY-MM-DD``, the inverse of `peru_date`; others as they are.

    Examples
    --------
    >>> iso_date("22/11/2026"), iso_date("5/3/2026"), iso_date("2026-11-22")
    ('2026-11-22', '2026-03-05', '2026-11-22')
    """
    parts = peruvian.strip().split("/")
    return "-".join(part.zfill(2) for part in reversed(parts))
