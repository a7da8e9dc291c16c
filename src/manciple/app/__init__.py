"""The composition root: build(settings) -> Application. The only reader of settings.

definitions   flows, policies and maps as they were shipped
registry      every room's handlers, and the flows' reactions
systems       ERP, warehouse, finance and partners as endpoints
application   what the doors use: apply, read, explain
building      an application put together, on either database
masters       the ERP's master records, read into the catalog
needs         a requester's needs: whose turn, when expected; what to know before asking
feeds         what the warehouse booked and what partners left, as commands
checking      our totals against the ERP's, the warehouse's and finance's own
"""

from manciple.app.application import Application
from manciple.app.building import build, settings_from

__all__ = ["Application", "build", "settings_from"]
