import type { InventoryUser } from '../scans/inventory';
import { judgeAccount } from './judge';
import { lookupsNeeded } from './lookups';
import { defaultPolicy, parsePolicy } from './policy';
import { compilePolicy } from './sparing';
import { aKey, aRoot, aUser, AT, credentials, used, userToJudge } from './test-subjects';

const needed = (users: InventoryUser[], policy = defaultPolicy) =>
  lookupsNeeded(
    judgeAccount(
      users.map((user) => userToJudge(user)),
      compilePolicy(policy),
      AT,
    ),
  );
const notAsked: InventoryUser['otherCredentials'] = { state: 'unknown', reason: 'Not asked yet.' };
const nameless = (changes: Parameters<typeof aKey>[0] = {}) => aKey({ accessKeyId: null, ...changes });
const alice = { ref: 'alice', userName: 'alice' };

test('a user with flagged keys of unknown id is asked for once, by the user’s reference', () => {
  const user = aUser({ credentials: credentials({ accessKeys: [nameless(), nameless({ slot: 2 })] }) });
  expect(needed([user])).toEqual({ keyIds: [alice], otherCredentials: [] });
});

test('known ids and unflagged keys are not asked for', () => {
  const young = nameless({ slot: 2, createdAt: AT, lastUsed: used(0) });
  expect(needed([aUser({ credentials: credentials({ accessKeys: [aKey(), young] }) })]).keyIds).toEqual([]);
});

test('the root user’s keys cannot be listed, so they are not asked for', () => {
  expect(needed([aRoot({ credentials: credentials({ accessKeys: [nameless()] }) })]).keyIds).toEqual([]);
});

test('other credentials are asked for only for users about to be flagged', () => {
  const inUse = credentials({ accessKeys: [aKey({ lastUsed: used(1) })] });
  expect(needed([aUser({ otherCredentials: notAsked })]).otherCredentials).toEqual([alice]);
  expect(needed([aUser({ otherCredentials: notAsked, credentials: inUse })]).otherCredentials).toEqual([]);
  expect(needed([aUser()]).otherCredentials).toEqual([]);
  const unreadable = aUser({ otherCredentials: notAsked, credentials: { state: 'unknown', reason: 'Denied.' } });
  expect(needed([unreadable]).otherCredentials).toEqual([]);
});

test('nothing is asked for spared users', () => {
  const spared = parsePolicy({ exclusions: { users: ['/alice'] } });
  const user = aUser({ otherCredentials: notAsked, credentials: credentials({ accessKeys: [nameless()] }) });
  expect(needed([user], spared)).toEqual({ keyIds: [], otherCredentials: [] });
  expect(needed([user])).toEqual({ keyIds: [alice], otherCredentials: [alice] });
});
