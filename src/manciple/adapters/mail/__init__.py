"""Mail as it leaves: letters written as text and HTML, links signed, SMTP.

letter     a letter as bytes, the same bytes every time
post       the way to a mail server
endpoint   the endpoint named ``mail``
"""
