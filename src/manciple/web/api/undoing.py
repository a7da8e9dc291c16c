"""Taking back over HTTP: for programs that asked for time with ``Undo-Seconds``."""

from fastapi import Response

from manciple.kernel.errors import refuse
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Stored
from manciple.runtime.undoing import Undo, UndoAct
from manciple.web.api.asking import Asker, Asking, shown
from manciple.web.api.problems import api_router

router = api_router()


@router.get("/undos/{number}", tags=["work"])
def undo(number: str, asker: Asker) -> Response:
    """Show what can be taken back, and until when; the answer to the act names it (``Undo``)."""
    return shown(_own(asker, number))


@router.post("/undos/{number}/apply", tags=["work"])
def apply_undo(number: str, asker: Asker) -> Response:
    """Take an act back: all that it changed is as it was, and nothing of it leaves the house."""
    reply = asker.apply(UndoAct(undo=number), about=Ref(Undo.KIND, number))
    return asker.told(reply, Undo, 200) if reply.refusals else shown(_own(asker, number))


def _own(asker: Asking, number: str) -> Stored[Undo]:
    """Give one of the caller's own; nobody learns of another's."""
    found = asker.found(Undo, number)
    if found.document.by != asker.actor.id:
        raise refuse("NOT_FOUND", f"there is no undo {number}")
    return found
