"""The flow `supplier_exception`: what went wrong becomes a case, and its resolution acts.

opening               what happens, as a case: OpenCase
curing                what facts have cured: WithdrawCase
remedy                one row of the table of resolutions: what it does, what hinders it
table                 the table: every module's rows, joined
order_remedies        give up, ask again, accept, dispute
resending             what did not get through is tried again
invoice_remedies      an invoice goes back
return_remedies       goods go back, a credit is asked for again
quarantine_remedies   a message is read again, or never applied
control_number_remedies  nobody waits for files that were never sent
"""
