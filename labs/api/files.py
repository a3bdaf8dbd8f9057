"""A file that comes with a request of several parts, and the question what it would store."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers

from registry.api.serializers import Entry


class Preview(Entry):
    preview = serializers.BooleanField(
        default=False, help_text="True: the answer says what would be stored, and nothing is stored."
    )


class FileEntry(Entry):
    largest: ClassVar[int] = 5 * 1024 * 1024

    file = serializers.FileField(allow_empty_file=True)

    def validate_file(self, file: Any) -> Any:
        if (file.size or 0) > self.largest:
            raise serializers.ValidationError(_("The file is larger than 5 MB."))
        return file


class Foreseen(serializers.Serializer[Any]):
    """What storing the file would do."""

    kind = serializers.CharField(help_text="The format that was recognised; empty for none.")
    would_store = serializers.DictField(child=serializers.IntegerField())
    why_not = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
