import { newId } from '../../ids';
import { subjectText, ticketKey } from './subject';

const tenant = newId();
const connection = newId();
const owner = newId();

describe('the key of a ticket', () => {
  const subject = subjectText({
    ...{ one_for: 'owner-and-check', owner_id: owner, check_id: 'unused-role', finding_id: null, account_id: null },
  });

  it('is the same for all time, in 40 hexadecimal digits', () => {
    expect(subject).toBe(`owner-and-check ${owner} unused-role`);
    expect(ticketKey(tenant, connection, subject)).toMatch(/^[0-9a-f]{40}$/);
    expect(ticketKey(tenant, connection, subject)).toBe(ticketKey(tenant, connection, subject, 1));
    // Released: a ticket that was opened with it must be found by it.
    expect(ticketKey('t', 'c', 'finding f')).toBe('36e1cfe38f20c82fbe6e9349ca39b5f77e98c960');
  });

  it('differs by tenant, connection, subject and generation', () => {
    const keys = [
      ticketKey(tenant, connection, subject),
      ticketKey(newId(), connection, subject),
      ticketKey(tenant, newId(), subject),
      ticketKey(tenant, connection, `${subject}x`),
      ticketKey(tenant, connection, subject, 2),
      ticketKey(tenant, connection, subject, 3),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('tells nobody’s findings from an owner’s, and one kind of subject from another', () => {
    const nobody = { owner_id: null, check_id: 'unused-role', finding_id: null, account_id: null };
    expect(subjectText({ ...nobody, one_for: 'owner-and-check' })).toBe('owner-and-check nobody unused-role');
    expect(subjectText({ ...nobody, one_for: 'finding', finding_id: owner })).not.toBe(
      subjectText({ ...nobody, one_for: 'account', account_id: owner }),
    );
  });
});
