"""What cases need from outside: the working hours of a site."""

from collections.abc import Callable

from manciple.kernel.calendar import BusinessCalendar
from manciple.runtime.work import Work

CalendarFor = Callable[[Work, str], BusinessCalendar]
"""Give the working calendar of a site, by the site's id."""
