import { DomainError } from '../errors';
import type { Principal } from './principal';

/**
 * Throws FORBIDDEN unless whoever decides is known to be somebody else than those who have proposed or caused what is
 * decided. Of a token that no person made (the first one of all, or one from before makers were kept) nobody knows whose
 * hands it is in: such tokens are no second person, and what they propose is proposed by nobody.
 */
export function mustBeSecondPerson(by: Pick<Principal, 'standsFor'>, first: readonly string[]): void {
  if (first.includes(by.standsFor)) {
    throw new DomainError(
      'FORBIDDEN',
      'This needs a second person: you, or a token of yours, proposed it, or changed what it reaches since it was agreed to. Ask somebody else with the role ADMIN or APPROVER.',
    );
  }
  if (isOfNobody(by.standsFor)) {
    throw new DomainError(
      'FORBIDDEN',
      'This needs a second person, and nobody knows who is behind your token, since no person made it. Sign in, or use a token that a person has made.',
    );
  }
  if (first.some(isOfNobody)) {
    throw new DomainError(
      'FORBIDDEN',
      'This was proposed or caused with a token that no person made, so nobody can tell whether you are somebody else. Refuse it, and have it proposed anew by somebody who has signed in or by a token of theirs.',
    );
  }
}

const isOfNobody = (standsFor: string): boolean => standsFor.startsWith('token ');
