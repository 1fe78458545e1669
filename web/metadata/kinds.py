"""What each kind of record is called by schema.org, DataCite, CSL and COAR.

Sources: https://schema.org/CreativeWork, DataCite Metadata Schema 4.5 (resourceTypeGeneral),
CSL 1.0.2 (appendix III), COAR Controlled Vocabulary for Resource Types 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kb.vocabulary import RecordType

SCHEMA_ORG = "https://schema.org/"
COAR = "http://purl.org/coar/resource_type/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record in the words of the others."""

    schema_org: str
    datacite: str  # resourceTypeGeneral
    csl: str
    coar: str  # the end of its address
    also: tuple[str, ...] = ()  # further types of schema.org


STORY = Kind("Article", "Text", "report", "c_93fc", ("LearningResource",))
REPORT = Kind("Report", "Report", "report", "c_93fc")
PACKAGE = Kind("LearningResource", "Collection", "book", "c_e059")
TOOL = Kind("LearningResource", "Text", "report", "c_e059")
RULE = Kind("DigitalDocument", "Text", "standard", "c_1843")
KINDS: Final[Mapping[RecordType, Kind]] = {
    RecordType.IMPROVEMENT_STORY: STORY,
    RecordType.SUPPORT_STORY: STORY,
    RecordType.CASE_STUDY: STORY,
    RecordType.CHANGE_IDEA: STORY,
    RecordType.LEARNING_BRIEF: REPORT,
    RecordType.REVIEW_FINDING: REPORT,
    RecordType.REPORT: REPORT,
    RecordType.CHANGE_PACKAGE: PACKAGE,
    RecordType.TOOL_OR_TEMPLATE: TOOL,
    RecordType.TRAINING_MATERIAL: TOOL,
    RecordType.GUIDELINE_OR_STANDARD: RULE,
    RecordType.POLICY: RULE,
    RecordType.RESEARCH_ARTICLE: Kind(
        "ScholarlyArticle", "JournalArticle", "article-journal", "c_6501"
    ),
    RecordType.PRESENTATION: Kind("PresentationDigitalDocument", "Other", "speech", "c_c94f"),
    RecordType.AUDIO_VIDEO: Kind("VideoObject", "Audiovisual", "motion_picture", "c_12ce"),
    RecordType.DATASET: Kind("Dataset", "Dataset", "dataset", "c_ddb1"),
    RecordType.EXTERNAL_LINK: Kind("WebPage", "InteractiveResource", "webpage", "c_7ad9"),
}
