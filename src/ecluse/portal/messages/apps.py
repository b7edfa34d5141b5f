"""The app under a label of its own: Django has an app `messages` too."""

from django.apps import AppConfig


class Messages(AppConfig):
    """Notices in the portal, and the mails that announce them."""

    name = "ecluse.portal.messages"
    label = "notices"
