import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Role, SignInLinkReply } from '#contract/administration';
import type { Proposal } from '#contract/control';
import { agreeing, type ConsentFacts, stillNeeded } from '../../src/access/control/consent.ts';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

/** Nobody makes up the second person: accounts that one person made, or has a way into, count as one. */
let bureau: TestBureau;
const everything: readonly Role[] = ['administrator', 'supervisor', 'auditor'];
const dayMs = 86_400_000;

before(async () => {
  bureau = await startTestBureau({ signIn: { sessionMinutes: 60 * 24 * 60, idleMinutes: 60 * 24 * 60 } });
});

let people = 0;
function called(name: string): string {
  people += 1;
  return `${name} ${people}`;
}
const older = async (name: string) => await bureau.signIn(called(name), everything);

async function signInBy(id: string, signInLink: string): Promise<Staff> {
  const reply = await fetch(`${bureau.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: signInLink.split('#')[1] }),
  });
  assert.equal(reply.status, 201);
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    id,
    cookie,
    ask: async (method, path, body) => {
      const answer = await fetch(`${bureau.url}${path}`, {
        method,
        headers: { cookie, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
  };
}

/** Somebody whom `maker` added, and whose link `maker` opened. */
async function madeBy(maker: Pick<Staff, 'ask'>, name: string): Promise<Staff> {
  const body = { name: called(name), roles: everything };
  const made = await maker.ask('POST', '/v1/desk/staff', body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const link = made.body as SignInLinkReply;
  return await signInBy(link.id, link.signInLink);
}

async function letInBy(administrator: Staff, person: Staff): Promise<Staff> {
  const link = (await administrator.ask('POST', `/v1/desk/staff/${person.id}/link`)).body as SignInLinkReply;
  return await signInBy(link.id, link.signInLink);
}

const machine: Pick<Staff, 'ask'> = {
  ask: async (method, path, body) => {
    const reply = await fetch(`${bureau.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bureau.machineToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: await reply.json() };
  },
};

