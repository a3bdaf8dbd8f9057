"""Addresses of what laboratories send."""

from django.urls import URLPattern, path

from labs.api.inbox import mappings, messages, rows
from registry.api.documentation import offer
from registry.api.endpoints import expose

offer("messages", messages.Messages)
offer("message-rows", rows.MessageRows)
offer("code-mappings", mappings.CodeMappings)
offer("senders", mappings.Senders)
offer("number-authorities", mappings.Authorities)

inbox_urls: list[URLPattern] = [
    path("messages/", expose(messages.Messages), name="messages"),
    path("messages/<int:pk>/", expose(messages.OneMessage), name="message"),
    path("messages/<int:pk>/text/", expose(messages.TextOfMessage), name="message-text"),
    path("messages/<int:pk>/rerun/", expose(messages.RereadMessage), name="message-rerun"),
    path("message-rows/", expose(rows.MessageRows), name="message-rows"),
    path("message-rows/rerun/", expose(rows.RereadRows), name="message-rows-rerun"),
    path("message-rows/<int:pk>/", expose(rows.OneMessageRow), name="message-row"),
    path("message-rows/<int:pk>/rerun/", expose(rows.RereadRow), name="message-row-rerun"),
    path("message-rows/<int:pk>/assign/", expose(rows.AssignedRow), name="message-row-assign"),
    path("message-rows/<int:pk>/discard/", expose(rows.DiscardedRow), name="message-row-discard"),
    path("message-rows/<int:pk>/reopen/", expose(rows.ReopenedRow), name="message-row-reopen"),
    path("message-rows/<int:pk>/adjudicate/", expose(rows.AdjudicatedRow), name="message-row-adjudicate"),
    path("code-mappings/", expose(mappings.CodeMappings), name="code-mappings"),
    path("code-mappings/preview/", expose(mappings.CodeMappingPreview), name="code-mappings-preview"),
    path("code-mappings/<int:pk>/", expose(mappings.OneCodeMapping), name="code-mapping"),
    path("code-mappings/<int:pk>/retire/", expose(mappings.RetiredCodeMapping), name="code-mapping-retire"),
    path("senders/", expose(mappings.Senders), name="senders"),
    path("senders/<int:pk>/", expose(mappings.OneSender), name="sender"),
    path("senders/<int:pk>/retire/", expose(mappings.RetiredSender), name="sender-retire"),
    path("number-authorities/", expose(mappings.Authorities), name="number-authorities"),
    path("number-authorities/<int:pk>/", expose(mappings.OneAuthority), name="number-authority"),
    path("number-authorities/<int:pk>/retire/", expose(mappings.RetiredAuthority), name="number-authority-retire"),
]
