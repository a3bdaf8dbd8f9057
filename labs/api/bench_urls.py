"""Addresses of the rounds, the PCR bench and the gels."""

from django.urls import URLPattern, path

from labs.api import amending, gels, my_rounds, pcr, pcr_rules, pictures, quantified, rounds, settling
from registry.api.documentation import offer
from registry.api.endpoints import expose

offer("protocols", rounds.Protocols)
offer("rounds", rounds.Rounds)
offer("pcr-runs", pcr.PcrRuns)
offer("pcr-targets", pcr_rules.PcrTargets)
offer("gels", gels.Gels)
offer("slide-images", pictures.SlideImages)
offer("qupath-imports", quantified.QuPathImports)

bench_urls: list[URLPattern] = [
    path("my-rounds/<slug:code>/", expose(my_rounds.MyProgress), name="my-progress"),
    path("my-rounds/<slug:code>/undo/", expose(my_rounds.Undone), name="my-undo"),
    path("my-rounds/<slug:code>/slides/<slug:slide>/draft/", expose(my_rounds.MyDraft), name="my-draft"),
    path("protocols/", expose(rounds.Protocols), name="protocols"),
    path("rounds/", expose(rounds.Rounds), name="rounds"),
    path("rounds/<slug:code>/", expose(rounds.OneRound), name="round"),
    path("rounds/<slug:code>/open/", expose(rounds.OpenedRound), name="round-open"),
    path("rounds/<slug:code>/discard/", expose(rounds.DiscardedRound), name="round-discard"),
    path("rounds/<slug:code>/third-reader/", expose(settling.ThirdReader), name="round-third-reader"),
    path("rounds/<slug:code>/adjudication/", expose(settling.Adjudication), name="round-adjudication"),
    path("rounds/<slug:code>/slides/<slug:slide>/", expose(settling.SettledSlide), name="round-slide"),
    path("rounds/<slug:code>/slides/<slug:slide>/third-read/", expose(settling.ThirdRead), name="round-third-read"),
    path("pcr-runs/", expose(pcr.PcrRuns), name="pcr-runs"),
    path("pcr-runs/<int:pk>/", expose(pcr.OnePcrRun), name="pcr-run"),
    path("pcr-runs/<int:pk>/folds/", expose(pcr.FoldsOfPcrRun), name="pcr-run-folds"),
    path("pcr-runs/<int:pk>/samples/", expose(pcr.SamplesOfPcrRun), name="pcr-run-samples"),
    path("pcr-runs/<int:pk>/accept/", expose(pcr.AcceptedPcrRun), name="pcr-run-accept"),
    path("pcr-wells/<int:pk>/", expose(pcr.OnePcrWell), name="pcr-well"),
    path("pcr-wells/<int:pk>/exclude/", expose(pcr.ExcludedPcrWell), name="pcr-well-exclude"),
    path("pcr-wells/<int:pk>/include/", expose(pcr.IncludedPcrWell), name="pcr-well-include"),
    path("gels/", expose(gels.Gels), name="gels"),
    path("gels/<int:pk>/", expose(gels.OneGel), name="gel"),
    path("gels/<int:pk>/accept/", expose(gels.AcceptedGel), name="gel-accept"),
    path("gels/<int:pk>/assign/", expose(gels.AssignedGel), name="gel-assign"),
    path("gel-probes/<int:pk>/", expose(gels.OneGelProbe), name="gel-probe"),
    path("gel-lanes/<int:pk>/", expose(gels.OneGelLane), name="gel-lane"),
    path("gel-lanes/<int:pk>/exclude/", expose(gels.ExcludedGelLane), name="gel-lane-exclude"),
    path("gel-lanes/<int:pk>/include/", expose(gels.IncludedGelLane), name="gel-lane-include"),
    path("gel-bands/<int:pk>/", expose(gels.OneGelBand), name="gel-band"),
    path("rounds/<slug:code>/amendments/", expose(amending.Amendments), name="round-amendments"),
    path("rounds/<slug:code>/slides/<slug:slide>/amend/", expose(amending.AmendedSlide), name="round-slide-amend"),
    path("pcr-runs/<int:pk>/rules/", expose(pcr_rules.RulesOfPcrRun), name="pcr-run-rules"),
    path("pcr-runs/<int:pk>/file/", expose(pcr_rules.FileOfPcrRun), name="pcr-run-file"),
    path("pcr-runs/<int:pk>/retire/", expose(pcr_rules.RetiredPcrRun), name="pcr-run-retire"),
    path("pcr-targets/", expose(pcr_rules.PcrTargets), name="pcr-targets"),
    path("pcr-targets/unknown/", expose(pcr_rules.UnknownPcrTargets), name="pcr-targets-unknown"),
    path("pcr-targets/<int:pk>/", expose(pcr_rules.OnePcrTarget), name="pcr-target"),
    path("gels/<int:pk>/settings/", expose(gels.SettingsOfGel), name="gel-settings"),
    path("gels/<int:pk>/retire/", expose(gels.RetiredGel), name="gel-retire"),
    path("gels/<int:pk>/picture/", expose(pictures.GelPicture), name="gel-picture"),
    path("slide-images/", expose(pictures.SlideImages), name="slide-images"),
    path("stains/<int:pk>/image/", expose(pictures.StainImage), name="stain-image"),
    path("stains/<int:pk>/image/retire/", expose(pictures.RetiredStainImage), name="stain-image-retire"),
    path("stains/<int:pk>/image/preview/", expose(pictures.StainImagePreview), name="stain-image-preview"),
    path("qupath-imports/", expose(quantified.QuPathImports), name="qupath-imports"),
    path("qupath-imports/<int:pk>/rows/", expose(quantified.RowsOfQuPathImport), name="qupath-import-rows"),
    path("qupath-imports/<int:pk>/file/", expose(quantified.FileOfQuPathImport), name="qupath-import-file"),
    path("qupath-rows/<int:pk>/", expose(quantified.OneQuPathRow), name="qupath-row"),
    path("qupath-rows/<int:pk>/assign/", expose(quantified.AssignedQuPathRow), name="qupath-row-assign"),
]
