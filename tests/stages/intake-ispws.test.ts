import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestBureau } from '../harness/bureau.ts';

const bureau = await startTestBureau();
const harbour = await bureau.addService('Harbour Chat');

test('smoke', async () => {
  const a = harbour.authorization;
  const show = async (reply: Response) => console.log(reply.status, await reply.text(), reply.headers.get('content-type'), reply.headers.get('request-id'));
  await show(await fetch(`${bureau.url}/ispws/status`, { headers: { authorization: a } }));
  await show(await fetch(`${bureau.url}/ispws/status`));
  await show(await fetch(`${bureau.url}/ispws/nothing`, { headers: { authorization: a } }));
  await show(await fetch(`${bureau.url}/ispws/submit`, { method: 'POST', headers: { authorization: a }, body: '<report/>' }));
  const xml = '<report><incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType><incidentDateTime>2026-03-01T10:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson><email>trust@harbour-chat.example</email></reportingPerson></reporter></report>';
  await show(await fetch(`${bureau.url}/ispws/submit`, { method: 'POST', headers: { authorization: a }, body: xml }));
  const form = new FormData();
  form.set('id', '1000001');
  form.set('file', new Blob(['hello']), 'x.jpg');
  await show(await fetch(`${bureau.url}/ispws/upload`, { method: 'POST', headers: { authorization: a }, body: form }));
  await show(await fetch(`${bureau.url}/ispws/finish`, { method: 'POST', headers: { authorization: a }, body: new URLSearchParams({ id: '1000001' }) }));
  await show(await fetch(`${bureau.url}/ispws/finish`, { method: 'POST', headers: { authorization: a }, body: new URLSearchParams({ id: '1000001' }) }));
  await show(await fetch(`${bureau.url}/v1/reports/1000001`, { headers: { authorization: a } }));
  const docs = await fetch(`${bureau.url}/v1/docs`);
  const { writeFileSync } = await import('node:fs');
  writeFileSync('/tmp/i/docs.html', await docs.text());
  writeFileSync('/tmp/i/openapi.json', await (await fetch(`${bureau.url}/v1/openapi.json`)).text());
  assert.equal(docs.status, 200);
});
