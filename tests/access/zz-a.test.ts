import { test } from 'node:test';
import { startTestBureau } from '/work/main/tests/harness/bureau.ts';
test('x', async () => {
  const b = await startTestBureau();
  for (const p of ['tile/4242','checkpoint']) {
  const r = await fetch(`${b.url}/v1/desk/audit-log/${p}`, { headers: { authorization: `Bearer ${b.machineToken}` } });
  console.log(p, r.status, await r.text());}
});
