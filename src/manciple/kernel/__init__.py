"""The words that every room uses: money, quantity, price, tolerance, identity, time, errors.

    money.Money(Decimal("12.50"), Currency.USD)      exact, one currency
    quantity.Quantity(Decimal(9), Unit.CASE)          exact, one unit
    price.Price(Money, per=Quantity)                  30.00 USD per 100 EA
    tolerance.Tolerance                               how much may differ, and which leg decides
    calendar.BusinessCalendar                         when people work; SLAs in open hours
    messages.Command, Actor, Role                     who asks for what, once
    clock.Clock                                       time as a port
    identity                                          numbers and ids from a command's key

Nothing here knows a document, a database or a network.
"""
