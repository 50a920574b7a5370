import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { startTestBureau } from '../harness/bureau.ts';
import { sendersOf, sendReport } from '../trial/journeys.ts';
import { Ledger } from '../trial/ledger.ts';

interface Told {
  readonly name: string;
  attributes: Attributes;
  isEnded: boolean;
  isError: boolean;
}

/** As much of an SDK as an operator's own would be: keeps what it is told. */
function collectSpans(): Told[] {
  const told: Told[] = [];
  const spanOf = (name: string, options: SpanOptions = {}): Span => {
    const entry: Told = { name, attributes: { ...options.attributes }, isEnded: false, isError: false };
    told.push(entry);
    const span: Span = {
      spanContext: () => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }),
      setAttribute: () => span,
      setAttributes: (more) => {
        entry.attributes = { ...entry.attributes, ...more };
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: () => {
        entry.isError = true;
        return span;
      },
      updateName: () => span,
      end: () => {
        entry.isEnded = true;
      },
      isRecording: () => true,
      recordException: () => undefined,
    };
    return span;
  };
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: spanOf,
      startActiveSpan: ((name: string, ...rest: unknown[]) => {
        const work = rest.at(-1) as (span: Span) => unknown;
        const options = typeof rest[0] === 'object' ? (rest[0] as SpanOptions) : {};
        const span = spanOf(name, options);
        const active: Context = trace.setSpan(context.active(), span);
        return context.with(active, () => work(span));
      }) as never,
    }),
  });
  return told;
}

test('requests and jobs are told as spans by pattern and number, without anything that was sent', async () => {
  const told = collectSpans();
  const bureau = await startTestBureau();
  const services = [await bureau.addService('Harbour Chat')];
  const ledger = new Ledger();
  const senders = sendersOf(services, () => bureau.url, ledger, 1);
  for (let index = 0; index < 8; index += 1) await sendReport({ seed: 2, ledger, senders }, index);
  for (const sender of senders) sender.close();
  await fetch(`${bureau.url}/v1/reports/1000001`);
  await bureau.drain();
  trace.disable();
  const opened = told.find(
    ({ name, attributes }) => name === 'POST /v1/reports' && attributes['http.response.status_code'] === 201,
  );
  assert.ok(opened !== undefined, told.map(({ name }) => name).join(', '));
  assert.equal(opened.attributes['http.route'], '/v1/reports');
  assert.ok(told.some(({ attributes }) => attributes['http.response.status_code'] === 401));
  assert.ok(
    told.some(
      ({ name, attributes }) => name === 'job assess-report' && attributes['firstlight.attempt'] === 1,
    ),
  );
  assert.ok(told.every(({ isEnded }) => isEnded));
  const said = JSON.stringify(told);
  for (const { reportId } of ledger.reports) assert.ok(!said.includes(`${reportId}`), 'a report is named');
  for (const { username } of services) assert.ok(!said.includes(username), 'a service is named');
});
