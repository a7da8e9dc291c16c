"""The season: how much more or less is bought in a week, and what a promotion adds.

    demand of a day = the item-site's own rate x week's index x weekday's index x promotion

All indices are per cent of the year's mean; 100 changes nothing.
"""

from datetime import date

from manciple.world.chance import Chance

WEEKS = (
    86, 88, 88, 89, 90, 91, 92, 93, 95, 97, 99, 101, 103, 105, 107, 108, 109, 110, 110, 110,
    110, 109, 108, 107, 105, 103, 98, 100, 102, 104, 105, 106, 107, 107, 106, 106, 105, 105, 104,
    104, 103, 102, 101, 100, 99, 98, 90, 97, 94, 92, 88, 80, 80,
)  # fmt: skip
"""Index by ISO week, 1 to 53. An assumption: building trades in spring, a dip at each holiday."""
WEEKDAYS = (112, 104, 100, 98, 86, 0, 0)
"""Index by weekday, Monday first; nothing leaves at the weekend. An assumption of ours."""
UPLIFT = (125, 170)
"""What a promotion makes of demand, in per cent, from and to. An assumption of ours."""


def promotion(seed: int, category: str, week: int) -> int:
    """Give what promotions make of a category's demand in an ISO week; 100 if there is none.

    A category is promoted in about one week of nine, for the whole week, at every site.
    """
    chance = Chance(seed, "promotion", category, week)
    return chance.between(*UPLIFT) if chance.happens(11) else 100


def index(seed: int, category: str, day: date) -> int:
    """Give the day's demand in hundredths of a per cent of the mean: 10,000 changes nothing."""
    week = day.isocalendar().week
    whole = WEEKS[week - 1] * WEEKDAYS[day.weekday()] * promotion(seed, category, week)
    return whole // 100
