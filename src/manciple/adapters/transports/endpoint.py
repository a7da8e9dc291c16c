"""The endpoint for every name that begins with ``edi:``: picks the partner's transport."""

from collections.abc import Callable

from manciple.processes.ports import (
    Delivered,
    DeliveryRefusedError,
    InboundFile,
    OutboundMessage,
    TransportPort,
)
from manciple.runtime.codec import CodecError, decode
from manciple.runtime.effects import KeyedAct, Outcome, Parcel

TransportFor = Callable[[str], TransportPort | None]
"""Gives a partner's transport by the partner's name; None when it has none."""
Intake = Callable[[InboundFile], KeyedAct]
"""Turns a file that came back on the same call into the act that reads it."""


class EdiEndpoint:
    """Sends finished files. A resend is the same bytes under the same name.

    The outcome's detail: ``place`` (where the file lies, or the HTTP status), ``interchange``.
    """

    FINDS = True

    def __init__(self, transport_for: TransportFor, *, intake: Intake | None = None) -> None:
        """Serve all partners whose transport ``transport_for`` knows."""
        self._transport_for, self._intake = transport_for, intake

    def find(self, parcel: Parcel) -> Outcome | None:
        """Ask the transport whether the file is there; None when it can't tell."""
        try:
            message, transport = self._opened(parcel)
            delivered = transport.find(message)
        except (CodecError, DeliveryRefusedError) as problem:
            return Outcome.rejected(str(problem))
        return None if delivered is None else self._done(message, delivered)

    def send(self, parcel: Parcel) -> Outcome:
        """Hand the file over."""
        try:
            message, transport = self._opened(parcel)
            return self._done(message, transport.deliver(message))
        except (CodecError, DeliveryRefusedError) as problem:
            return Outcome.rejected(str(problem))

    def _opened(self, parcel: Parcel) -> tuple[OutboundMessage, TransportPort]:
        if parcel.verb != "edi.send":
            raise DeliveryRefusedError(f"{parcel.verb} is not served here")
        message = decode(parcel.payload, OutboundMessage)
        partner = parcel.endpoint.partition(":")[2]
        if message.partner != partner:
            raise DeliveryRefusedError(
                f"a file for {message.partner} was addressed to {partner or 'nobody'}"
            )
        transport = self._transport_for(partner)
        if transport is None:
            raise DeliveryRefusedError(
                f"partner {partner} has no transport: add one to its profile"
            )
        return message, transport

    def _done(self, message: OutboundMessage, delivered: Delivered) -> Outcome:
        outcome = Outcome.done(place=delivered.place, interchange=message.interchange)
        if self._intake is None:
            return outcome
        acts = tuple(self._intake(answer) for answer in delivered.answers)
        return Outcome(kind=outcome.kind, detail=outcome.detail, acts=acts)
