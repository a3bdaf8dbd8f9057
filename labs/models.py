"""All tables of the laboratory, by subject."""

from labs.bench_files.models import BenchFile, BenchUpload
from labs.blood.models import Analyte, BloodResult, UnitSpelling
from labs.blood.upload.models import PanelUpload
from labs.blots.models import Band, Gel, GelProbe, Lane
from labs.connectors.fhir.models import ExternalNumber, PanelReport
from labs.connectors.models import ConnectorState
from labs.connectors.signs.models import ListenerSign
from labs.expression.models import ExpressionGene, ExpressionSample, ExpressionSet
from labs.ihc.models import Read
from labs.inbox.mapping.models import Authority, CodeMapping, InboxSettings, Sender
from labs.inbox.models import Acknowledgement, DrawNumber, Message, MessageRow, RawMessage, ResultKey
from labs.markers.models import Antibody, Marker, Stain
from labs.outbox.models import Outbox
from labs.qpcr.models import PcrFile, PcrRun, PcrTarget, PcrWell
from labs.quantified.models import QuPathImport, QuPathRow
from labs.rounds.images.models import SlideImage
from labs.rounds.models import Assignment, Consensus, ProtocolMarker, ReadingProtocol, Round, RoundReader, Slide
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange

__all__ = [
    "Acknowledgement",
    "Analyte",
    "Antibody",
    "Assignment",
    "Authority",
    "Band",
    "BenchFile",
    "BenchUpload",
    "BloodResult",
    "BlotRatio",
    "CodeMapping",
    "ConnectorState",
    "Consensus",
    "DrawNumber",
    "ExpressionGene",
    "ExpressionSample",
    "ExpressionSet",
    "ExternalNumber",
    "FoldChange",
    "Gel",
    "GelProbe",
    "InboxSettings",
    "Lane",
    "ListenerSign",
    "Marker",
    "Message",
    "MessageRow",
    "Outbox",
    "PanelReport",
    "PanelUpload",
    "PcrFile",
    "PcrRun",
    "PcrTarget",
    "PcrWell",
    "ProtocolMarker",
    "QuPathImport",
    "QuPathRow",
    "RawMessage",
    "Read",
    "ReadingProtocol",
    "ResultKey",
    "Round",
    "RoundReader",
    "Sender",
    "Slide",
    "SlideImage",
    "Specimen",
    "Stain",
    "UnitSpelling",
]
