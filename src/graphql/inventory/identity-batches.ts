import { Injectable } from '@nestjs/common';
import type { Reader } from '../../paging';
import type { IdentityRow } from '../../scans/identity';
import { IdentityQueries } from '../../scans/identity-queries';
import { groupBy } from '../core/group-by';
import type { Batch } from '../core/request-context';
import type { Tag } from '../core/tag.type';
import { type Identity, identityFrom } from './identity.type';

@Injectable()
export class IdentityById implements Batch<string, Identity | null> {
  constructor(private readonly identities: IdentityQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Identity | null)[]> {
    const rows = new Map((await this.identities.byIds(reader, ids)).map((row) => [row.id, identityFrom(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

/** The password and keys of each user. */
@Injectable()
export class CredentialsOfUser implements Batch<string, IdentityRow[]> {
  constructor(private readonly identities: IdentityQueries) {}

  async load(reader: Reader, userIds: readonly string[]): Promise<IdentityRow[][]> {
    const byOwner = groupBy(await this.identities.credentialsOf(reader, userIds), (row) => row.owner_id);
    return userIds.map((id) => byOwner.get(id) ?? []);
  }
}

@Injectable()
export class TagsOfIdentity implements Batch<string, Tag[]> {
  constructor(private readonly identities: IdentityQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<Tag[][]> {
    const byIdentity = groupBy(await this.identities.tagsOf(reader, ids), (row) => row.identity_id);
    return ids.map((id) => (byIdentity.get(id) ?? []).map(({ key, value }) => ({ key, value })));
  }
}
