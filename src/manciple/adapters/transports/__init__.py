"""How files reach partners and come from them: folders, HTTP; and the endpoint for ``edi:``."""
