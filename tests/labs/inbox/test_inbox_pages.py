from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from labs.blood.models import BloodResult
from labs.inbox.mapping.models import Authority, CodeMapping, Sender
from labs.inbox.models import Message, MessageRow, RawMessage
from labs.inbox.services import receive
from registry.log.models import Action, Change
from registry.models import Patient, Site
from registry.people.roles import Role
from registry.people.services import user_create
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru

Signed = Callable[[Role], Client]


@pytest.fixture
def signed_in(site: Site) -> Signed:
    def make(role: Role) -> Client:
        client = Client()
        client.force_login(user_create(username=str(role), password=None, roles=[role], sites=[site], by=BY))
        return client

    return make


def test_a_code_is_mapped_from_its_row_in_two_steps(known: Patient, signed_in: Signed) -> None:
    receive(data=oru(("CRP", "4", "mg/l"), ("CRP", "12", "mg/l"), control="1"), by=BY)
    client = signed_in(Role.TECHNICIAN)
    row = MessageRow.objects.earliest("number")
    page = client.get(reverse("labs:inbox"))
    assert page.context["groups"][0].n == 2
    waits = [item.count for item in client.get(reverse("analysis:home")).context["work"].items if "inbox" in item.url]
    assert waits == [2]
    url = reverse("labs:inbox-row", args=[row.pk])
    offered = client.get(url).context["map_form"].initial
    assert offered["analyte"].code == "CRP"
    typed = {"sender": offered["sender"], "code": "CRP", "analyte": offered["analyte"].pk, "unit": "mg/l", "factor": ""}
    looked = client.post(url, typed | {"action": "look"})
    assert dict(looked.context["looked_counts"]) == {"placed": 2}
    assert not BloodResult.objects.exists()
    assert client.post(url, typed | {"action": "map"}, follow=True).status_code == 200
    assert BloodResult.objects.current().get().value == 12.0
    assert b"inbox" not in client.get(reverse("analysis:home")).content.partition(b"</nav>")[2]
    # What is mapped can be taken back; what is placed stays.
    mapping = CodeMapping.objects.get(code="CRP")
    assert b"CRP" in client.get(reverse("labs:inbox-mappings"), {"q": "crp"}).content
    client.post(reverse("labs:inbox-mapping", args=[mapping.pk]), {"retire-reason": "another test"})
    receive(data=oru(("CRP", "5", "mg/l"), control="2", issued="20240309"), by=BY)
    assert MessageRow.objects.filter(state="open", reason="unmapped_code").count() == 1
    client.post(reverse("labs:inbox-mappings"), typed)
    assert not MessageRow.objects.filter(state="open").exists()


def test_who_the_patient_is_is_for_those_who_may_know(known: Patient, signed_in: Signed) -> None:
    receive(data=oru(("WBC", "5.2", "G/l"), ("HB", "12.8", "g/dL"), pid="4799^^^HOSP"), by=BY)
    row, raw = MessageRow.objects.get(code="WBC"), RawMessage.objects.get()
    technician, manager = signed_in(Role.TECHNICIAN), signed_in(Role.DATA_MANAGER)
    text, url = reverse("labs:inbox-text", args=[raw.pk]), reverse("labs:inbox-row", args=[row.pk])
    for page in (reverse("labs:inbox"), reverse("labs:inbox-message", args=[raw.pk]), url):
        assert b"DOE" not in technician.get(page).content
        assert b"4799" not in technician.get(page).content
    assert technician.get(text).status_code == 403
    assert technician.post(url, {"action": "assign"}).status_code == 403
    assert b"DOE^JANE" in manager.get(text).content
    assert Change.objects.filter(subject_type="rawmessage", action=Action.READ, actor_name="data_manager").count() == 1
    typed = {"assign-study_number": "ICI-0001", "assign-whole": "on", "assign-reason": "asked the ward"}
    assert manager.post(url, typed | {"action": "assign"}, follow=True).status_code == 200
    assert BloodResult.objects.filter(specimen__patient=known).count() == 2
    # A stranger's site has none of it.
    elsewhere = Site.objects.create(code="other", name="Other")
    other = Client()
    other.force_login(user_create(username="far", password=None, roles=list(Role), sites=[elsewhere], by=BY))
    for page in (url, text, reverse("labs:inbox-message", args=[raw.pk])):
        assert other.get(page).status_code == 404
    assert other.get(reverse("labs:inbox-messages")).context["page_obj"].paginator.count == 0


