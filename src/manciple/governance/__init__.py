"""Who may do what: people, their roles and sites, and the keys with which programs sign in.

people      a person and a key as records; the actor that a door may act as
api_key     a key text: its visible id and its digest; the secret itself is never kept
link        signed links: a token, its record, whether it still opens anything
mailing     whether mail is sent, and in whose name; linking gives links and ends them
notice      what somebody should know, and how they want to be told; noticing keeps both
queries     what people are shown of their notices
operations  who held an endpoint, who tried a dead letter again, and why
handlers    register, deactivate, issue, revoke, hold, resume, replay
"""
