from django.contrib.admin.apps import AdminConfig


class HepaticaAdminConfig(AdminConfig):
    # Named, not imported: apps are configured before models can be loaded.
    default_site = "registry.people.admin_site.HepaticaAdminSite"
