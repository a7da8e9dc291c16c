"""What arrived and what goes back: counted against the order line by line.

receipt             the document, its acts and events, and the over-receipt rule
own_receipt         what a requester counts of their own request
warehouse_receipt   what a warehouse of another company counted for us
warehouse_order     what it is to send out; warehouse_handlers keep it
drift               warehouse and ERP hold different quantities
overdue             goods that should be here by now
days                no day that has not come yet
supplier_return     a return to the supplier: the document, its acts and events
return_life         its steps, each given or refused
crediting           which credit note settles which return
handlers            load, decide, save: receipts
return_handlers     likewise: returns
"""
