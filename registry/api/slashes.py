from django.http import HttpRequest
from django.middleware.common import CommonMiddleware

from registry.api.errors import is_for_programs
from registry.api.permissions import READS


class AddSlashToPages(CommonMiddleware):
    """A program that is sent elsewhere repeats a POST as a GET, and believes that it has stored something."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if request.method not in READS and is_for_programs(request):
            return False
        return super().should_redirect_with_slash(request)