def test_ticked_rows_are_read_again_or_discarded(known: Patient, signed_in: Signed) -> None:
    receive(data=oru(("Q1", "1", ""), ("Q2", "1", ""), ("Q3", "1", "")), by=BY)
    client, url = signed_in(Role.TECHNICIAN), reverse("labs:inbox")
    first = MessageRow.objects.earliest("number")
    refused = client.post(url, {"action": "discard", "row": [first.pk], "reason": ""})
    assert refused.context["reason_form"].errors
    client.post(url, {"action": "discard", "row": [first.pk], "reason": "not wanted"})
    assert client.get(url).context["page_obj"].paginator.count == 2
    client.post(f"{url}?code=Q2", {"action": "discard", "all": "1", "reason": "not wanted"})
    assert [row.code for row in MessageRow.objects.filter(state="open")] == ["Q3"]
    client.post(url, {"action": "again", "all": "1"})
    discarded = client.get(url, {"state": "discarded"})
    assert discarded.context["page_obj"].paginator.count == 2
    row = reverse("labs:inbox-row", args=[first.pk])
    client.post(row, {"action": "reopen", "reopen-reason": "wanted"})
    client.post(row, {"action": "again"})
    client.post(row, {"action": "discard", "discard-reason": "not wanted"})
    assert MessageRow.objects.get(pk=first.pk).state == "discarded"


def test_a_message_is_looked_at_and_then_received(known: Patient, signed_in: Signed) -> None:
    client, url = signed_in(Role.TECHNICIAN), reverse("labs:inbox-drop")
    pasted = {"text": oru(("WBC", "5.2", "G/l")).decode().replace("\r", "\r\n"), "port": "production"}
    looked = client.post(url, pasted | {"action": "look"})
    assert [row.outcome for row in looked.context["previewed"][0].rows] == ["placed"]
    assert not RawMessage.objects.exists()
    assert client.post(url, {"port": "production", "action": "look"}).context["form"].errors
    assert client.post(url, pasted | {"text": "nothing", "action": "receive"}).context["form"].errors
    found = client.post(url, pasted | {"action": "receive"})
    assert found.context["n_placed"] == 1
    listed = client.get(reverse("labs:inbox-messages"), {"state": "waiting", "since": "no day"})
    assert listed.context["page_obj"].paginator.count == 0
    message = Message.objects.get()
    again = client.post(reverse("labs:inbox-message-again", args=[message.raw_id]), follow=True)
    assert again.status_code == 200
    receive(data=oru(("WBC", "5.2", "G/l"), processing="Q", control="2"), by=BY)
    assert b"WBC" in client.get(reverse("labs:inbox-control")).content


def test_senders_and_authorities_are_set_by_form(known: Patient, site: Site, signed_in: Signed) -> None:
    client = signed_in(Role.DATA_MANAGER)
    new = {"pattern": "MOBILE|*", "site": site.pk, "charset_if_empty": "utf-8, latin-1", "decimal_comma": "true"}
    assert client.post(reverse("labs:inbox-sender-new"), new, follow=True).status_code == 200
    sender = Sender.objects.get(pattern="MOBILE|*")
    assert (sender.charset_if_empty, sender.decimal_comma, sender.obr_optional) == (["utf-8", "latin-1"], True, None)
    page = reverse("labs:inbox-sender", args=[sender.pk])
    changed = {"position": "1", "status_if_empty": "F", "version": "1", "reason": "agreed by telephone"}
    assert client.post(page, changed | {"charset_if_empty": "klingon"}).context["form"].errors
    client.post(page, changed)
    sender.refresh_from_db()
    assert (sender.status_if_empty, sender.charset_if_empty, sender.decimal_comma) == ("F", None, None)
    client.post(reverse("labs:inbox-authority-new"), {"name": "MRN", "kind": "record", "site": site.pk})
    authority = Authority.objects.get(name="MRN")
    page, retire = reverse("labs:inbox-authority", args=[authority.pk]), {"action": "retire"}
    typed = {"name": "another", "kind": "study", "site": site.pk, "version": "1", "reason": "asked them"}
    client.post(page, typed)
    authority.refresh_from_db()
    assert (authority.name, authority.kind, authority.version) == ("MRN", "study", 2)
    assert client.post(page, typed).context["form"].errors, "somebody changed it in between"
    assert client.post(page, retire | {"retire-reason": ""}).context["retire_form"].errors
    client.post(page, retire | {"retire-reason": "not theirs"})
    client.post(reverse("labs:inbox-sender", args=[sender.pk]), retire | {"retire-reason": "they moved"})
    assert list(Sender.objects.filter(retired_reason="")) == [Sender.objects.get(pattern="LAB|EAST")]
    settings = {"only_listed_senders": "on", "specimen_other": "urin, csf", "comment_words": "", "version": "0"}
    client.post(reverse("labs:inbox-senders"), settings)
    assert b"urin, csf" in client.get(reverse("labs:inbox-senders")).content
    sent = oru(("WBC", "5.2", "G/l"), sender="NOBODY|X")
    assert receive(data=sent, by=BY).reason == "unknown_sender"
