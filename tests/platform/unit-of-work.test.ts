import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testCtx, testDatabase } from '../harness/database.ts';

describe('a unit of work', () => {
  it('commits', async () => {
    const db = await testDatabase();
    const t = testCtx(db);
    await t.run(async (ctx) => {
      ctx.tx.record({ name: 'a.b', subject: '1' });
      await ctx.tx.db
        .insertInto('platform.bureau')
        .values({ name: 'x', is_demonstration: false, created_at: ctx.now })
        .execute();
    });
    assert.deepEqual(t.events, [{ name: 'a.b', subject: '1' }]);
    assert.equal((await db.kysely.selectFrom('platform.bureau').selectAll().execute()).length, 1);
  });
});
