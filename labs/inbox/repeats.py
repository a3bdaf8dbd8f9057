"""Which messages are what was accepted before: the same again, or other content under a number that was used."""

from collections.abc import Collection

from django.db.models import Max, Min

from labs.inbox.models import Message, Verdict

_Numbered = tuple[str, str]


class Repeats:
    """Of messages of one port, asked at once for all of them. Each that is accepted is told by `accepted`."""

    def __init__(self, port: str, messages: Collection[Message]) -> None:
        before = Message.objects.filter(port=port, verdict=Verdict.AA)
        keys = {message.key for message in messages if message.key}
        firsts = before.filter(key__in=keys, duplicate_of=None) if keys else []
        self._first = {message.key: message for message in firsts}
        self._keys: dict[_Numbered, set[str]] = {}
        numbers = {message.control_id for message in messages if message.control_id}
        if numbers:
            earlier = before.filter(control_id__in=numbers, raw__lt=min(message.raw_id for message in messages))
            # Two of many are enough: there are senders who give every message the same number.
            found = earlier.order_by().values_list("sender", "control_id").annotate(Min("key"), Max("key"))
            self._keys = {(sender, number): set(keys) for sender, number, *keys in found}

    def first_of(self, message: Message) -> Message | None:
        first = self._first.get(message.key) if message.key else None
        return None if first is None or first.raw_id == message.raw_id else first

    def is_number_reused(self, message: Message) -> bool:
        return bool(message.control_id and self._keys.get(_numbered(message), set()) - {message.key})

    def accepted(self, message: Message) -> None:
        if message.key and message.duplicate_of is None:
            self._first[message.key] = message
        self._keys.setdefault(_numbered(message), set()).add(message.key)


def _numbered(message: Message) -> _Numbered:
    return (message.sender, message.control_id)