async function propose(by: Pick<Staff, 'ask'>, deed = 'bulk-export', input: object = { what: 'audit' }) {
  const made = await by.ask('POST', '/v1/desk/proposals', { deed, input, reason: 'a test' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body as Proposal;
}

async function approve(by: Staff, proposal: Proposal) {
  const { id, digest } = proposal;
  const { status, body } = await by.ask('POST', `/v1/desk/proposals/${id}/approval`, { digest });
  const { code, state, title } = body as { code?: string; state?: string; title?: string };
  return { status, code: code ?? state, title };
}

async function end(by: Pick<Staff, 'ask'>, proposal: Proposal): Promise<void> {
  const { status } = await by.ask('POST', `/v1/desk/proposals/${proposal.id}/withdrawal`);
  assert.equal(status, 200);
}

const refused = async (by: Staff, proposal: Proposal) =>
  assert.equal((await approve(by, proposal)).code, 'control.not-independent');

describe('an approval is not counted', () => {
  test('of an account that the asker made, and the refusal says what to do', async () => {
    const [ada, bo] = [await older('Ada'), await older('Bo')];
    const puppet = await madeBy(ada, 'Puppet');
    const proposal = await propose(ada);
    const said = await approve(puppet, proposal);
    assert.deepEqual([said.status, said.code], [403, 'control.not-independent']);
    assert.match(said.title ?? '', /seven days.*(colleague|wait)/s);
    const { body } = await ada.ask('GET', `/v1/desk/proposals/${proposal.id}`);
    assert.equal((body as Proposal).needed, 1);
    assert.deepEqual((body as Proposal).votes, []);
    assert.equal((await approve(bo, proposal)).code, 'done', 'a real colleague is another person');
  });

  test('of the maker, when the account that was made asks', async () => {
    const ada = await older('Ada');
    const puppet = await madeBy(ada, 'Puppet');
    const proposal = await propose(puppet);
    await refused(ada, proposal);
    await end(puppet, proposal);
  });

  test('of a colleague whom the asker gave a link', async () => {
    const [ada, bo] = [await older('Ada'), await older('Bo')];
    const asBo = await letInBy(ada, bo);
    const proposal = await propose(ada);
    await refused(asBo, proposal);
    await end(ada, proposal);
  });

  test('of an account that a made-up account made', async () => {
    const ada = await older('Ada');
    const puppet = await madeBy(ada, 'Puppet');
    const puppetOfPuppet = await madeBy(puppet, 'Puppet');
    const proposal = await propose(ada);
    await refused(puppetOfPuppet, proposal);
    await end(ada, proposal);
  });

  test('of a second account of one maker, who keeps in the background', async () => {
    const ada = await older('Ada');
    const [one, two] = [await madeBy(ada, 'Puppet'), await madeBy(ada, 'Puppet')];
    const proposal = await propose(one);
    await refused(two, proposal);
    await end(one, proposal);
    const asked = await propose(machine, 'rotate-keys', {});
    assert.equal((await approve(one, asked)).status, 200);
    await refused(two, asked);
    await end(machine, asked);
  });

  test('for seven days, and then it is', async () => {
    const ada = await older('Ada');
    const puppet = await madeBy(ada, 'Puppet');
    bureau.clock.advance(7 * dayMs - 1);
    const early = await propose(ada);
    await refused(puppet, early);
    await end(ada, early);
    bureau.clock.advance(1);
    assert.equal((await approve(puppet, await propose(ada))).code, 'done');
  });
});

test('two whom the machine’s administrator added count as two: so a new bureau begins', async () => {
  const [one, two] = [await madeBy(machine, 'First'), await madeBy(machine, 'Second')];
  assert.equal((await approve(two, await propose(one))).code, 'done');
});

test('whoever asks where nobody independent is there is told at once', async () => {
  const small = await startTestBureau();
  const only = await small.signIn('Ada Alone', everything);
  const added = await only.ask('POST', '/v1/desk/staff', { name: 'Puppet', roles: everything });
  assert.equal(added.status, 201);
  const request = { deed: 'bulk-export', input: { what: 'audit' }, reason: 'alone' };
  const { status, body } = await only.ask('POST', '/v1/desk/proposals', request);
  assert.deepEqual([status, (body as { code: string }).code], [409, 'control.too-few-independent']);
  await small.stop();
});

describe('whoever made whom', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const person = fc.constantFrom(...names);
  const origins = fc
    .array(fc.tuple(person, person), { maxLength: 6 })
    .map((pairs) => new Map(names.map((one) => [one, makersOf(one, pairs)])));

  /** Everybody from whom a way into `account` came, over however many hands. */
  function makersOf(account: string, pairs: readonly (readonly [string, string])[]): Set<string> {
    const found = new Set<string>([account]);
    for (const _ of names) for (const [maker, made] of pairs) if (found.has(made)) found.add(maker);
    return found;
  }

  const facts = fc.record({
    people: fc.constantFrom(2, 3),
    askedBy: fc.record({ kind: fc.constantFrom('staff' as const, 'system' as const), id: person }),
    digest: fc.constant('right'),
    approvals: fc.array(fc.record({ staffId: person, digest: fc.constant('right') }), { maxLength: 5 }),
    origins,
  });
  const all = new Set(names);

  test('no two of those who count have a maker in common, and nobody fewer lets a deed run', () => {
    fc.assert(
      fc.property(facts, (one: ConsentFacts) => {
        const agreed = [...agreeing(one, all)];
        for (const [index, x] of agreed.entries())
          for (const y of agreed.slice(index + 1)) {
            const [ofX, ofY] = [one.origins.get(x), one.origins.get(y)];
            assert.ok(ofX !== undefined && ofY !== undefined && ![...ofX].some((id) => ofY.has(id)));
          }
        if (stillNeeded(one, all) === 0) assert.ok(agreed.length >= one.people);
      }),
    );
  });

  test('one more vote never needs more people, and ties never need fewer', () => {
    fc.assert(
      fc.property(facts, person, (one, staffId) => {
        const more = { ...one, approvals: [...one.approvals, { staffId, digest: 'right' }] };
        assert.ok(stillNeeded(more, all) <= stillNeeded(one, all));
        const turned = { ...one, approvals: one.approvals.toReversed() };
        assert.equal(stillNeeded(turned, all), stillNeeded(one, all));
        assert.ok(stillNeeded({ ...one, origins: new Map() }, all) <= stillNeeded(one, all));
      }),
    );
  });
});
