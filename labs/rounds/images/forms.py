from django import forms
from django.utils.translation import gettext_lazy as _

from labs.forms import NumberField
from registry.forms import ServiceForm


class SlideImageForm(ServiceForm):
    file = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG or TIFF. Its name and whatever is written inside besides the pixels are dropped."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/tiff"}),
    )
    um_per_pixel = NumberField(
        label=_("µm per pixel"), required=False, help_text=_("From the scanner; with it the viewer knows ×20.")
    )
