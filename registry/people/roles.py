from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PATHOLOGIST = "pathologist", _("Pathologist")
    TECHNICIAN = "technician", _("Technician")
    DATA_MANAGER = "data_manager", _("Data manager")
    INVESTIGATOR = "investigator", _("Investigator")
    ADMINISTRATOR = "administrator", _("Administrator")


# Whoever may see patients and their clinical facts; a pathologist reads slides blind and may not.
CLINICAL = (Role.DATA_MANAGER, Role.INVESTIGATOR, Role.ADMINISTRATOR)
# Whoever enters and corrects clinical facts, defines cohorts and knows who a patient is.
RECORDING = (Role.DATA_MANAGER, Role.ADMINISTRATOR)
EVERYBODY = tuple(Role)
