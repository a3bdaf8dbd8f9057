// Two clients and a validator of npm against a running server; says what it saw as JSON.
import {readFileSync} from "node:fs";
import {MedplumClient} from "@medplum/core";
import fhir from "fhir";
import {Client} from "fhir-kit-client";

const server = process.env.SERVER;
const token = process.env.TOKEN;
const system = process.env.SYSTEM;
const validator = new fhir.Fhir();
const seen = {invalid: []};

function check(resource) {
  const told = validator.validate(resource);
  if (!told.valid) seen.invalid.push([resource.resourceType, told.messages.filter(({severity}) => severity === "error")]);
  return resource;
}

JSON.parse(readFileSync(process.env.BUNDLES)).forEach(check);

const kit = new Client({baseUrl: `${server}/fhir/R4`, bearerToken: token});
seen.kitStatement = check(await kit.capabilityStatement()).fhirVersion;
const found = check(await kit.search({resourceType: "Patient", searchParams: {identifier: `${system}/study-number|P-001`}}));
const subject = `Patient/${found.entry[0].resource.id}`;
const specimen = {
  resourceType: "Specimen",
  identifier: [{system: "urn:kit", value: "S-1"}],
  type: {coding: [{system: "http://terminology.hl7.org/CodeSystem/v2-0487", code: "BLD"}]},
  subject: {reference: subject},
  collection: {collectedDateTime: "2022-03-01"},
};
const albumin = (number, value, where) => ({
  resourceType: "Observation",
  identifier: [{system: "urn:kit", value: number}],
  status: "final",
  code: {coding: [{system: "http://loinc.org", code: "1751-7"}]},
  specimen: {reference: where},
  valueQuantity: {value, unit: "g/L", system: "http://unitsofmeasure.org", code: "g/L"},
});
const answered = check(await kit.transaction({
  body: {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {resource: albumin("R-1", 41, "urn:uuid:s"), request: {method: "POST", url: "Observation"}},
      {fullUrl: "urn:uuid:s", resource: specimen, request: {method: "POST", url: "Specimen"}},
    ],
  },
}));
seen.kitTransaction = answered.entry.map(({response}) => response.status);
const [observation, drawn] = answered.entry.map(({resource}) => check(resource));
const read = check(await kit.read({resourceType: "Observation", id: observation.id}));
seen.kitRead = read.valueQuantity.value;
const versions = check(await kit.history({resourceType: "Observation", id: observation.id}));
seen.kitHistory = versions.total;
try {
  await kit.create({resourceType: "Observation", body: albumin("R-2", 4100, `Specimen/${drawn.id}`)});
} catch (error) {
  seen.kitRefusal = [error.response.status, check(error.response.data).issue[0].expression[0]];
}

const medplum = new MedplumClient({baseUrl: `${server}/`, fetch});
medplum.setAccessToken(token);
const once = await medplum.createResourceIfNoneExist(specimen, "identifier=urn:kit|S-1");
seen.medplumOnce = once.id === drawn.id;
check(await medplum.readResource("Patient", subject.split("/")[1]));
const changed = await medplum.updateResource({...read, valueQuantity: {...read.valueQuantity, value: 42}});
seen.medplumUpdate = [changed.meta.versionId, changed.status];
const page = check(await medplum.search("Observation", {patient: subject, code: "http://loinc.org|1751-7", _count: "1"}));
seen.medplumSearch = page.total;
const report = await medplum.createResource({
  resourceType: "DiagnosticReport",
  identifier: [{system: "urn:kit", value: "A-1"}],
  status: "final",
  code: {text: "panel"},
  result: [{reference: `Observation/${observation.id}`}],
});
seen.medplumReport = check(report).status;
const batch = await medplum.executeBatch({
  resourceType: "Bundle",
  type: "batch",
  entry: [{request: {method: "GET", url: "Patient/999999"}}, {request: {method: "GET", url: subject}}],
});
seen.medplumBatch = check(batch).entry.map(({response}) => response.status);
console.log(JSON.stringify(seen));
