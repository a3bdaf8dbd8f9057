from django.urls import URLPattern, path

from labs.blood import views as blood
from labs.blood.upload import views as blood_upload
from labs.blots import views as blots
from labs.expression import views as expression
from labs.ihc import views as ihc
from labs.inbox import row_views as inbox_rows
from labs.inbox import views as inbox
from labs.inbox.mapping import views as inbox_mapping
from labs.liver import views as liver
from labs.outbox import views as outbox
from labs.qpcr import sample_views as pcr_samples
from labs.qpcr import upload_views as pcr_upload
from labs.qpcr import views as pcr
from labs.quantified import views as quantified
from labs.results import views as results
from labs.rounds import closing_views as closing
from labs.rounds import screen_views as screen
from labs.rounds import settling_views as settling
from labs.rounds import setup_views as rounds
from labs.rounds.images import views as images
from labs.specimens import views as specimens
from labs.wetlab import views as wetlab

app_name = "labs"

urlpatterns: list[URLPattern] = [
    path("ihc/", ihc.stain_list, name="stains"),
    path("ihc/<int:pk>/", ihc.stain_read, name="stain-read"),
    path("ihc/<int:pk>/history/", ihc.read_history, name="read-history"),
    path(
        "cohorts/<slug:code>/expression/<int:number>/retire/",
        expression.expression_retire_page,
        name="expression-retire",
    ),
    path("specimens/", specimens.specimens, name="specimens"),
    path("specimens/new/", specimens.specimen_new, name="specimen-new"),
    path("specimens/<int:pk>/", specimens.specimen, name="specimen"),
    path("specimens/<int:pk>/correct/", specimens.specimen_correct_page, name="specimen-correct"),
    path("specimens/<int:pk>/retire/", specimens.specimen_retire_page, name="specimen-retire"),
    path("specimens/<int:pk>/stains/new/", specimens.stain_new, name="stain-new"),
    path("specimens/<int:pk>/blots/new/", wetlab.blot_new, name="blot-new"),
    path("specimens/<int:pk>/folds/new/", wetlab.fold_new, name="fold-new"),
    path("stains/<int:pk>/retire/", specimens.stain_retire_page, name="stain-retire"),
    path("stains/<int:pk>/image/", images.stain_image, name="stain-image"),
    path("stains/<int:pk>/image/retire/", images.stain_image_retire, name="stain-image-retire"),
    path("stains/<int:pk>/image/fitted.jpg", images.stain_image_fitted, name="stain-image-fitted"),
    path("stains/<int:pk>/image/<int:level>/<int:x>_<int:y>.jpg", images.stain_image_tile, name="stain-image-tile"),
    path("blood/upload/", blood_upload.upload, name="blood-upload"),
    path("blood/upload/wide.csv", blood_upload.template_wide, name="blood-upload-wide"),
    path("blood/upload/long.csv", blood_upload.template_long, name="blood-upload-long"),
    path("blood/upload/<int:pk>/", blood_upload.preview, name="blood-upload-preview"),
    path("blood/<int:pk>/", blood.panel, name="blood-panel"),
    path("inbox/", inbox.waiting, name="inbox"),
    path("inbox/messages/", inbox.received, name="inbox-messages"),
    path("inbox/messages/<int:pk>/", inbox.message, name="inbox-message"),
    path("inbox/messages/<int:pk>/again/", inbox.message_again, name="inbox-message-again"),
    path("inbox/messages/<int:pk>/text/", inbox.message_text, name="inbox-text"),
    path("inbox/rows/<int:pk>/", inbox_rows.row_page, name="inbox-row"),
    path("inbox/control/", inbox.control, name="inbox-control"),
    path("inbox/drop/", inbox.drop, name="inbox-drop"),
    path("inbox/mappings/", inbox_mapping.mappings, name="inbox-mappings"),
    path("inbox/mappings/<int:pk>/", inbox_mapping.mapping, name="inbox-mapping"),
    path("inbox/senders/", inbox_mapping.senders, name="inbox-senders"),
    path("inbox/senders/new/", inbox_mapping.sender_new, name="inbox-sender-new"),
    path("inbox/senders/<int:pk>/", inbox_mapping.sender, name="inbox-sender"),
    path("inbox/authorities/new/", inbox_mapping.authority_new, name="inbox-authority-new"),
    path("inbox/authorities/<int:pk>/", inbox_mapping.authority, name="inbox-authority"),
    path("liver/", liver.discordant, name="liver-discordant"),
    path("liver/<str:study_number>/<slug:code>/", liver.liver, name="liver"),
    path("results/<slug:kind>/<int:pk>/", results.result, name="result"),
    path("results/<slug:kind>/<int:pk>/correct/", results.result_correct, name="result-correct"),
    path("rounds/", screen.my_rounds, name="my-rounds"),
    path("rounds/coordinate/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.round_new, name="round-new"),
    path("rounds/protocols/", rounds.protocols, name="protocols"),
    path("rounds/protocols/new/", rounds.protocol_new, name="protocol-new"),
    path("rounds/<slug:code>/", rounds.round_page, name="round"),
    path("rounds/<slug:code>/open/", rounds.round_open_now, name="round-open"),
    path("rounds/<slug:code>/discard/", rounds.round_discard_page, name="round-discard"),
    path("rounds/<slug:code>/labels/", rounds.labels, name="round-labels"),
    path("rounds/<slug:code>/adjudication/", settling.adjudication, name="round-adjudication"),
    path("rounds/<slug:code>/third-reader/", settling.third_reader, name="round-third-reader"),
    path("rounds/<slug:code>/slides/<slug:slide>/", settling.slide_page, name="round-slide"),
    path("rounds/<slug:code>/slides/<slug:slide>/third-read/", settling.slide_third, name="round-slide-third"),
    path("rounds/<slug:code>/slides/<slug:slide>/amend/", closing.amend, name="round-slide-amend"),
    path("rounds/<slug:code>/close/", closing.close, name="round-close"),
    path("rounds/<slug:code>/reopen/", closing.reopen, name="round-reopen"),
    path("rounds/<slug:code>/recompute/", closing.recompute, name="round-recompute"),
    path("rounds/<slug:code>/next/", screen.reading_next, name="reading-next"),
    path("rounds/<slug:code>/undo/", screen.reading_undo, name="reading-undo"),
    path("rounds/<slug:code>/read/<slug:slide>/", screen.reading_slide, name="reading-slide"),
    path("rounds/<slug:code>/read/<slug:slide>/draft/", screen.reading_draft, name="reading-draft"),
    path("pcr/", pcr.runs, name="pcr-runs"),
    path("pcr/new/", pcr_upload.upload, name="pcr-upload"),
    path("pcr/targets/", pcr_upload.targets, name="pcr-targets"),
    path("pcr/targets/new/", pcr_upload.target_new, name="pcr-target-new"),
    path("pcr/targets/<int:pk>/", pcr_upload.target_edit, name="pcr-target"),
    path("pcr/wells/<int:pk>/", pcr.well, name="pcr-well"),
    path("pcr/<int:pk>/", pcr.run, name="pcr-run"),
    path("pcr/<int:pk>/accept/", pcr.accept, name="pcr-accept"),
    path("pcr/<int:pk>/file/", pcr.file, name="pcr-file"),
    path("pcr/<int:pk>/retire/", pcr.retire, name="pcr-retire"),
    path("pcr/<int:pk>/rules/", pcr.rules, name="pcr-rules"),
    path("pcr/<int:pk>/samples/", pcr_samples.samples, name="pcr-samples"),
    path("gels/", blots.gels, name="gels"),
    path("gels/new/", blots.gel_new, name="gel-new"),
    path("gels/uploads/<int:pk>/", blots.gel_preview, name="gel-preview"),
    path("gels/<int:pk>/", blots.gel, name="gel"),
    path("gels/<int:pk>/assign/", blots.gel_assign, name="gel-assign"),
    path("gels/<int:pk>/settings/", blots.gel_settings, name="gel-settings"),
    path("gels/<int:pk>/retire/", blots.gel_retire_page, name="gel-retire"),
    path("gels/<int:pk>/picture/new/", blots.gel_picture_new, name="gel-picture-new"),
    path("gels/<int:pk>/picture/", blots.gel_picture, name="gel-picture"),
    path("gels/<int:pk>/files/<int:file>/", blots.gel_file, name="gel-file"),
    path("gels/probes/<int:pk>/", blots.probe_page, name="gel-probe"),
    path("gels/lanes/<int:pk>/", blots.lane_page, name="gel-lane"),
    path("gels/bands/<int:pk>/correct/", blots.band_page, name="gel-band"),
    path("other-systems/", outbox.outgoing, name="outgoing"),
    path("other-systems/<int:pk>/retry/", outbox.retry, name="outgoing-retry"),
    path("qupath/", quantified.imports, name="qupath-imports"),
    path("qupath/new/", quantified.import_new, name="qupath-new"),
    path("qupath/uploads/<int:pk>/", quantified.import_preview, name="qupath-preview"),
    path("qupath/<int:pk>/", quantified.import_page, name="qupath"),
    path("qupath/<int:pk>/file/", quantified.import_file, name="qupath-file"),
    path("qupath/rows/<int:pk>/", quantified.row_page, name="qupath-row"),
    path(
        "rounds/<slug:code>/read/<slug:slide>/image/fitted.jpg",
        images.reading_image_fitted,
        name="reading-image-fitted",
    ),
    path(
        "rounds/<slug:code>/read/<slug:slide>/image/<int:level>/<int:x>_<int:y>.jpg",
        images.reading_image_tile,
        name="reading-image-tile",
    ),
    path(
        "rounds/<slug:code>/slides/<slug:slide>/image/fitted.jpg",
        images.round_slide_fitted,
        name="round-slide-fitted",
    ),
    path(
        "rounds/<slug:code>/slides/<slug:slide>/image/<int:level>/<int:x>_<int:y>.jpg",
        images.round_slide_tile,
        name="round-slide-tile",
    ),
]
