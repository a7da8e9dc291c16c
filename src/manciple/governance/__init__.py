"""Who may do what: people, their roles and sites, and the keys with which programs sign in.

people      a person in the register, and the actor that a door may act as
api_key     a key as its digest and a visible prefix; the secret itself is never kept
handlers    register, deactivate, issue, revoke
"""
