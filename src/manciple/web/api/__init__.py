"""The HTTP API, version 1: the same commands as every other door.

    problems    errors as problem+json (RFC 9457), naming field, rule and fix
    access      who calls: an API key, a person, an actor
    doors       which request asks for which act
    describing  the reference pages of the API and of rights
    bodies      what a caller may send: closed records, decimals as strings
    asking      a command from a request: Idempotency-Key, If-Match, the reply as a response
    requests    requisitions, approvals, delegations
    returns     returns to suppliers
    trade       orders, acknowledgments, ship notices, receipts, invoices
    order_changes   changes of orders, with their preview
    substitutes     another item that may come on an order line
    exceptions  the queue of exceptions, their playbooks, the ways to end them
    partners    interchanges: any partner file, quarantine, the raw bytes
    control_numbers  partners' counts, what is missing in them, files sent again
    masters     items, suppliers, sites, agreements, people, keys
    metrics     figures, what they mean, the facts behind them; scorecards
    mail        how mail is sent; links to suppliers
    running     flows, policies, endpoints, effects, events, trace, health

HTTP status codes exist in this folder alone.
"""
