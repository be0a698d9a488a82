import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { notFound } from '../../errors';
import { countOf, fetchPage, type Listing, ofTenant, type Page, type PageArgs, type Reader, run } from '../../paging';
import type { InvitationRow, PersonRow } from '../../tenancy/people/person';

const PERSON = sql`p.tenant_id, p.id, p.issuer, p.subject, p.name, p.email, p.role, p.role_expires_at, p.mapped_role,
  p.first_seen_at, p.last_seen_at, p.ended_at`;
const INVITATION = sql`i.tenant_id, i.id, i.role, i.role_days, i.email, i.created_by_name, i.created_at, i.expires_at,
  i.revoked_at, i.accepted_at, i.accepted_by`;

/** Reading people and invitations. */
@Injectable()
export class PeopleQueries {
  page(reader: Reader, args: PageArgs): Promise<Page<PersonRow>> {
    return fetchPage(reader.manager, people(reader), args);
  }

  count(reader: Reader): Promise<number> {
    return countOf(reader.manager, people(reader));
  }

  /** @throws NOT_FOUND */
  async person(reader: Reader, id: string): Promise<PersonRow> {
    const [row] = await run<PersonRow>(
      reader.manager,
      sql`SELECT ${PERSON} FROM people p WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.id = ${id}`,
    );
    if (!row) throw notFound('The person');
    return row;
  }

  invitations(reader: Reader, args: PageArgs): Promise<Page<InvitationRow>> {
    return fetchPage(reader.manager, invitations(reader), args);
  }

  countInvitations(reader: Reader): Promise<number> {
    return countOf(reader.manager, invitations(reader));
  }

  /** @throws NOT_FOUND */
  async invitation(reader: Reader, id: string): Promise<InvitationRow> {
    const [row] = await run<InvitationRow>(
      reader.manager,
      sql`SELECT ${INVITATION} FROM invitations i WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.id = ${id}`,
    );
    if (!row) throw notFound('The invitation');
    return row;
  }
}

const people = (reader: Reader): Listing => ({
  select: PERSON,
  from: sql`people p`,
  where: [ofTenant(reader, 'p.tenant_id')],
  sort: [
    { by: sql`lower(p.name)`, type: 'text', descending: false },
    { by: sql`p.id`, type: 'uuid', descending: false },
  ],
});

const invitations = (reader: Reader): Listing => ({
  select: INVITATION,
  from: sql`invitations i`,
  where: [ofTenant(reader, 'i.tenant_id')],
  sort: [
    { by: sql`i.created_at`, type: 'timestamptz', descending: true },
    { by: sql`i.id`, type: 'uuid', descending: true },
  ],
});
