"""The doors over HTTP: what people see and what programs call.

    assets     styles, script, font and icons, built once and named by their content
    pages/     server-rendered pages: they read, through the same questions as the API
    templates/ the pages' HTML; `parts.html` holds the components

Nothing here decides. A page shows what `intelligence` answers, to whom the caller allows.
"""
